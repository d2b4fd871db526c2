"""What people do about alerts, one by one or all of a group."""

from datetime import datetime, timedelta

import pytest

from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertCommand,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertUnacknowledge,
)
from tests.office import START, Office
from tests.unit.alerting.saying import (
    COMPLAINT,
    OUTAGE,
    Said,
    acknowledges,
    alert,
    cannot_reach,
    ends,
    fires,
    grouping,
    of,
    office,
    told,
)

FIRST, NEW, ALL = "first notification", "new alerts added", "all alerts resolved"
LATE = "escalated: not acknowledged in time"
MINUTE, MS = timedelta(minutes=1), timedelta(milliseconds=1)


def about(subject: str, command: AlertCommand) -> Said:
    return subject, command


def one(command: AlertCommand, fingerprint: str | None = None) -> Said:
    return f"alert/{fingerprint or of()}", command


def snoozes(until: datetime) -> Said:
    return one(AlertSnooze(by="dana", until=until))


def two_in_a_group() -> tuple[Office, str]:
    """Two invoices in one group, told, and the group."""
    it = office(route=grouping("alertname")).receives(fires(subject="vendor/a"), fires(subject="vendor/b"))
    return it, it.at(START + MINUTE).notices()[0].group


A, B = of(subject="vendor/a"), of(subject="vendor/b")


# Acknowledging


def test_a_group_climbs_until_all_that_fires_in_it_is_taken() -> None:
    it, _ = two_in_a_group()
    it.receives(acknowledges(A)).at(START + 16 * MINUTE)
    assert told(it)[1:] == [("manager", LATE)]
    assert it.notices()[-1].fingerprints == (B,), "what nobody has taken"
    assert len(told(it.receives(acknowledges(B)).at(START + timedelta(hours=3)))) == 2


def test_taking_a_group_takes_all_that_fires_in_it() -> None:
    it, group = two_in_a_group()
    it.receives(about(f"group/{group}", AlertAcknowledge(by="dana"))).at(START + timedelta(hours=3))
    assert {a.acknowledged_by for a in it.alerts().values()} == {"dana"}
    assert len(told(it)) == 1


def test_a_new_alert_in_a_group_that_was_taken_climbs_from_the_bottom() -> None:
    it, group = two_in_a_group()
    it.at(START + 20 * MINUTE).receives(about(f"group/{group}", AlertAcknowledge(by="dana")))
    it.at(START + 31 * MINUTE).receives(fires(subject="vendor/c")).at(START + timedelta(hours=1))
    assert told(it)[1:] == [("manager", LATE), ("clerk", NEW), ("manager", LATE)]


def test_an_acknowledgement_lapses_and_the_alert_climbs_again() -> None:
    it = office().receives(fires(), one(AlertAcknowledge(by="dana", until=START + timedelta(hours=1))))
    assert alert(it).acknowledged_until == START + timedelta(hours=1)
    it.at(START + timedelta(hours=1, minutes=15))
    assert (told(it), alert(it).acknowledged_by) == ([("clerk", FIRST)], None)
    assert told(it.at(START + timedelta(hours=1, minutes=15) + MS))[1:] == [("manager", LATE)]


def test_an_acknowledgement_that_is_taken_over_lapses_when_the_last_one_says() -> None:
    it = office().receives(fires(), one(AlertAcknowledge(by="dana", until=START + MINUTE)), acknowledges(by="noor"))
    assert alert(it.at(START + timedelta(days=1))).acknowledged_by == "noor"


def test_one_that_has_lapsed_before_it_comes_is_none() -> None:
    it = office().receives(fires(), one(AlertAcknowledge(by="dana", until=START)))
    assert alert(it).acknowledged_by is None


def test_given_back_it_climbs_from_the_bottom() -> None:
    it = office().receives(fires()).at(START + 16 * MINUTE).receives(acknowledges())
    it.at(START + timedelta(hours=5)).receives(one(AlertUnacknowledge(by="dana", note="I am ill")))
    assert (alert(it).acknowledged_by, alert(it).escalation_step) == (None, 1)
    it.at(START + timedelta(hours=5, minutes=16))
    assert told(it) == [("clerk", FIRST), ("manager", LATE), ("manager", LATE)]
    assert alert(it).notes[0].text == "I am ill"


# Assigning


def test_who_is_assigned_is_told_and_so_that_it_is_over() -> None:
    it, _ = two_in_a_group()
    it.receives(one(AlertAssign(by="dana", to=("security", "clerk")), A))
    assert told(it)[1:] == [("security", "assigned"), ("clerk", "assigned")]
    assert it.notices()[-1].fingerprints == (A,)
    assert alert(it, A).assigned_to == ("security", "clerk")
    it.receives(ends(subject="vendor/a")).at(START + 6 * MINUTE)
    assert told(it)[3:] == [("security", "alert resolved"), ("clerk", "some alerts resolved")]


def test_assigned_anew_it_is_the_others_business() -> None:
    it = office().receives(fires(), one(AlertAssign(by="dana", to=("security",))))
    it.receives(one(AlertAssign(by="dana", to=("executive",))), one(AlertAssign(by="noor", to=())))
    assert (alert(it).assigned_to, told(it)[1:]) == ((), [("security", "assigned"), ("executive", "assigned")])


def test_a_group_that_is_assigned_is_told_in_one_notice() -> None:
    it, group = two_in_a_group()
    it.receives(about(f"group/{group}", AlertAssign(by="dana", to=("security",), note="yours")))
    assert it.notices()[-1].fingerprints == (A, B)
    assert [a.notes[0].text for a in it.alerts().values()] == ["yours", "yours"]


def test_who_cannot_be_reached_about_an_assignment_moves_no_escalation() -> None:
    it = office().receives(fires(), one(AlertAssign(by="dana", to=("security",))), cannot_reach("security"))
    assert (len(told(it)), alert(it).delivery_failed) == (2, ("security",))


# Snoozing


def test_while_it_is_snoozed_nobody_is_told_and_nothing_climbs() -> None:
    it = office().receives(fires(), snoozes(START + timedelta(hours=4)), fires(severity="critical"))
    assert told(it.at(START + timedelta(hours=4))) == [("clerk", FIRST)]
    assert alert(it).snoozed_until == START + timedelta(hours=4)


def test_when_it_wakes_its_receivers_are_told_anew_and_its_clock_starts() -> None:
    it = office().receives(fires(), snoozes(START + timedelta(hours=4))).at(START + timedelta(hours=4) + MS)
    assert (told(it)[1:], alert(it).snoozed_until) == ([("clerk", FIRST)], None)
    it.at(START + timedelta(hours=4, minutes=16))
    assert told(it)[2:] == [("manager", LATE)]


def test_it_can_be_woken_before() -> None:
    it = office().receives(fires(), snoozes(START + timedelta(hours=4))).at(START + MINUTE).receives(snoozes(START))
    assert (len(told(it)), alert(it).snoozed_until) == (2, None)


def test_one_that_ends_while_it_is_snoozed_is_over_without_a_word() -> None:
    it = office().receives(fires(), snoozes(START + timedelta(hours=4)), ends()).at(START + timedelta(days=1))
    assert (told(it), alert(it).snoozed_until) == ([("clerk", FIRST)], None)


def test_the_others_of_its_group_are_told_on() -> None:
    it, _ = two_in_a_group()
    it.receives(one(AlertSnooze(by="dana", until=START + timedelta(hours=2)), A)).receives(fires(subject="vendor/c"))
    assert it.at(START + 6 * MINUTE).notices()[-1].fingerprints == (B, of(subject="vendor/c"))
    back = it.at(START + timedelta(hours=2, minutes=6)).notices()[-1]
    assert (back.reason, A in back.fingerprints) == (NEW, True)


# Merging


def test_one_that_is_merged_into_another_is_silent_while_that_fires() -> None:
    it = office().receives(
        fires(*OUTAGE), fires(*COMPLAINT), one(AlertMerge(by="dana", into=of(*OUTAGE)), of(*COMPLAINT))
    )
    merged = alert(it, of(*COMPLAINT))
    assert (merged.merged_into, merged.suppressed_by) == (of(*OUTAGE), (of(*OUTAGE),))
    it.at(START + 20 * MINUTE)
    assert [n.fingerprints for n in it.notices()[2:]] == [(of(*OUTAGE),)], "only that one climbs"
    it.receives(ends(*OUTAGE))
    assert it.notices()[-1].reason == "no longer suppressed"


def test_by_itself_again() -> None:
    into = one(AlertMerge(by="dana", into=of(*OUTAGE)), of(*COMPLAINT))
    it = office().receives(fires(*OUTAGE), fires(*COMPLAINT), into)
    it.receives(one(AlertMerge(by="dana", into=None), of(*COMPLAINT)))
    assert (alert(it, of(*COMPLAINT)).merged_into, alert(it, of(*COMPLAINT)).suppressed) == (None, False)
    assert not it.state("office").links


@pytest.mark.parametrize("into", [of(), "0" * 16])
def test_merged_into_itself_or_into_nothing_it_is_told(into: str) -> None:
    it = office().receives(fires(), one(AlertMerge(by="dana", into=into))).at(START + 20 * MINUTE)
    assert told(it) == [("clerk", FIRST), ("manager", LATE)]


# Notes, resolving, and what is not there


def test_the_last_twenty_notes_are_kept() -> None:
    it = office().receives(fires(), *(one(AlertNote(by="dana", note=f"n{n}")) for n in range(25)))
    assert [note.text for note in alert(it).notes] == [f"n{n}" for n in range(5, 25)]
    assert alert(it).notes[-1].at == START


def test_a_whole_group_is_resolved_by_hand() -> None:
    it, group = two_in_a_group()
    it.receives(about(f"group/{group}", AlertResolve(by="dana", note="a test"))).at(START + 6 * MINUTE)
    assert {a.status for a in it.alerts().values()} == {"resolved"}
    assert told(it)[1:] == [("clerk", ALL)]
    assert it.receives(fires(subject="vendor/a", summary="again")).alerts()[A].status == "resolved"


@pytest.mark.parametrize(
    "command",
    [
        AlertAcknowledge(by="dana"),
        AlertUnacknowledge(by="dana"),
        AlertAssign(by="dana", to=("clerk",)),
        AlertSnooze(by="dana", until=START + MINUTE),
        AlertMerge(by="dana", into=of()),
        AlertNote(by="dana", note="x"),
        AlertResolve(by="dana"),
    ],
    ids=lambda command: command.type,
)
@pytest.mark.parametrize("subject", ["alert/" + "0" * 16, "group/" + "0" * 16, f"alert/{of()}"])
def test_about_what_is_not_there_or_over_nothing_is_done(command: AlertCommand, subject: str) -> None:
    it = office().receives(fires(), ends())
    before = {topic: len(records) for topic, records in it.records.items() if topic != "alerting"}
    it.receives(about(subject, command)).at(START + timedelta(days=1))
    assert {topic: len(records) for topic, records in it.records.items() if topic != "alerting"} == before


def test_a_notice_says_who_has_taken_all_that_fire_and_nobody_while_one_is_left() -> None:
    every = [fires(subject=f"vendor/{name}") for name in "abc"]
    it = office(route=grouping("department")).receives(*every).passes("2026-01-05T08:01")
    it.receives(acknowledges(A, by="dana"), ends(subject="vendor/c")).passes("2026-01-05T08:06")
    assert [n.acknowledged_by for n in it.notices()] == [None, None], "b is nobody's"
    it.receives(acknowledges(B, by="kim"), every[2]).passes("2026-01-05T08:11")
    it.receives(ends(subject="vendor/c")).passes("2026-01-05T08:16")
    assert [n.acknowledged_by for n in it.notices()[2:]] == [None, "dana, kim"]
    it.receives(ends(subject="vendor/a"), ends(subject="vendor/b")).passes("2026-01-05T08:21")
    assert {(n.status, n.acknowledged_by) for n in it.notices()[4:]} == {("resolved", None)}

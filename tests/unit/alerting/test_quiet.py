"""What keeps notices from being sent: silences, inhibition, times of the week."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from processors.alerting.inhibition import inhibited_by
from processors.alerting.settings import InhibitRule
from processors.alerting.silences import silenced_by
from schemas.alerts import Silence, SilenceMatcher
from schemas.commands import SilenceExpire, SilenceSet
from tests.office import START, Office
from tests.unit.alerting.saying import COMPLAINT, OUTAGE, Said, alert, ends, fires, grouping, of, office, told

FIRST, NEW, ALL = "first notification", "new alerts added", "all alerts resolved"
MINUTE, MS = timedelta(minutes=1), timedelta(milliseconds=1)


def silences(
    name: str = "maintenance",
    since: timedelta = timedelta(0),
    until: timedelta = timedelta(hours=2),
    **labels: str,
) -> Said:
    matchers = tuple(SilenceMatcher(name=n, value=v) for n, v in (labels or {"alertname": OUTAGE[0]}).items())
    command = SilenceSet(
        by="dana", silence=name, matchers=matchers, starts_at=START + since, ends_at=START + until, comment="planned"
    )
    return f"silence/{name}", command


def expires(name: str = "maintenance") -> Said:
    return f"silence/{name}", SilenceExpire(by="noor", silence=name)


def last(it: Office) -> Silence:
    found = it.said(Silence)[-1]
    assert isinstance(found, Silence)
    return found


def reasons(it: Office) -> list[str]:
    return [reason for _, reason in told(it)]


# Silences


def test_a_silenced_alert_tells_nobody_and_does_not_climb() -> None:
    it = office().receives(silences(), fires(*OUTAGE)).at(START + timedelta(hours=2))
    assert (told(it), alert(it, of(*OUTAGE)).status) == ([], "firing")


def test_once_the_silence_is_over_it_is_told_and_its_clock_starts() -> None:
    it = office().receives(silences(), fires(*OUTAGE)).at(START + timedelta(hours=2, minutes=1))
    assert told(it.at(START + timedelta(hours=2, minutes=1) + MS)) == [("clerk", FIRST)]
    told_at = it.notices()[0].about.time
    assert len(told(it.at(told_at + 15 * MINUTE))) == 1
    assert told(it.at(told_at + 15 * MINUTE + MS))[1:] == [("manager", "escalated: not acknowledged in time")]


@pytest.mark.parametrize(
    ("since", "until", "heard"),
    [
        (timedelta(0), timedelta(hours=1), False),
        (MS, timedelta(hours=1), True),  # it begins a moment later
        (-timedelta(hours=1), timedelta(0), True),  # it has just ended
        (-timedelta(hours=1), MS, False),
    ],
)
def test_a_silence_holds_from_its_beginning_until_before_its_end(
    since: timedelta, until: timedelta, heard: bool
) -> None:
    it = office().receives(silences(since=since, until=until), fires(*OUTAGE))
    assert bool(told(it)) is heard


def test_only_what_matches_all_of_it_is_silent() -> None:
    it = office().receives(silences(alertname=OUTAGE[0], subject="service/mail"), fires(*OUTAGE))
    assert told(it) == [("clerk", FIRST)]


def test_what_was_told_before_and_ends_in_silence_is_not_told_as_over() -> None:
    it = office().receives(fires(*OUTAGE), silences(), ends(*OUTAGE)).at(START + timedelta(hours=3))
    assert reasons(it) == [FIRST]


def test_who_was_never_told_that_it_ended_is_not_told_that_it_began_again() -> None:
    it = office().receives(fires(*OUTAGE), silences(until=MINUTE), ends(*OUTAGE)).at(START + 2 * MINUTE)
    it.receives(fires(*OUTAGE))
    assert reasons(it) == [FIRST], "for them it fires since then"
    assert reasons(it.receives(ends(*OUTAGE))) == [FIRST, ALL]


def test_a_climb_waits_while_it_is_silenced() -> None:
    it = office().receives(fires(*OUTAGE)).at(START + 10 * MINUTE).receives(silences(until=timedelta(minutes=20)))
    assert len(told(it.at(START + 30 * MINUTE))) == 1, "the step at a quarter past waits a quarter of an hour more"
    assert told(it.at(START + 30 * MINUTE + MS))[1:] == [("manager", "escalated: not acknowledged in time")]


def test_expired_by_hand_it_ends_now_and_one_that_has_not_begun_never_does() -> None:
    it = office().receives(silences(), fires(*OUTAGE)).at(START + 5 * MINUTE).receives(expires())
    assert last(it).ends_at == START + 5 * MINUTE
    assert told(it.at(START + 7 * MINUTE)) == [("clerk", FIRST)]
    it.receives(silences("later", since=timedelta(hours=1)), expires("later"))
    assert last(it).starts_at == last(it).ends_at == START + 7 * MINUTE


def test_a_silence_that_is_set_again_is_another_one_under_the_same_name() -> None:
    it = office().receives(silences(until=timedelta(hours=9)), silences(until=10 * MINUTE), fires(*OUTAGE))
    assert told(it.at(START + 12 * MINUTE)) == [("clerk", FIRST)]


def test_its_record_says_who_made_it_and_why_and_ceases_some_days_after_its_end() -> None:
    it = office().receives(silences())
    said = last(it)
    assert (said.silence, said.created_by, said.comment, said.updated_at) == ("maintenance", "dana", "planned", START)
    assert said.matchers == (SilenceMatcher(name="alertname", value=OUTAGE[0]),)
    forgotten = START + timedelta(days=5, hours=2)
    assert it.at(forgotten).records["alerts"][-1].value is not None
    gone = it.at(forgotten + MS).records["alerts"][-1]
    assert (gone.key, gone.value) == (b"silence/maintenance", None)
    assert not it.state("office").silences


def bad(**changes: Any) -> Said:
    subject, command = silences()
    return subject, command.model_copy(update=changes)


@pytest.mark.parametrize(
    "said",
    [
        bad(ends_at=START),
        bad(matchers=(SilenceMatcher(name="alertname", value="a(", is_regex=True),)),
        bad(matchers=(SilenceMatcher(name="alertname", value=".*", is_regex=True),)),
    ],
    ids=["ends before it begins", "no expression", "would match everything"],
)
def test_a_silence_that_makes_no_sense_is_refused(said: Said) -> None:
    it = office().receives(said, expires())
    assert (len(it.dead_letters), it.said(Silence)) == (1, [])


def test_who_shows_alerts_asks_which_silences_hold() -> None:
    it = office().receives(silences(), silences("other", until=MINUTE), silences("no", alertname="x"))
    known = [said for said in it.said(Silence) if isinstance(said, Silence)]
    assert silenced_by(known, {"alertname": OUTAGE[0]}, START) == ("maintenance", "other")
    assert silenced_by(known, {"alertname": OUTAGE[0]}, START + MINUTE) == ("maintenance",)


# Inhibition

VPN_DOWN = {
    "source_matchers": ['alertname="it.outage"'],
    "target_matchers": ['alertname=~"it.slow|it.outage"'],
    "equal": ["site"],
}


def at(rule: str, site: str | None, name: str = "vpn") -> Said:
    return fires(rule, f"service/{name}", labels={"site": site} if site else {})


def inhibiting(**more: Any) -> Office:
    return office(inhibit_rules=[VPN_DOWN], **more)


def test_a_target_with_equal_labels_is_silent_while_a_source_fires() -> None:
    it = inhibiting().receives(at("it.outage", "north"), at("it.slow", "north"), at("it.slow", "south", "mail"))
    assert [n.alerts[0].labels["subject"] for n in it.notices()] == ["service/vpn", "service/mail"]
    it.receives(ends("it.outage", "service/vpn")).at(START + 2 * MINUTE)
    assert [(n.reason, n.alerts[0].labels["alertname"]) for n in it.notices()[2:]] == [
        (ALL, "it.outage"),
        (FIRST, "it.slow"),
    ]


def test_a_label_that_is_missing_equals_an_empty_one() -> None:
    it = inhibiting().receives(at("it.outage", None), at("it.slow", None))
    assert len(told(it)) == 1


def test_one_that_matches_both_sides_is_inhibited_by_none_that_does() -> None:
    it = inhibiting().receives(at("it.outage", "north", "vpn"), at("it.outage", "north", "mail"))
    assert len(told(it)) == 2


def test_the_target_may_come_first_as_long_as_its_group_waits() -> None:
    it = inhibiting(route=grouping("alertname"), escalation_policies=[])
    it.receives(at("it.slow", "north")).at(START + timedelta(seconds=29)).receives(at("it.outage", "north"))
    assert [n.group_labels["alertname"] for n in it.at(START + 10 * MINUTE).notices()] == ["it.outage"]


def test_a_source_inhibits_by_its_labels_of_now() -> None:
    it = inhibiting().receives(at("it.outage", "north"), at("it.outage", "south"), at("it.slow", "north"))
    assert [n.alerts[0].labels["alertname"] for n in it.notices()] == ["it.outage", "it.slow"]


def test_rules_that_come_later_hold_for_what_fires_already() -> None:
    it = office(route=grouping("alertname"), escalation_policies=[]).receives(at("it.outage", "north"))
    later = {"route": grouping("alertname"), "receivers": [{"name": "clerk"}], "inhibit_rules": [VPN_DOWN]}
    it.told("alerting", {**later, "escalation_policies": []}).receives(at("it.slow", "north")).at(START + 9 * MINUTE)
    assert [n.group_labels["alertname"] for n in it.notices()] == ["it.outage"]


def test_who_shows_alerts_asks_which_of_them_inhibit() -> None:
    it = inhibiting().receives(at("it.outage", "north"), at("it.outage", "south", "mail"))
    rules = [InhibitRule.model_validate(VPN_DOWN)]
    slow: Mapping[str, str] = {"alertname": "it.slow", "site": "north"}
    assert inhibited_by(rules, [*it.alerts().values()], slow) == (of("it.outage", "service/vpn"),)
    assert inhibited_by(rules, [*it.alerts().values()], {**slow, "site": "west"}) == ()
    both = {"alertname": "it.outage", "site": "north"}
    assert inhibited_by(rules, [*it.alerts().values()], both) == ()


def test_asking_for_a_target_looks_at_no_other_labels_sources() -> None:
    it = inhibiting()
    for n in range(200):
        it.receives(at("it.outage", f"site-{n}", f"s{n}"))
    rows = len(it.state("office").sources)
    assert rows == 400, "one for each source, one for each set of equal labels"
    for n in range(200):
        it.receives(ends("it.outage", f"service/s{n}"))
    assert not it.state("office").sources


# Times of the week

NIGHT = {"name": "night", "time_intervals": [{"times": [{"start_time": "20:00", "end_time": "24:00"}]}]}
MORNING = {"name": "morning", "time_intervals": [{"times": [{"start_time": "08:00", "end_time": "12:00"}]}]}


def closing(**route: Any) -> Office:
    quiet = {"matchers": ['alertname="it.outage"'], **route}
    return office(route={"receiver": "clerk", "escalation": "up", "routes": [quiet]}, time_intervals=[NIGHT, MORNING])


@pytest.mark.parametrize("muted", [{"mute_time_intervals": ["night"]}, {"active_time_intervals": ["morning"]}])
def test_a_route_tells_nobody_at_the_wrong_time_and_all_that_fires_afterwards(muted: dict[str, Any]) -> None:
    it = closing(**muted).at("2026-01-05T20:00").receives(fires(*OUTAGE), fires(*COMPLAINT))
    assert [n.fingerprints for n in it.notices()] == [(of(*COMPLAINT),)]
    about = [n for n in it.at("2026-01-06T11:59").notices() if n.fingerprints == (of(*OUTAGE),)]
    opens = "2026-01-06T00:00" if "mute_time_intervals" in muted else "2026-01-06T08:00"
    assert about[0].about.time.isoformat().startswith(opens)
    assert [n.reason for n in about] == [FIRST, *["escalated: not acknowledged in time"] * 2]


def test_what_ends_at_the_wrong_time_is_not_told_as_over() -> None:
    it = closing(mute_time_intervals=["night"]).at("2026-01-05T19:59").receives(fires(*OUTAGE))
    it.at("2026-01-05T21:00").receives(ends(*OUTAGE)).at("2026-01-06T09:00")
    assert reasons(it) == [FIRST]


def test_nobody_is_escalated_to_at_the_wrong_time() -> None:
    it = closing(mute_time_intervals=["night"]).at("2026-01-05T19:50").receives(fires(*OUTAGE))
    escalated = it.at("2026-01-06T01:00").notices()[1]
    assert escalated.reason == "escalated: not acknowledged in time"
    assert escalated.about.time.isoformat().startswith("2026-01-06T00:")

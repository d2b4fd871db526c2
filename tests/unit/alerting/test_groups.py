"""Alerts that one route tells together: when, why and of which, as Alertmanager does."""

from datetime import timedelta

import pytest

from schemas.alerts import Group
from schemas.notices import Notice
from tests.office import START, Office
from tests.unit.alerting.saying import (
    Said,
    acknowledges,
    alert,
    ends,
    fires,
    grouping,
    of,
    office,
    told,
)

FIRST, NEW, SOME, ALL, REPEAT = (
    "first notification",
    "new alerts added",
    "some alerts resolved",
    "all alerts resolved",
    "repeat interval elapsed",
)
MS = timedelta(milliseconds=1)
WAIT, INTERVAL, REPEATED = timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=4)


def invoice(vendor: str) -> Said:
    return fires(subject=f"vendor/{vendor}")


def paid(vendor: str) -> Said:
    return ends(subject=f"vendor/{vendor}")


def grouped(*by: str, **more: object) -> Office:
    return office(route=grouping(*by, **more), escalation_policies=[])


def reasons(it: Office) -> list[str]:
    return [reason for _, reason in told(it)]


def about(notice: Notice) -> list[tuple[str, str]]:
    return [(one.labels["subject"].removeprefix("vendor/"), one.status) for one in notice.alerts]


def groups(it: Office) -> dict[str, Group]:
    """The current record of each group; one that has ceased is not among them."""
    last = {output.key: output.value for output in it.records["alerts"]}
    found = {said.group: said for said in it.said(Group) if isinstance(said, Group)}
    return {group: said for group, said in found.items() if last[f"group/{group}".encode()] is not None}


# Its first notice


def test_the_first_notice_waits_for_more_alerts() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(seconds=20)).receives(invoice("globex"))
    assert told(it.at(START + WAIT)) == []
    (notice,) = it.at(START + WAIT + MS).notices()
    assert (notice.reason, about(notice)) == (FIRST, [("acme", "firing"), ("globex", "firing")])
    assert notice.about.time == START + WAIT


@pytest.mark.parametrize(("older", "at_once"), [(WAIT, False), (WAIT + MS, True)])
def test_an_alert_that_has_waited_longer_elsewhere_waits_no_more(older: timedelta, at_once: bool) -> None:
    it = grouped("alertname").at(START + older).receives(invoice("acme"))
    assert told(it) == ([("clerk", FIRST)] if at_once else [])


def test_what_begins_and_ends_before_the_first_look_nobody_hears_of() -> None:
    it = grouped("alertname").receives(invoice("acme"), paid("acme")).at(START + timedelta(days=1))
    assert (told(it), groups(it)) == ([], {})


def test_alerts_with_other_values_of_the_labels_are_another_group() -> None:
    it = grouped("alertname").receives(invoice("acme"), fires("it.outage", "service/vpn")).at(START + WAIT + MS)
    assert [notice.group_labels for notice in it.notices()] == [
        {"alertname": "accounting.duplicate_invoice"},
        {"alertname": "it.outage"},
    ]
    assert len({notice.group for notice in it.notices()}) == 2


def test_a_label_that_an_alert_does_not_have_is_none_of_its_groups() -> None:
    it = grouped("alertname", "site").receives(invoice("acme")).at(START + WAIT + MS)
    assert it.notices()[0].group_key == '{}:{alertname="accounting.duplicate_invoice"}'


# Looks on the grid of its interval


def test_a_later_alert_is_told_at_the_next_look() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(minutes=2)).receives(invoice("globex"))
    assert reasons(it.at(START + WAIT + INTERVAL)) == [FIRST]
    assert reasons(it.at(START + WAIT + INTERVAL + MS)) == [FIRST, NEW]
    assert about(it.notices()[-1]) == [("acme", "firing"), ("globex", "firing")]


def test_looks_keep_to_the_grid_whenever_something_comes() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(minutes=52)).receives(invoice("globex"))
    assert reasons(it.at(START + WAIT + 11 * INTERVAL)) == [FIRST]
    assert reasons(it.at(START + WAIT + 11 * INTERVAL + MS)) == [FIRST, NEW]


def test_what_comes_at_the_instant_of_a_look_is_told_at_it() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + WAIT + INTERVAL).receives(invoice("globex"))
    (_, notice) = it.at(START + WAIT + INTERVAL + MS).notices()
    assert (notice.reason, notice.about.time) == (NEW, START + WAIT + INTERVAL)


def test_ends_are_told_and_who_has_ended_leaves() -> None:
    it = grouped("alertname").receives(invoice("acme"), invoice("globex")).at(START + timedelta(minutes=1))
    it.receives(paid("acme")).at(START + timedelta(minutes=6))
    assert (it.notices()[-1].reason, about(it.notices()[-1])) == (SOME, [("acme", "resolved"), ("globex", "firing")])
    assert [(group.firing, group.resolved) for group in groups(it).values()] == [(1, 0)]
    it.receives(paid("globex")).at(START + timedelta(minutes=11))
    assert (it.notices()[-1].reason, about(it.notices()[-1])) == (ALL, [("globex", "resolved")])
    assert it.notices()[-1].status == "resolved"
    assert groups(it) == {}


def test_an_end_that_is_taken_back_before_the_look_is_not_told() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(minutes=1))
    it.receives(paid("acme"), invoice("acme")).at(START + timedelta(minutes=20))
    assert reasons(it) == [FIRST]


def test_who_does_not_want_to_hear_of_ends_does_not() -> None:
    quiet = [{"name": "clerk", "send_resolved": False}]
    it = office(route=grouping("alertname"), receivers=quiet, escalation_policies=[])
    it.receives(invoice("acme"), invoice("globex")).at(START + timedelta(minutes=1)).receives(paid("acme"))
    it.at(START + timedelta(minutes=6)).receives(invoice("initech")).at(START + timedelta(minutes=12))
    assert reasons(it) == [FIRST, NEW]
    assert about(it.notices()[-1]) == [("globex", "firing"), ("initech", "firing")]
    it.receives(paid("globex"), paid("initech")).at(START + timedelta(minutes=18))
    assert (reasons(it), groups(it)) == ([FIRST, NEW], {})


def test_a_group_that_has_ceased_begins_again_with_a_wait() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(minutes=1)).receives(paid("acme"))
    it.at(START + timedelta(hours=1)).receives(fires(subject="vendor/acme", summary="again"))
    ended, again = it.at(START + timedelta(hours=2)).notices()[1:]
    assert (ended.reason, again.reason) == (ALL, FIRST)
    assert ended.group == again.group


# Repeats


def test_what_has_not_changed_is_repeated_at_the_first_look_after_the_interval() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + WAIT + REPEATED + INTERVAL)
    assert reasons(it) == [FIRST], "at the look exactly then, the interval has not passed"
    it.at(START + WAIT + REPEATED + INTERVAL + MS)
    assert reasons(it) == [FIRST, REPEAT]
    assert len(reasons(it.at(START + 3 * REPEATED))) == 3


def test_another_notice_puts_the_repeat_off() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(hours=3)).receives(invoice("globex"))
    assert reasons(it.at(START + timedelta(hours=7))) == [FIRST, NEW]
    assert reasons(it.at(START + timedelta(hours=7, minutes=6))) == [FIRST, NEW, REPEAT]


def test_what_somebody_has_taken_is_not_repeated() -> None:
    it = grouped("alertname").receives(invoice("acme")).at(START + timedelta(hours=1))
    it.receives(acknowledges(of(subject="vendor/acme"))).at(START + timedelta(days=2))
    assert reasons(it) == [FIRST]


# What its record says


def test_the_record_of_a_group_says_how_it_stands() -> None:
    it = office(route=grouping("alertname")).receives(invoice("acme"), invoice("globex"))
    (group,) = groups(it).values()
    assert (group.receiver, group.firing, group.notified_at, group.next_at) == ("clerk", 2, None, START + WAIT)
    (group,) = groups(it.at(START + timedelta(minutes=16))).values()
    assert (group.told, group.policy, group.escalation_step) == (("clerk", "manager"), "up", 1)
    assert group.notified_at == START + WAIT
    assert group.escalates_at == START + WAIT + timedelta(minutes=45)
    assert alert(it, of(subject="vendor/acme")).groups == (group.group,)


def test_an_alert_whose_labels_change_goes_on_in_another_group_and_the_first_forgets_it_without_a_word() -> None:
    it = grouped("alertname", "severity").receives(fires(severity="error")).at(START + timedelta(minutes=1))
    it.receives(fires(severity="warning")).at(START + timedelta(minutes=30))
    assert reasons(it) == [FIRST], "the clerk knows of it"
    (group,) = groups(it).values()
    assert group.labels["severity"] == "warning"
    it.receives(ends()).at(START + timedelta(hours=1))
    assert reasons(it) == [FIRST, ALL]


def test_other_settings_sort_the_alerts_anew() -> None:
    it = grouped("alertname").receives(invoice("acme"), invoice("globex")).at(START + timedelta(minutes=1))
    by_subject = {"route": grouping("subject"), "receivers": [{"name": "clerk"}], "escalation_policies": []}
    it.told("alerting", by_subject).at(START + timedelta(minutes=2)).receives(invoice("initech"))
    it.at(START + timedelta(minutes=20))
    assert {group.labels["subject"] for group in groups(it).values()} == {
        "vendor/acme",
        "vendor/globex",
        "vendor/initech",
    }
    assert it.dead_letters == []


# Size


def test_a_notice_tells_as_many_alerts_as_fit_into_a_record() -> None:
    it = grouped("alertname")
    for n in range(1_200):
        it.receives(fires(subject=f"vendor/{n:04}", summary="x" * 2_000))
    (notice,) = it.at(START + timedelta(minutes=1)).notices()
    assert len(notice.alerts) + notice.truncated == 1_200
    assert 100 < len(notice.alerts) < 400
    assert notice.alerts[0].labels["subject"] == "vendor/0000"
    assert len(it.records["notices"][0].value or b"") < 900_000
    assert it.dead_letters == []


def test_an_alert_too_long_to_be_told_is_cut_short() -> None:
    it = grouped("alertname").receives(fires(summary="x" * 900_000)).at(START + timedelta(minutes=1))
    assert len(it.notices()[0].alerts[0].annotations["summary"]) < 2_000
    assert it.dead_letters == []

"""Services that are down, and those that go down and up all the time."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.facts import ServiceDown, ServiceUp
from schemas.it import (
    OutageDetected,
    OutageResolved,
    OutageUpdated,
    ServiceDeclared,
)
from schemas.signals import ConditionFired
from tests.office import Office, instant
from tests.unit.departments.telling_it import it_office, on_monday, times_fired, vpn, why_resolved

# Outages


def down(since: str = "09:00", outage: str = "OUT-1", **fields: Any) -> OutageDetected:
    return OutageDetected(outage=outage, since=instant(on_monday(since)), **fields)


def up(until: str = "10:30", outage: str = "OUT-1") -> OutageResolved:
    return OutageResolved(outage=outage, until=instant(on_monday(until)))


@pytest.mark.parametrize(
    ("impact", "severity"), [("complete", "critical"), ("partial", "error"), ("degraded", "warning")]
)
def test_a_service_that_is_down_is_as_severe_as_its_impact(impact: str, severity: str) -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down(impact=impact)))
    assert office.one("it.outage").severity == severity


def test_an_outage_ends_with_the_time_it_took_to_restore() -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down("09:00")))
    office.at(on_monday("10:31")).receives(*vpn(up("10:30")))
    assert office.firing() == set()
    assert why_resolved(office, "it.outage") == ["it works again after 1 h 30 min"]


def test_an_outage_gets_worse_within_the_same_alert() -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down(impact="degraded")))
    office.receives(*vpn(OutageUpdated(outage="OUT-1", impact="complete")))
    assert [c.severity for c in office.signals("it.outage") if isinstance(c, ConditionFired)] == ["warning", "critical"]


def test_a_service_with_two_outages_is_down_until_both_are_over() -> None:
    office = it_office().at(on_monday("09:10")).receives(*vpn(down("09:00"), down("09:05", "OUT-2")))
    office.receives(*vpn(up("09:20")))
    assert office.firing() == {"it.outage"}
    office.receives(*vpn(up("09:30", "OUT-2")))
    assert office.firing() == set()


def test_an_outage_names_the_services_that_need_this_one() -> None:
    office = it_office()
    for dependent in ("crm", "erp"):
        office.receives(
            (f"service/{dependent}", ServiceDeclared(category="application", dependencies=("vpn",))),
        )
    office.receives(("service/erp", ServiceDeclared(category="application")))
    office.receives(*vpn(down()))
    assert office.one("it.outage").annotations["downstream"] == "crm"


def declares(office: Office, service: str, *dependencies: str) -> Office:
    return office.receives((f"service/{service}", ServiceDeclared(category="application", dependencies=dependencies)))


def test_an_outage_names_what_is_behind_the_services_that_need_it_however_late_that_is_declared() -> None:
    office = declares(declares(it_office(), "shop", "crm"), "crm", "vpn")
    declares(office, "app", "shop")
    office.receives(*vpn(down()))
    assert office.one("it.outage").annotations["downstream"] == "app, crm, shop"
    declares(declares(office, "shop"), "vpn").receives(*vpn(up(), down("11:00", "OUT-2")))
    assert office.one("it.outage").annotations["downstream"] == "crm"


def test_services_that_need_one_another_in_a_circle_come_to_rest() -> None:
    office = declares(declares(declares(it_office(), "a", "b"), "b", "c"), "c", "a")
    assert office.state("service/a").downstream == ("b", "c")
    assert office.state("service/c").downstream == ("a", "b")


def test_an_outage_whose_end_was_told_first_never_alerts_and_is_published_whole() -> None:
    office = it_office().at(on_monday("11:00")).receives(*vpn(up("10:30"), down("09:00")))
    assert office.signals() == []
    (fact,) = office.said(ServiceDown, ServiceUp)
    assert isinstance(fact, ServiceUp)
    assert (fact.since, fact.until) == (instant(on_monday("09:00")), instant(on_monday("10:30")))


def test_each_change_of_an_outages_interval_is_published_with_a_higher_revision() -> None:
    office = it_office().at(on_monday("11:00")).receives(*vpn(down("09:00"), up("10:30")))
    office.receives(*vpn(OutageUpdated(outage="OUT-1", since=instant(on_monday("08:00"))), up("10:30")))
    facts = [(type(f).__name__, f.revision) for f in office.said(ServiceDown, ServiceUp)]  # type: ignore[attr-defined]
    assert facts == [("ServiceDown", 1), ("ServiceUp", 2), ("ServiceUp", 3)]


# Flapping


def flaps(office: Office, *minutes: int) -> Office:
    """Each outage begins at 9 o'clock and so many minutes, and lasts two."""
    for n, minute in enumerate(minutes):
        begin = instant(on_monday("09:00")) + timedelta(minutes=minute)
        end = begin + timedelta(minutes=2)
        office.at(begin).receives(*vpn(OutageDetected(outage=f"OUT-{n}", since=begin)))
        office.at(end).receives(*vpn(OutageResolved(outage=f"OUT-{n}", until=end)))
    return office


@pytest.mark.parametrize(("last", "expected"), [(60, {"it.flapping", "it.outage"}), (61, set())])
def test_five_outages_within_an_hour_are_flapping(last: int, expected: set[str]) -> None:
    assert flaps(it_office(), 0, 10, 20, 30, last).firing() == expected


def test_four_outages_are_not() -> None:
    assert flaps(it_office(), 0, 10, 20, 30).firing() == set()


def test_while_it_flaps_its_outages_are_one_alert_until_it_was_quiet_for_an_hour() -> None:
    office = flaps(it_office(), 0, 5, 10, 15, 20, 25, 30)
    assert office.firing() == {"it.flapping", "it.outage"}
    assert times_fired(office, "it.outage") == 5
    office.passes(on_monday("10:32"))
    assert office.firing() == {"it.flapping", "it.outage"}
    office.passes(on_monday("10:33"))
    assert office.firing() == set()


def test_a_service_that_stays_down_is_no_longer_flapping_but_still_down() -> None:
    office = flaps(it_office(), 0, 5, 10, 15).at(on_monday("09:20")).receives(*vpn(down("09:20", "OUT-9")))
    assert office.firing() == {"it.flapping", "it.outage"}
    assert office.passes(on_monday("12:00")).firing() == {"it.outage"}


def test_an_outage_that_is_detected_again_and_again_began_when_it_was_first_detected() -> None:
    office = it_office().at(on_monday("09:01")).receives(*vpn(down("09:00")))
    office.at(on_monday("09:31")).receives(*vpn(down("09:30")))
    office.at(on_monday("10:31")).receives(*vpn(up("10:30")))
    assert why_resolved(office, "it.outage") == ["it works again after 1 h 30 min"]


def test_of_two_corrections_the_one_said_later_counts_whichever_is_heard_last() -> None:
    earlier, later = (OutageUpdated(outage="OUT-1", since=instant(on_monday(clock))) for clock in ("08:30", "08:45"))
    office = it_office().at(on_monday("12:00")).receives(*vpn(later), time=on_monday("11:00"))
    office.receives(*vpn(earlier), time=on_monday("10:00")).receives(*vpn(down("09:00")), time=on_monday("09:01"))
    assert office.state("service/vpn").outages["OUT-1"].since == instant(on_monday("08:45"))


def test_an_outage_that_begins_again_under_the_same_id_is_an_outage_again() -> None:
    office = it_office().at(on_monday("11:00")).receives(*vpn(down("09:00"), up("10:00"), down("10:30")))
    assert office.firing() == {"it.outage"}
    assert office.receives(*vpn(up("10:45"))).firing() == set()
    assert why_resolved(office, "it.outage")[-1] == "it works again after 15 min"

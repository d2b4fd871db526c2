"""Bursts: many incidents of one category within one hour of the clock."""

from datetime import timedelta

from processors.correlation import correlation
from processors.departments.it import department as it
from schemas.facts import IncidentOpened
from schemas.it import IncidentAssigned
from schemas.it import IncidentOpened as Opened
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

RULE = "it.incident_burst"


def opens(office: Office, *minutes: int, category: str = "Network") -> Office:
    """An incident at each of these minutes after 9 o'clock, in this order."""
    for minute in minutes:
        opened = instant("2026-01-05T09:00") + timedelta(minutes=minute)
        name = f"INC-{category}-{minute}-{len(office.records['facts'])}"
        office.receives((f"category/{category}", IncidentOpened(incident=name, opened_at=opened)))
    return office


def correlating() -> Office:
    return Office(processors=[correlation]).at("2026-01-05T09:30")


def test_the_tenth_incident_of_one_hour_is_a_burst_until_the_hour_is_over() -> None:
    office = opens(correlating(), *range(9))
    assert office.firing() == set()
    alert = opens(office, 59).one(RULE)
    assert (alert.identity, alert.severity) == ({"hour": "2026-01-05T09"}, "warning")
    assert office.at("2026-01-05T10:00").firing() == {RULE}
    assert office.at("2026-01-05T10:00:01").firing() == set()


def test_incidents_of_two_hours_or_two_categories_are_not_counted_together() -> None:
    office = opens(correlating(), *range(9), 60, 61)
    opens(office, *range(9), category="Printing")
    assert office.firing() == set()


def test_a_burst_told_after_its_hour_fires_and_is_over() -> None:
    office = opens(correlating().at("2026-01-05T11:00"), *range(12)).at("2026-01-05T11:01")
    kinds = [type(s) for s in office.signals(RULE)]
    assert kinds[0] is ConditionFired
    assert kinds[-1] is ConditionResolved
    assert office.firing() == set()
    assert len(office.signals(RULE)) == 2


def test_each_incident_counts_once_with_its_first_category() -> None:
    office = Office(processors=[it, correlation]).at("2026-01-05T09:30")
    for n in range(9):
        opened = Opened(opened_at=office.now, priority=3, category="Network")
        office.receives((f"incident/{n}", opened), (f"incident/{n}", opened), (f"incident/{n}", IncidentAssigned()))
    assert len(office.said(IncidentOpened)) == 9
    assert office.firing() == set()
    office.receives(("incident/9", Opened(opened_at=office.now, priority=3, category="Network")))
    assert office.firing() == {RULE}


def test_an_incident_without_a_category_is_not_published() -> None:
    office = Office(processors=[it, correlation]).at("2026-01-05T09:30")
    office.receives(("incident/1", Opened(opened_at=office.now, priority=3)))
    assert office.said(IncidentOpened) == []

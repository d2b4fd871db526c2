"""Bursts: many incidents of one category within one hour of the clock."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

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


def test_a_burst_is_said_once_however_many_more_come() -> None:
    office = opens(correlating(), *range(30))
    (said,) = office.signals(RULE)
    assert isinstance(said, ConditionFired)
    assert said.summary == "10 or more incidents of category Network were opened within one hour"
    assert office.state("category/Network").hours["2026-01-05T09"].incidents == 30


def test_a_burst_begins_and_ends_with_its_hour_whenever_it_is_told() -> None:
    for told in ("2026-01-05T09:30", "2026-01-05T09:59:59", "2026-01-05T12:34"):
        office = opens(Office(processors=[correlation]).at(told), *range(10)).at("2026-01-06")
        fired, over = office.signals(RULE)
        assert isinstance(fired, ConditionFired)
        assert isinstance(over, ConditionResolved)
        assert (fired.starts_at, over.ends_at) == (instant("2026-01-05T09:00"), instant("2026-01-05T10:00"))


@given(st.permutations(range(12)))
def test_in_whatever_order_incidents_are_told_the_burst_is_the_same(minutes: list[int]) -> None:
    assert opens(correlating(), *minutes).signals(RULE) == opens(correlating(), *range(12)).signals(RULE)


def test_a_threshold_that_changes_within_the_hour_does_not_say_it_again() -> None:
    office = opens(correlating(), *range(10)).told("correlation", {"burst_incidents": 11})
    assert len(opens(office, *range(10, 20)).signals(RULE)) == 1


def test_each_incident_counts_once_with_its_first_category() -> None:
    office = Office(processors=[it, correlation]).at("2026-01-05T09:30")
    for n in range(9):
        opened = Opened(opened_at=office.now, priority=3, category="Network")
        office.receives((f"incident/{n}", opened), (f"incident/{n}", opened), (f"incident/{n}", IncidentAssigned()))
    assert len(office.said(IncidentOpened)) == 9
    assert office.firing() == set()
    for n in (9, 10):
        office.receives((f"incident/{n}", Opened(opened_at=office.now, priority=3, category="Network")))
    assert office.firing() == {RULE}
    assert len(office.one(RULE).evidence) == 10, "the records of the first"


def test_an_incident_without_a_category_is_not_published() -> None:
    office = Office(processors=[it, correlation]).at("2026-01-05T09:30")
    office.receives(("incident/1", Opened(opened_at=office.now, priority=3)))
    assert office.said(IncidentOpened) == []

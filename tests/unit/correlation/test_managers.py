"""Nobody is without a manager for long: one alert for each who has none, one for each manager who left reports."""

from datetime import date
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.hr import department as hr
from schemas.envelope import Event
from schemas.facts import EmploymentStated, ReportStated
from schemas.hr import EmployeeHired, EmployeeManagerChanged, EmployeeTerminated, TerminationWithdrawn
from tests.office import Office
from tests.unit.correlation.orders import ANY_ORDER, holding, interleaved, layout, shuffled

NO_MANAGER, ORPHANED = "hr.no_manager", "hr.orphaned_reports"

Said = tuple[str, Event]


def hired(who: str, manager: str | None = "E-1", on: str = "2025-01-07", role: str = "clerk") -> Said:
    return f"employee/{who}", EmployeeHired(role=role, start_on=date.fromisoformat(on), manager=manager)


def reports(who: str, manager: str | None, since: str | None = None) -> Said:
    day = date.fromisoformat(since) if since else None
    return f"employee/{who}", EmployeeManagerChanged(manager=manager, effective_on=day)


def leaves(who: str, last_day: str) -> Said:
    return f"employee/{who}", EmployeeTerminated(last_day=date.fromisoformat(last_day))


def office(*said: Said, partitions: int = 3, **calendar: object) -> Office:
    settings: dict[str, dict[str, Any]] = {
        "hr": {"required_documents": {}, "onboarding_checklist": {}},
        "correlation": {"calendar": calendar},
    }
    return Office(partitions=partitions, processors=[hr, correlation], settings=settings).receives(*said)


# Somebody who has none.


def test_five_business_days_without_a_manager() -> None:
    firm = office(hired("E-7", None, "2026-01-07"))  # a Wednesday
    assert firm.at("2026-01-14T17:00").firing() == set()
    found = firm.at("2026-01-14T17:00:01").one(NO_MANAGER)
    assert (found.severity, found.about.subject) == ("warning", "person/E-7")
    assert found.summary == "Employee E-7 has had no manager since 2026-01-07"
    assert found.evidence


def test_business_days_are_those_of_the_organisations_calendar() -> None:
    firm = office(hired("E-7", None, "2026-01-07"), extra_holidays=["2026-01-12"])
    assert firm.at("2026-01-15T17:00").firing() == set()
    assert firm.at("2026-01-15T17:00:01").firing() == {NO_MANAGER}


@pytest.mark.parametrize("cure", [reports("E-7", "E-1"), leaves("E-7", "2026-02-27")])
@pytest.mark.parametrize("when", ["2026-01-08", "2026-01-20"])
def test_what_ends_it(cure: Said, when: str) -> None:
    firm = office(hired("E-7", None, "2026-01-07")).at(when).receives(cure)
    assert firm.at("2026-02-20").firing() == set()


def test_one_whose_manager_was_taken_away_has_five_business_days_from_then_on() -> None:
    firm = office(hired("E-7"), reports("E-7", None, "2026-02-02"))
    assert firm.at("2026-02-09T17:00").firing() == set()
    assert firm.at("2026-02-09T17:00:01").firing() == {NO_MANAGER}


def test_the_executive_reports_to_nobody() -> None:
    assert office(hired("E-0", None, role="executive")).at("2026-03-02").firing() == set()


def test_what_is_told_long_after_the_first_day_fires_at_once() -> None:
    assert office().at("2026-03-02").receives(hired("E-7", None, "2026-01-07")).firing() == {NO_MANAGER}


# Those whose manager left.

TEAM = [hired("E-1", "E-0"), hired("E-7"), hired("E-8"), hired("E-9")]


def test_five_business_days_after_a_manager_left_one_alert_lists_the_reports() -> None:
    firm = office(*TEAM, leaves("E-1", "2026-01-09"))
    assert firm.at("2026-01-16T17:00").firing() == set()
    found = firm.at("2026-01-16T17:00:01").one(ORPHANED)
    assert (found.severity, found.about.subject) == ("warning", "person/E-1")
    assert found.summary == "E-1 left on 2026-01-09, and these have no new manager: E-7, E-8, E-9"
    assert len(found.evidence) == 4


def test_it_lists_those_who_are_left_and_ends_with_the_last_one() -> None:
    firm = office(*TEAM, leaves("E-1", "2026-01-09")).at("2026-01-17")
    assert firm.receives(reports("E-8", "E-2")).one(ORPHANED).summary.endswith(": E-7, E-9")
    assert firm.receives(leaves("E-9", "2026-02-27")).one(ORPHANED).summary.endswith(": E-7")
    assert firm.receives(reports("E-7", "E-2")).firing() == set()


def test_who_has_a_new_manager_in_time_is_not_listed() -> None:
    firm = office(*TEAM, leaves("E-1", "2026-01-09")).at("2026-01-16T16:59")
    firm.receives(*(reports(who, "E-2") for who in ("E-7", "E-8", "E-9")))
    assert firm.at("2026-03-02").signals(ORPHANED) == []


def test_a_report_whose_manager_becomes_nobody_is_an_alert_of_their_own_and_not_of_the_managers() -> None:
    firm = office(*TEAM[:2], leaves("E-1", "2026-01-09"), reports("E-7", None, "2026-01-09")).at("2026-02-02")
    assert firm.one(NO_MANAGER).about.subject == "person/E-7"
    assert firm.firing() == {NO_MANAGER}


def test_one_entered_below_a_manager_who_is_gone_has_five_business_days_too() -> None:
    firm = office(hired("E-1", "E-0"), leaves("E-1", "2026-01-09"), hired("E-7", "E-1", "2026-02-02"))
    assert firm.at("2026-02-09T17:00").firing() == set()
    assert firm.at("2026-02-09T17:00:01").firing() == {ORPHANED}


@pytest.mark.parametrize("when", ["2026-01-12", "2026-01-20"])
def test_a_manager_who_stays_after_all_ends_it(when: str) -> None:
    firm = office(*TEAM, leaves("E-1", "2026-01-09")).at(when)
    assert firm.receives(("employee/E-1", TerminationWithdrawn())).at("2026-03-02").firing() == set()


def test_a_large_team_is_named_in_part_and_counted() -> None:
    team = [hired(f"E-{n}", "E-1") for n in range(100, 140)]
    firm = office(hired("E-1", "E-0"), *team, leaves("E-1", "2026-01-09")).at("2026-01-20")
    assert firm.one(ORPHANED).summary.endswith("E-128, E-129 and 10 more")


# Whatever comes first.


@ANY_ORDER
def test_keys_in_any_order_give_the_same_alerts(seed: int) -> None:
    stories = [
        [hired("E-1", "E-0"), leaves("E-1", "2025-12-12")],
        [hired("E-7"), reports("E-7", "E-2", "2025-12-15")],
        [hired("E-8", None), reports("E-8", "E-1", "2025-02-03")],
        [hired("E-9", "E-2"), reports("E-9", None, "2025-12-01")],
        [hired("E-2", "E-0"), leaves("E-2", "2025-12-12"), ("employee/E-2", TerminationWithdrawn())],
    ]
    firm = office(partitions=layout(seed)).receives(*interleaved(seed, *stories)).at("2026-01-06")
    assert {where: said[1] for where, said in holding(firm).items()} == {
        (ORPHANED, "person/E-1", ()): "E-1 left on 2025-12-12, and these have no new manager: E-8",
        (NO_MANAGER, "person/E-9", ()): "Employee E-9 has had no manager since 2025-12-01",
    }


@ANY_ORDER
def test_facts_in_any_order_give_the_same_alerts(seed: int) -> None:
    start, gone = date(2025, 1, 7), date(2025, 12, 12)
    facts: list[tuple[str, Event]] = [
        ("person/E-1", EmploymentStated(start_on=start, manager="E-0", revision=1)),
        ("person/E-1", EmploymentStated(start_on=start, manager="E-0", last_day=gone, revision=4)),
        ("person/E-1", ReportStated(employee="E-7", since=start, revision=2)),
        ("person/E-1", ReportStated(employee="E-7", holds=False, revision=4)),
        ("person/E-1", ReportStated(employee="E-8", since=start, revision=2)),
        ("person/E-1", ReportStated(employee="E-9", since=start, revision=5)),
        ("person/E-1", ReportStated(employee="E-9", holds=False, revision=4)),
        ("person/E-8", EmploymentStated(start_on=start, revision=1)),
        ("person/E-8", EmploymentStated(start_on=start, manager="E-1", revision=3)),
    ]
    firm = Office(partitions=layout(seed), processors=[correlation]).receives(*shuffled(facts, seed))
    assert {where: said[1] for where, said in holding(firm.at("2026-01-06")).items()} == {
        (ORPHANED, "person/E-1", ()): "E-1 left on 2025-12-12, and these have no new manager: E-8, E-9"
    }

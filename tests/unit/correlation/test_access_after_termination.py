"""Accounts do not outlive the last day, whichever department is heard first."""

from datetime import date
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.hr import department as hr
from processors.departments.it import department as it
from schemas.envelope import Event
from schemas.facts import AccountStated, EmploymentStated
from schemas.hr import EmployeeHired, EmployeeTerminated, RecordCorrected, TerminationWithdrawn
from schemas.it import AccountDeprovisioned, AccountProvisioned, AccountProvisionRequested
from tests.office import Office
from tests.unit.correlation.orders import ANY_ORDER, holding, interleaved, layout, shuffled

RULE = "hr.access_after_termination"

Said = tuple[str, Event]


def e7(event: Event) -> Said:
    return "employee/E-7", event


HIRED = e7(EmployeeHired(role="clerk", start_on=date(2025, 1, 7), manager="E-1"))
WITHDRAWN = e7(TerminationWithdrawn(by="E-1"))


def leaves(last_day: str) -> Said:
    return e7(EmployeeTerminated(last_day=date.fromisoformat(last_day)))


def account(event: Event, name: str = "A-7") -> Said:
    return f"account/{name}", event


ASKED = account(AccountProvisionRequested(person="E-7"))
PROVISIONED = account(AccountProvisioned())
DEPROVISIONED = account(AccountDeprovisioned())


def office(*said: Said, partitions: int = 3, time_zone: str = "UTC") -> Office:
    settings: dict[str, dict[str, Any]] = {
        "hr": {"required_documents": {}, "onboarding_checklist": {}},
        "correlation": {"calendar": {"time_zone": time_zone}},
    }
    firm = Office(partitions=partitions, processors=[hr, it, correlation], settings=settings)
    return firm.receives(*said)


def test_an_account_that_is_active_when_the_last_day_is_over_is_critical() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09"))
    assert firm.at("2026-01-10T00:00").firing() == set()
    found = firm.at("2026-01-10T00:00:01").one(RULE)
    assert (found.severity, found.identity, found.about.subject) == ("critical", {"account": "A-7"}, "person/E-7")
    assert {record.topic for record in found.evidence} == {"events.hr", "events.it"}


def test_the_last_day_ends_where_the_organisation_is() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09"), time_zone="America/New_York")
    assert firm.at("2026-01-10T05:00").firing() == set()
    assert firm.at("2026-01-10T05:00:01").firing() == {RULE}


def test_deprovisioned_on_the_last_day_is_in_time_and_later_resolves_it() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09"))
    assert firm.at("2026-01-09T23:59").receives(DEPROVISIONED).at("2026-02-01").signals(RULE) == []
    late = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09")).at("2026-01-12")
    assert late.receives(DEPROVISIONED).firing() == set()
    assert len(late.signals(RULE)) == 2


def test_each_account_is_an_alert_of_its_own() -> None:
    second = [account(event, "A-8") for event in (AccountProvisionRequested(person="E-7"), AccountProvisioned())]
    firm = office(HIRED, ASKED, PROVISIONED, *second, leaves("2026-01-09")).at("2026-01-10T01:00")
    assert len(firm.conditions()) == 2
    assert firm.receives(DEPROVISIONED).one(RULE).identity == {"account": "A-8"}


def test_an_account_that_is_provisioned_after_the_last_day_fires_at_once() -> None:
    firm = office(HIRED, ASKED, leaves("2026-01-09")).at("2026-01-20")
    assert RULE not in firm.firing()
    assert RULE in firm.receives(PROVISIONED).firing()


@pytest.mark.parametrize(
    "stays",
    [WITHDRAWN, leaves("2026-03-31"), e7(RecordCorrected(by="E-1", last_day=date(2026, 3, 31)))],
)
@pytest.mark.parametrize("when", ["2026-01-08", "2026-01-12"])
def test_a_termination_that_is_withdrawn_or_moved_ends_it(stays: Said, when: str) -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09")).at(when).receives(stays)
    assert firm.at("2026-03-31T23:59").firing() == set()


def test_one_who_comes_back_may_use_the_account_again() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09")).at("2026-01-12")
    back = e7(EmployeeHired(role="clerk", start_on=date(2026, 1, 12), manager="E-1"))
    assert firm.receives(back).firing() == set()


def test_an_account_that_is_somebody_elses_after_all_is_not_held_against_the_first() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09")).at("2026-01-12")
    firm.at("2026-01-12T10:00").receives(account(AccountProvisionRequested(person="E-8")))
    assert firm.firing() == set()


def test_the_owner_may_become_known_after_the_account_is_there() -> None:
    firm = office(HIRED, leaves("2026-01-09"), PROVISIONED).at("2026-01-12")
    assert RULE not in firm.firing()
    assert RULE in firm.receives(ASKED).firing()


def test_what_is_heard_twice_is_one_alert() -> None:
    firm = office(HIRED, ASKED, PROVISIONED, leaves("2026-01-09")).at("2026-01-12")
    assert firm.receives(PROVISIONED, leaves("2026-01-09")).one(RULE).identity == {"account": "A-7"}
    assert len(firm.signals(RULE)) == 1


# Whatever comes first.


@ANY_ORDER
def test_departments_in_any_order_find_the_same_accounts(seed: int) -> None:
    people = [HIRED, leaves("2026-01-02"), WITHDRAWN, leaves("2026-01-05")]
    gone = [account(e, "A-8") for e in (AccountProvisionRequested(person="E-7"), AccountProvisioned())]
    gone.append(account(AccountDeprovisioned(), "A-8"))
    said = interleaved(seed, people, [ASKED, PROVISIONED], gone)
    firm = office(partitions=layout(seed)).at("2026-01-08").receives(*said)
    assert holding(firm) == {
        (RULE, "person/E-7", (("account", "A-7"),)): (
            "critical",
            "Account A-7 of E-7 is active after the last day, 2026-01-05",
            {},
        )
    }


@ANY_ORDER
def test_facts_in_any_order_find_the_same_accounts(seed: int) -> None:
    facts: list[Event] = [
        EmploymentStated(start_on=date(2025, 1, 7), manager="E-1", last_day=date(2026, 1, 2), revision=1),
        EmploymentStated(start_on=date(2025, 1, 7), manager="E-1", revision=2),
        EmploymentStated(start_on=date(2025, 1, 7), manager="E-1", last_day=date(2026, 1, 3), revision=3),
        AccountStated(account="A-7", active=False, revision=2),
        AccountStated(account="A-7", active=True, revision=3),
        AccountStated(account="A-8", active=True, revision=1),
        AccountStated(account="A-8", active=False, revision=2),
    ]
    firm = Office(partitions=layout(seed), processors=[correlation]).at("2026-01-06")
    firm.receives(*(("person/E-7", fact) for fact in shuffled(facts, seed)))
    assert set(holding(firm)) == {(RULE, "person/E-7", (("account", "A-7"),))}

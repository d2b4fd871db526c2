"""What departments tell of people: each fact once, when it is news, with a revision that only rises."""

from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.departments.accounting import department as accounting
from processors.departments.hr import department as hr
from processors.departments.it import department as it
from processors.processor import Processor
from schemas.envelope import Event
from schemas.facts import AccountStated, EligibilityAsked, EmploymentStated, LeaveStated, ReportStated, ShiftStated
from schemas.hr import EmployeeHired, EmployeeTerminated, OnboardingStepCompleted
from schemas.it import AccountDeprovisioned, AccountProvisioned, AccountProvisionRequested
from tests.happenings import Desk, happenings
from tests.office import Office

Said = tuple[str, Event]

TELLERS = pytest.mark.parametrize("department", [hr, it, accounting], ids=lambda d: d.name)

NAMED_BY = {
    EligibilityAsked: ("vendor", "invoice", "approver"),
    AccountStated: ("account",),
    LeaveStated: ("leave",),
    ReportStated: ("employee",),
    ShiftStated: ("shift",),
    EmploymentStated: (),
}
"""Which fields, beside the subject, say what a fact is about: among those, the highest revision counts."""


@TELLERS
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_told_again_has_a_higher_revision(department: Processor, data: st.DataObject) -> None:
    latest: dict[Any, int] = defaultdict(int)
    for subject, fact, _ in Desk(department).hears(data.draw(happenings(department))).emitted:
        if (names := NAMED_BY.get(type(fact))) is not None:
            about = (subject, type(fact), *(getattr(fact, name) for name in names))
            assert getattr(fact, "revision") > latest[about]  # noqa: B009 - facts share no base with a revision
            latest[about] = getattr(fact, "revision")  # noqa: B009


def told(office: Office, *types: type[Event]) -> list[tuple[str, dict[str, Any]]]:
    """What was told, by subject: the fields that were given, without revisions and records."""
    return [
        (f.about.subject, f.model_dump(exclude={"revision", "record"}, exclude_defaults=True))
        for f in office.said(*types)
    ]


HIRED: Said = ("employee/E-7", EmployeeHired(role="clerk", start_on=date(2026, 1, 5), manager="E-1"))


def office(department: Processor, **told: Any) -> Office:
    return Office(partitions=1, processors=[department], settings={department.name: told})


def test_hr_tells_an_employment_when_it_changes_and_not_with_every_event() -> None:
    firm = office(hr, onboarding_checklist={"desk": 1, "badge": 1}).receives(HIRED, HIRED)
    firm.receives(("employee/E-7", OnboardingStepCompleted(step="desk")))
    assert [fact["onboarded"] for _, fact in told(firm, EmploymentStated)] == [False]
    firm.receives(("employee/E-7", OnboardingStepCompleted(step="badge")))
    subject, fact = told(firm, EmploymentStated)[-1]
    assert (subject, fact["onboarded_at"], "onboarded" in fact) == ("person/E-7", firm.now, False)


def test_both_managers_hear_of_a_report_who_changes_and_the_last_one_of_one_who_leaves() -> None:
    other = EmployeeHired(role="clerk", start_on=date(2026, 1, 5), manager="E-2")
    firm = office(hr).receives(HIRED, ("employee/E-7", other))
    firm.receives(("employee/E-7", EmployeeTerminated(last_day=date(2026, 2, 27))))
    assert [(f.about.subject, getattr(f, "holds")) for f in firm.said(ReportStated)] == [  # noqa: B009
        ("person/E-1", True),
        ("person/E-1", False),
        ("person/E-2", True),
        ("person/E-2", False),
    ]


def test_it_tells_of_an_account_once_it_is_there_and_its_owner_is_known() -> None:
    def account(event: Event) -> Said:
        return "account/A-7", event

    firm = office(it).receives(account(AccountProvisionRequested(person="E-7")))
    assert told(firm, AccountStated) == []
    firm.receives(account(AccountProvisioned()), account(AccountProvisioned()))
    firm.receives(account(AccountProvisionRequested(person="E-8")), account(AccountDeprovisioned()))
    assert told(firm, AccountStated) == [
        ("person/E-7", {"account": "A-7", "active": True}),
        ("person/E-7", {"account": "A-7", "active": False}),
        ("person/E-8", {"account": "A-7", "active": True}),
        ("person/E-8", {"account": "A-7", "active": False}),
    ]

"""Settings by label in the departments that came last: who is told apart by what, and what alerts say of it."""

from dataclasses import dataclass
from typing import Any

import pytest

from backoffice.registry import processors
from schemas.envelope import Event
from schemas.finance import AccountOpened, ApplicationSubmitted, TransactionPosted
from schemas.health import PatientRegistered, PatientTransferred, RecordRequested
from schemas.management import ConsultationRequested, TaskDelegated
from schemas.manufacturing import BudgetApproved, CostBooked
from tests.office import Office
from tests.unit.departments.telling_manufacturing import money

Said = tuple[str, Event]


@dataclass(frozen=True)
class Case:
    """A story that fires a rule under its usual settings by 11 January, and an override under which it does not."""

    department: str
    matcher: str
    other: str
    """A matcher that does not hold."""
    setting: dict[str, Any]
    rule: str
    story: tuple[Said, ...]


def on(subject: str, *events: Event) -> tuple[Said, ...]:
    return tuple((subject, event) for event in events)


BUDGET = BudgetApproved(amount=money("1000"), project_kind="prototype")

CASES = {
    "unit": Case(
        "health",
        'unit="ER"',
        'unit="ICU"',
        {"retrieval_minutes": 10_080},
        "health.retrieval_overdue",
        on("patient/P-1", PatientRegistered(unit="ER"), RecordRequested(request="REQ-1", by="E-1")),
    ),
    "product": Case(
        "finance",
        'product="loan"',
        'product="card"',
        {"application_targets_days": {"*": 30}},
        "finance.application_overdue",
        on("application/L-1", ApplicationSubmitted(product="loan")),
    ),
    "currency": Case(
        "finance",
        'currency="EUR"',
        'currency="USD"',
        {"structuring_methods": ["transfer"]},
        "finance.structuring",
        on(
            "account/A-1",
            AccountOpened(currency="EUR"),
            *(TransactionPosted(transaction=f"T-{n}", amount=money("6000"), method="cash") for n in range(2)),
        ),
    ),
    "project_kind": Case(
        "manufacturing",
        'project_kind="prototype"',
        'project_kind="series"',
        {"budget_warning_percent": 95},
        "manufacturing.budget_overrun",
        on("project/P-1", BUDGET, CostBooked(booking="B-1", amount=money("900"))),
    ),
    "delegator": Case(
        "management",
        'delegator="boss"',
        'delegator="another"',
        {"task_accept_hours": 100},
        "management.task_unaccepted",
        on("task/T-1", TaskDelegated(by="boss", to="A")),
    ),
    "asked_by": Case(
        "management",
        'asked_by="executive"',
        'asked_by="front_office"',
        {"consultation_business_days": 20},
        "management.consultation_unanswered",
        on("consultation/Q-1", ConsultationRequested(asked_by="executive")),
    ),
}
TARGETS = {"finance": {"application_targets_days": {"*": 5}}}
"""An application has 5 days where nothing else is said."""

DEPARTMENTS = {processor.name: processor for processor in processors()}


def fires(case: Case, *overrides: tuple[str, dict[str, Any]]) -> bool:
    told = {
        **TARGETS.get(case.department, {}),
        "overrides": [{"matchers": [matcher], "set": values} for matcher, values in overrides],
    }
    office = Office(processors=[DEPARTMENTS[case.department]], settings={case.department: told})
    return case.rule in office.receives(*case.story).at("2026-01-11").firing()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_set_by_a_label_holds_for_those_that_have_it_and_no_others(case: Case) -> None:
    assert fires(case)
    assert fires(case, (case.other, case.setting))
    assert not fires(case, (case.matcher, case.setting))


def test_a_patients_unit_is_the_one_that_was_named_last() -> None:
    office = Office(processors=[DEPARTMENTS["health"]]).at("2026-01-06")
    office.receives(("patient/P-1", PatientRegistered(unit="ER")))
    office.receives(("patient/P-1", PatientTransferred(unit="ICU")), time="2026-01-06T01:00")
    office.receives(("patient/P-1", PatientTransferred(unit="W-3")), time="2026-01-05T12:00")  # told late
    assert office.state("patient/P-1").unit == "ICU"
    assert office.receives(("patient/P-1", PatientTransferred(attending="E-1"))).state("patient/P-1").unit == "ICU"


def test_a_projects_kind_is_as_its_newest_approval_says() -> None:
    office = Office(processors=[DEPARTMENTS["manufacturing"]]).at("2026-01-06").receives(("project/P-1", BUDGET))
    old = BUDGET.model_copy(update={"project_kind": "series"})
    office.receives(("project/P-1", old), time="2026-01-05").receives(
        ("project/P-1", BudgetApproved(amount=money("2000")))
    )
    assert office.state("project/P-1").project_kind == "prototype"
    assert office.receives(("project/P-1", old)).state("project/P-1").project_kind == "series"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_alert_says_under_which_settings_it_fired(case: Case) -> None:
    told = TARGETS.get(case.department, {})
    office = Office(processors=[DEPARTMENTS[case.department]], settings={case.department: told})
    fired = office.receives(*case.story).at("2026-01-11").one(case.rule)
    assert case.setting.keys() <= fired.settings.keys()


FOR_MEASURES = {
    "finance": {"large_application"},
    "management": {"budget_owner_role", "large_amount"},
    "manufacturing": {"lead_time_days", "lead_time_error_days", "order_reject_percent", "packings"},
}
"""Settings that measures read, and no rule."""


UNTOLD = {"health": {"required_treatments", "critical_limits"}, "hr": {"exit_concerns"}}
"""Settings that no alert may carry: they would tell what is in somebody's record."""


@pytest.mark.parametrize("department", [name for name in DEPARTMENTS if name != "alerting"])
def test_every_threshold_is_named_by_a_rule_that_reads_it(department: str) -> None:
    """What only says how long something is remembered is no threshold."""
    settings, rules = DEPARTMENTS[department].settings, DEPARTMENTS[department].rules
    named = {name for rule in rules for name in rule.settings}
    thresholds = {name for name in settings.model_fields if not name.endswith("_memory_days")} - {"overrides"}
    assert thresholds - named == FOR_MEASURES.get(department, set()) | UNTOLD.get(department, set())

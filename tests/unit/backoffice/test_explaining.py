"""An alert derived again: from its evidence alone, not from less, and not when somebody made it up."""

from typing import Any

import pytest

from backoffice.explaining.case import Case
from processors.departments.accounting import department as accounting
from processors.departments.manufacturing import department as manufacturing
from schemas.accounting import InvoiceApproved, InvoiceReceived
from schemas.envelope import Event, Evidence
from schemas.manufacturing import BudgetApproved, CostBooked
from schemas.processing import SettingsChanged
from tests.evidence import cases, record
from tests.happenings import example

LOW = {"approval_limit_default": {"amount": "10", "currency": "EUR"}}


def invoice(number: str) -> Any:
    return example(InvoiceReceived, invoice=f"R-{number}", number=number)


@pytest.fixture
def approved() -> Case:
    """An approval beyond a limit that settings had lowered before, with much else that has nothing to do with it."""
    said: list[tuple[Event, str]] = [
        (invoice("1"), "vendor/acme"),
        (invoice("2"), "vendor/other"),
        (SettingsChanged(processor="accounting", settings=LOW), "partition/0"),
        (invoice("3"), "vendor/acme"),
        (InvoiceApproved(invoice="R-1", approver="ines"), "vendor/acme"),
    ]
    found = cases(accounting, [record(accounting, n, event, about) for n, (event, about) in enumerate(said)])
    return next(case for case in found if case.signal.rule == "accounting.approval_limit")


def changed(case: Case, **fields: object) -> Case:
    signal = case.signal.model_copy(update=fields)
    return Case(case.processor, case.partition, signal.with_about(case.signal.about), case.history)  # type: ignore[arg-type]


def test_the_evidence_gives_the_alert_under_the_settings_of_its_time(approved: Case) -> None:
    assert [each.offset for each in approved.evidence] == [0, 4]
    assert approved.from_history()
    assert approved.from_evidence()
    assert approved.needless() == []


def test_without_the_settings_of_the_time_it_is_another_answer(approved: Case) -> None:
    heard = tuple(each for each in approved.history if each.key is not None)
    later = Case(approved.processor, 0, approved.signal, heard)
    assert not later.from_history()
    assert not later.from_evidence()


@pytest.mark.parametrize("fields", [{"severity": "info"}, {"labels": {}}, {"identity": {"invoice": "R-3"}}])
def test_an_alert_that_was_made_up_is_not_derived(approved: Case, fields: dict[str, Any]) -> None:
    forged = changed(approved, **fields)
    assert not forged.from_history()
    assert not forged.from_evidence()


def test_too_little_and_too_much_evidence_are_told_apart(approved: Case) -> None:
    invoice, approval = approved.signal.evidence
    another = Evidence("events.accounting", 0, 3, "e3")
    assert not changed(approved, evidence=(approval,)).from_evidence()
    assert not changed(approved, evidence=(invoice,)).from_evidence()
    more = changed(approved, evidence=(invoice, another, approval))
    assert more.from_evidence()
    assert more.needless() == [another]
    nowhere = changed(approved, evidence=(Evidence("events.hr", 0, 0, "e0"), invoice, approval))
    assert nowhere.needless() == [Evidence("events.hr", 0, 0, "e0")]


def test_an_event_that_came_twice_is_left_out_as_a_whole() -> None:
    budget = record(manufacturing, 0, example(BudgetApproved), "project/P-1")
    cost = record(manufacturing, 2, example(CostBooked, amount={"amount": "45000", "currency": "EUR"}), "project/P-1")
    said = [budget, budget._replace(offset=1), cost]
    case = next(case for case in cases(manufacturing, said) if case.signal.rule == "manufacturing.budget_overrun")
    assert [each.offset for each in case.evidence] == [0, 2]
    assert case.needless() == []


def test_each_step_tells_what_it_changed(approved: Case) -> None:
    steps = list(approved.steps())
    assert [(step.record.offset, type(step.event), step.evidence) for step in steps] == [
        (0, InvoiceReceived, True),
        (4, InvoiceApproved, True),
    ]
    first = {name: before for name, before, _ in steps[0].changed}
    assert first["invoices[R-1]"] == "nothing"
    assert any(name.startswith("firing[") and before == "nothing" for name, before, _ in steps[1].changed)

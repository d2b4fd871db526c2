"""An alert derived again: from its evidence alone, not from less, and not when somebody made it up."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.explaining.case import Case
from backoffice.registry import departments
from processors.departments.accounting import department as accounting
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Record
from processors.store import to_ms
from schemas.accounting import InvoiceApproved, InvoiceReceived
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event, Evidence
from schemas.processing import SettingsChanged, Tick
from schemas.signals import AlertingEvent, ConditionFired, ConditionResolved
from tests.happenings import BEGIN, example, happenings

LOW = {"approval_limit_default": {"amount": "10", "currency": "EUR"}}
_SIGNALS = Decoder((ConditionFired, ConditionResolved))


def record(processor: Processor, n: int, event: Event, subject: str, at: Any = None) -> Record:
    at = at or BEGIN + timedelta(minutes=n)
    about = About(f"e{n}", "/tests", subject, at)
    key = None if isinstance(event, Tick | SettingsChanged) else subject.encode()
    return Record(processor.inbox, 0, n, to_ms(at), key, encode(event, about), HEADERS)


def cases(processor: Processor, log: list[Record]) -> list[Case]:
    """Every signal that fires in this log, each with the history of its subject."""
    fold, found = Fold(processor), []
    for n, heard in enumerate(log):
        for output in fold.apply(heard):
            if output.topic == AlertingEvent.topic and b"alerting.condition.fired" in (output.value or b""):
                signal = _SIGNALS.decode(output.value, output.headers)
                assert isinstance(signal, ConditionFired)
                found.append(Case(processor, 0, signal, tuple(history(log[: n + 1], output.key))))
    return found


def history(log: list[Record], key: bytes | None) -> list[Record]:
    clock, kept = 0, []
    for each in log:
        clock = max(clock, each.timestamp)
        if each.key in (key, None) or each is log[-1]:
            kept.append(each._replace(timestamp=clock))
    return kept


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


def test_each_step_tells_what_it_changed(approved: Case) -> None:
    steps = list(approved.steps())
    assert [(step.record.offset, type(step.event), step.evidence) for step in steps] == [
        (0, InvoiceReceived, True),
        (4, InvoiceApproved, True),
    ]
    first = {name: before for name, before, _ in steps[0].changed}
    assert first["invoices[R-1]"] == "nothing"
    assert any(name.startswith("firing[") and before == "nothing" for name, before, _ in steps[1].changed)


@pytest.mark.parametrize("department", departments(), ids=lambda d: d.name)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_fires_is_given_again_by_what_was_heard_of_its_subject(
    department: Processor, data: st.DataObject
) -> None:
    """No rule of a department reads what other keys heard."""
    log, now = [], BEGIN
    for n, told in enumerate(data.draw(happenings(department, max_size=24))):
        now += told.after
        log.append(record(department, n, told.event, told.subject, now))
    log.append(record(department, len(log), Tick(partition=0), "partition/0", now + timedelta(days=400)))
    for case in cases(department, log):
        assert case.from_history(), f"{case.signal.rule} of {case.subject} depends on what was heard of others"

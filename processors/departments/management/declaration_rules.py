"""Declarations of expenses: paid in time, only when approved, and with an amount that can be paid."""

from datetime import datetime, timedelta

from processors.departments.judging import found, moment, settle
from processors.departments.management.declaration import Declaration, read
from processors.instants import after
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event

LATE = Rule(
    "management.declaration_late",
    "warning",
    "a declaration is not paid 14 days after it was first handed in, error after 30, critical after 60; while it is"
    " sent back, nobody owes it. With `payment_clock: at_payment`: its last payment came later than that",
    "it is paid or sent back; with `payment_clock: at_payment`, it is reviewed",
    settings=("payment_warning_days", "payment_error_days", "payment_critical_days", "payment_clock"),
)
UNAPPROVED = Rule(
    "management.declaration_paid_unapproved",
    "critical",
    "a declaration is paid and was not finally approved",
    "it is finally approved, or it is reviewed",
)
RESUBMITTED = Rule(
    "management.declaration_resubmitted",
    "info",
    "a declaration is handed in more than once",
    "it is paid, or it is reviewed",
)
AMOUNT = Rule(
    "management.declaration_amount",
    "warning",
    "a declaration's amount is zero or negative",
    "the amount is corrected, or it is reviewed",
)
RULES = (LATE, UNAPPROVED, RESUBMITTED, AMOUNT)

STAGES: tuple[Severity, ...] = ("warning", "error", "critical")


def step(state: Declaration, event: Event, at: datetime) -> Step[Declaration]:
    """One event of a declaration, or the end of the time for paying it."""
    now = Step(read(state, event))
    for judge in JUDGES.values():
        now = judge(now, "", event, at)
    return settle(now, event, at, JUDGES)


def _late(now: Step[Declaration], _: str, event: Event, at: datetime) -> Step[Declaration]:
    return (_at_payment if now.state.settings.payment_clock == "at_payment" else _running)(now, event, at)


def _running(now: Step[Declaration], event: Event, at: datetime) -> Step[Declaration]:
    """As long as it is handed in and not paid. The time counts from the first time, whoever sent it back meanwhile."""
    declaration, here = now.state, moment(event, at)
    if declaration.first_submitted_at is None or declaration.payments or not declaration.submitted:
        now = _awaits(now, [])
        because = "it is paid" if declaration.payments else "it was sent back"
        return now.resolves(LATE, at, because, by=[event])
    ends = [after(declaration.first_submitted_at, days) for days in _stages(declaration)]
    now = _awaits(now, [end for end in ends if end >= here])
    passed = [severity for end, severity in zip(ends, STAGES, strict=True) if end < here]
    if not passed:
        return now.resolves(LATE, at, "it is not due yet", by=[event])
    summary = f"Declaration {declaration.id} was first handed in on {declaration.first_submitted_at:%Y-%m-%d}, not paid"
    return found(now, LATE, at, summary, [declaration.submission], {}, event=event, severity=passed[-1])


def _at_payment(now: Step[Declaration], event: Event, at: datetime) -> Step[Declaration]:
    """Judged by what was paid alone."""
    declaration, took = now.state, now.state.paid_after
    now = _awaits(now, [])
    days = [severity for span, severity in zip(_stages(declaration), STAGES, strict=True) if took and took > span]
    if not days:
        return now.resolves(LATE, at, "it was paid in time", by=[event])
    summary = f"Declaration {declaration.id} was paid too late"
    records = [declaration.submission, declaration.payment]
    return found(now, LATE, at, summary, records, {}, event=event, severity=days[-1])


def _stages(declaration: Declaration) -> tuple[timedelta, timedelta, timedelta]:
    """The three limits; each is at least the one before it."""
    settings = declaration.settings
    first = timedelta(days=settings.payment_warning_days)
    second = max(first, timedelta(days=settings.payment_error_days))
    return first, second, max(second, timedelta(days=settings.payment_critical_days))


def _awaits(now: Step[Declaration], ends: list[datetime]) -> Step[Declaration]:
    return now.awaits("late", min(ends, default=None))


def _unapproved(now: Step[Declaration], _: str, event: Event, at: datetime) -> Step[Declaration]:
    declaration = now.state
    if not declaration.payments or declaration.finally_approved:
        return now.resolves(UNAPPROVED, at, "it is finally approved", by=[event])
    summary = f"Declaration {declaration.id} was paid and not finally approved"
    return found(now, UNAPPROVED, at, summary, [declaration.payment], {}, event=event)


def _resubmitted(now: Step[Declaration], _: str, event: Event, at: datetime) -> Step[Declaration]:
    declaration = now.state
    if declaration.submissions < 2 or declaration.payments:
        return now.resolves(RESUBMITTED, at, "it is paid", by=[event])
    summary = f"Declaration {declaration.id} was handed in more than once"
    return found(now, RESUBMITTED, at, summary, [declaration.submission, declaration.another], {}, event=event)


def _amount(now: Step[Declaration], _: str, event: Event, at: datetime) -> Step[Declaration]:
    declaration = now.state
    if declaration.amount is None or declaration.amount.amount > 0:
        return now.resolves(AMOUNT, at, "the amount was corrected", by=[event])
    summary = f"Declaration {declaration.id} is about {declaration.amount}"
    return found(now, AMOUNT, at, summary, [declaration.amount_record], {}, event=event)


JUDGES = {LATE: _late, UNAPPROVED: _unapproved, RESUBMITTED: _resubmitted, AMOUNT: _amount}

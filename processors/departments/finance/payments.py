"""Payments: what clients owe comes in time, whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from processors.departments.finance.account import NO_DUE, Account, Due, Sum, fires, total
from processors.departments.reviews import review
from processors.rule import Rule, Severity
from processors.step import Step, firing_of
from processors.wall_clock import FIRST_DAY, LAST_DAY
from schemas.envelope import Event
from schemas.finance import FindingReviewed, PaymentCancelled, PaymentDue, PaymentReceived, PaymentReturned
from schemas.processing import DeadlinePassed

MISSED = Rule(
    "finance.payment_missed",
    "warning",
    "a payment has not come, or not whole, on the 1st day after its due date; an error on the 30th, 60th and 90th",
    "received in full, cancelled, put off, or reviewed",
    distinguish=("payment",),
    settings=("payment_stages_days", "calendar"),
)

PREFIX = "payment/"


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case PaymentDue() | PaymentCancelled() | PaymentReceived():
            return _settle(now, event, event.payment, at)
        case PaymentReturned():
            return _settle(now, event, now.state.receipts[event.receipt].payment, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _missed(now, name.removeprefix(PREFIX), due, at)
        case FindingReviewed(rule=MISSED.name):
            return review(now, event, at, MISSED)
    return now


def _stages(account: Account, due: Due) -> Iterator[tuple[int, datetime]]:
    """On the n-th day after the due date it is n days late: each stage begins with that day."""
    if due.due_on is None:
        return
    for days in sorted(set(account.settings.payment_stages_days)):
        more = min(max(days - 1, 0), (LAST_DAY - FIRST_DAY).days)
        last = min(max(due.due_on, FIRST_DAY), LAST_DAY - timedelta(days=more)) + timedelta(days=more)
        yield days, account.calendar.end_of_day(last)


def _settle(now: Step[Account], event: Event, name: str, at: datetime) -> Step[Account]:
    """Waits for what is owed. What was said of another due date, or has come, is over."""
    if not name:
        return now
    due, firing = now.state.dues.get(name, NO_DUE), firing_of(now.state, MISSED, payment=name)
    stages = list(_stages(now.state, due)) if due.is_open else []
    if not stages or stages[0][1] > at:
        why = "it is put off" if stages else "it is received or cancelled"
        now = now.resolves(MISSED, at, why, by=[event], payment=name)
        return now.awaits(PREFIX + name, stages[0][1] if stages else None)
    if firing is None:
        return now.awaits(PREFIX + name, stages[0][1])
    return now.awaits(PREFIX + name, next((instant for _, instant in stages if instant > at), None))


def _missed(now: Step[Account], name: str, until: datetime, at: datetime) -> Step[Account]:
    """Says which stage was reached by `until`, and waits for the next one."""
    account = now.state
    due = account.dues.get(name, NO_DUE)
    stages = list(_stages(account, due))
    reached = [stage for stage in stages if stage[1] <= until]
    if not reached or not due.is_open or due.amount is None:
        return now
    days, instant = reached[-1]
    severity: Severity = "error" if len(reached) > 1 else MISSED.severity
    missing = Sum(due.amount.currency, due.amount.amount - total(due.received, due.amount.currency))
    return fires(
        now.awaits(PREFIX + name, next((i for _, i in stages if i > until), None)),
        MISSED,
        at,
        f"Payment {name} of account {account.id} is missed for {days} days",
        because=[due.record],
        labels={"payment": name},
        annotations={"missing": str(missing)},
        severity=severity,
        due=instant,
    )

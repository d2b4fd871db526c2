"""Reconciliation: every line of a statement is matched with the books in time."""

from datetime import datetime

from processors.departments.finance.account import NO_STATEMENT, Account, Statement, fires
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.finance import FindingReviewed, StatementReceived, StatementReconciled
from schemas.processing import DeadlinePassed

UNRECONCILED = Rule(
    "finance.unreconciled",
    "warning",
    "lines of a statement are not matched within 5 business days; one alert per statement",
    "all are matched, or reviewed",
    distinguish=("statement",),
    settings=("reconciliation_business_days", "calendar"),
)

PREFIX = "statement/"

SHOWN = 10
"""At most this many lines are named in an alert."""


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case StatementReceived() | StatementReconciled():
            return _settle(now, event, event.statement, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            statement = now.state.statements.get(name.removeprefix(PREFIX), NO_STATEMENT)
            return _say(now, name.removeprefix(PREFIX), statement, at, due) if statement.open else now
        case FindingReviewed(rule=UNRECONCILED.name):
            return review(now, event, at, UNRECONCILED)
    return now


def _settle(now: Step[Account], event: Event, name: str, at: datetime) -> Step[Account]:
    account, statement = now.state, now.state.statements[name]
    if statement.received_at is None or not statement.open:
        why = "every line is matched"
        return now.awaits(PREFIX + name, None).resolves(UNRECONCILED, at, why, by=[event], statement=name)
    if is_firing(account, UNRECONCILED, statement=name):
        return _say(now, name, statement, at)
    days = account.settings.reconciliation_business_days
    last = account.calendar.add_business_days(account.calendar.local_date(statement.received_at), days)
    return now.awaits(PREFIX + name, account.calendar.end_of_business_day(last))


def _say(
    now: Step[Account], name: str, statement: Statement, at: datetime, due: datetime | None = None
) -> Step[Account]:
    left = statement.open
    return fires(
        now,
        UNRECONCILED,
        at,
        f"{len(left)} of {len(statement.lines)} lines of statement {name} of account {now.state.id} are not matched",
        because=statement.because,
        labels={"statement": name},
        annotations={"lines": ", ".join(left[:SHOWN]) + (", ..." if len(left) > SHOWN else "")},
        due=due,
    )

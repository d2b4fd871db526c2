"""Access after termination: nobody's accounts outlive their last day."""

from datetime import datetime

from processors.correlation.person import Person
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import AccountStated, EmploymentStated
from schemas.processing import DeadlinePassed

ACCESS_AFTER_TERMINATION = Rule(
    "hr.access_after_termination",
    "critical",
    "an account of somebody is active after their last day",
    "it is deprovisioned, or the employment goes on",
    distinguish=("account",),
    settings=("calendar",),
)
RULES = (ACCESS_AFTER_TERMINATION,)

LAST_DAY = "hr.access_after_termination/last_day"


def check(now: Step[Person], event: Event, at: datetime) -> Step[Person]:
    match event:
        case EmploymentStated() | AccountStated():
            return _judge(now, event, at, None)
        case DeadlinePassed(name=name, due=due) if name == LAST_DAY:
            return _judge(now, event, at, due)
    return now


def _judge(now: Step[Person], event: Event, at: datetime, due: datetime | None) -> Step[Person]:
    """All of a person's accounts, which are few: the inactive ones are soon forgotten."""
    person = now.state
    last_day = person.employment.last_day
    over_at = person.calendar.end_of_day(last_day) if last_day else None
    over = over_at is not None and over_at <= at
    now = now.awaits(LAST_DAY, None if over else over_at)
    for name, account in person.accounts.items():
        if not over:
            now = now.resolves(ACCESS_AFTER_TERMINATION, at, "the employment goes on", by=[event], account=name)
        elif not account.active:
            now = now.resolves(ACCESS_AFTER_TERMINATION, at, "it is deprovisioned", by=[event], account=name)
        else:
            now = now.fires(
                ACCESS_AFTER_TERMINATION,
                at,
                f"Account {name} of {person.id} is active after the last day, {last_day}",
                because=[record for record in (account.record, person.employment.record) if record],
                labels={"account": name},
                due=due,
            )
    return now

"""Accounts: there when their owner needs them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.calendar import FIRST_DAY
from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.it import AccountDeprovisioned, AccountProvisioned, AccountProvisionRequested
from schemas.processing import DeadlinePassed

PROVISIONING_OVERDUE = Rule(
    "it.provisioning_overdue",
    "warning",
    "an account is not provisioned 1 business day after it was asked for, or when its owner's first day begins",
    "it is provisioned",
)
RULES = (PROVISIONING_OVERDUE,)

DUE = "it.provisioning_overdue/due"


@dataclass(frozen=True, kw_only=True)
class Account(State):
    """What is known of one account. `active`: it can be used now."""

    settings: ITSettings = field(default=DEFAULTS)
    person: str | None = None
    requested_at: datetime | None = None
    starts_on: date | None = None
    active: bool = False
    turned_at: datetime | None = None
    """When it was last provisioned or deprovisioned."""
    record: Evidence | None = None
    """The latest request."""


def step(state: Account, event: Event, at: datetime) -> Step[Account]:
    """One event of an account, or the instant by which it must be there."""
    match event:
        case AccountProvisionRequested():
            return _requested(state, event)
        case AccountProvisioned():
            return _turned(state, event, at, active=True)
        case AccountDeprovisioned():
            return _turned(state, event, at, active=False)
        case DeadlinePassed(name=name) if name == DUE and not state.active:
            return Step(state).fires(
                PROVISIONING_OVERDUE,
                at,
                f"Account {state.id} is not provisioned in time",
                because=[state.record] if state.record else [],
                due=event.due,
            )
    return Step(state)


def _requested(account: Account, event: AccountProvisionRequested) -> Step[Account]:
    """A request that is told after what it led to changes nothing."""
    time = event.about.time
    asked = account.evolve(person=event.person, requested_at=time, starts_on=event.starts_on, record=event.about.record)
    if account.active or (account.turned_at is not None and time <= account.turned_at):
        return Step(asked)
    return Step(asked).awaits(DUE, _due(time, event.starts_on, account.settings))


def _due(requested_at: datetime, starts_on: date | None, settings: ITSettings) -> datetime:
    """Whichever is earlier; but one who asks on the first day, or later, cannot have it before asking."""
    hours = settings.hours
    last_day = hours.add_business_days(hours.local_date(requested_at), settings.provisioning_business_days)
    due = hours.end_of_business_day(last_day)
    if starts_on is None:
        return due
    first_day_begins = hours.end_of_day(max(starts_on, FIRST_DAY) - timedelta(days=1))
    return due if first_day_begins <= requested_at else min(due, first_day_begins)


def _turned(account: Account, event: Event, at: datetime, *, active: bool) -> Step[Account]:
    if account.turned_at is not None and event.about.time < account.turned_at:
        return Step(account)
    step = Step(account.evolve(active=active, turned_at=event.about.time)).awaits(DUE, None)
    because = "it is provisioned" if active else "it is not needed any more"
    return step.resolves(PROVISIONING_OVERDUE, at, because, by=[event])

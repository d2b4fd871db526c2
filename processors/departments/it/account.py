"""Accounts: there when their owner needs them. Whether one is active is told to HR's rules over several keys."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from processors.departments import credits
from processors.departments.credits import Credited
from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.rule import Rule
from processors.step import Step
from processors.wall_clock import FIRST_DAY
from schemas.envelope import Event, Evidence
from schemas.facts import AccountStated
from schemas.it import AccountDeprovisioned, AccountProvisioned, AccountProvisionRequested, DeadlineCredited
from schemas.processing import DeadlinePassed

PROVISIONING_OVERDUE = Rule(
    "it.provisioning_overdue",
    "warning",
    "an account is not provisioned 1 business day after it was asked for, or when its owner's first day begins; while "
    "a service that it needs is down, its time stands still",
    "it is provisioned",
    settings=("provisioning_business_days", "calendar"),
)
RULES = (PROVISIONING_OVERDUE,)

DUE = "it.provisioning_overdue/due"


@dataclass(frozen=True, kw_only=True)
class Account(Credited):
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
    turned: Evidence | None = None
    """What last provisioned or deprovisioned it."""
    told_person: str | None = None
    """Whose account it was last told to be."""
    told_active: bool = False
    statements: int = 0
    """How often that was told."""


def step(state: Account, event: Event, at: datetime) -> Step[Account]:
    """One event of an account, or the instant by which it must be there."""
    match event:
        case AccountProvisionRequested():
            return _tell(_requested(state, event))
        case AccountProvisioned():
            return _tell(_turned(state, event, at, active=True))
        case AccountDeprovisioned():
            return _tell(_turned(state, event, at, active=False))
        case DeadlineCredited():
            return credits.credited(Step(state), event, at, state.settings.hours, PROVISIONING_OVERDUE)
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
    return credits.waits(
        Step(asked),
        DUE,
        _due(time, event.starts_on, account.settings),
        account.settings.hours,
        department="it",
        service=event.needs_service,
        since=time,
        record=event.about.record,
    )


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
    turned = account.evolve(active=active, turned_at=event.about.time, turned=event.about.record)
    step = credits.over(Step(turned), DUE, event.about.record)
    because = "it is provisioned" if active else "it is not needed any more"
    return step.resolves(PROVISIONING_OVERDUE, at, because, by=[event])


def _tell(step: Step[Account]) -> Step[Account]:
    """Its owner hears whether it is active, and a former owner that it is not theirs."""
    account = step.state
    if account.turned_at is None or (account.person, account.active) == (account.told_person, account.told_active):
        return step
    if account.told_person is not None and account.told_person != account.person:
        step = _state(step, account.told_person, active=False)
    if account.person is not None:
        step = _state(step, account.person, active=account.active)
    return step.evolve(told_person=account.person, told_active=account.active)


def _state(step: Step[Account], person: str, *, active: bool) -> Step[Account]:
    account, revision = step.state, step.state.statements + 1
    fact = AccountStated(account=account.id, active=active, revision=revision, record=account.turned)
    return step.evolve(statements=revision).emits(f"person/{person}", fact)

"""Customers who complain again and again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import CustomerComplained, CustomerMerged
from schemas.processing import DeadlinePassed

REPEAT_COMPLAINTS = Rule(
    "front_office.repeat_complaints",
    "warning",
    "3 complaints of one customer came within 30 days",
    "no complaint of the customer came for 30 days, or they were another's",
    settings=("repeat_complaints", "repeat_days"),
)
RULES = (REPEAT_COMPLAINTS,)

QUIET = f"{REPEAT_COMPLAINTS.name}/quiet"

DAY = timedelta(days=1)
"""What comes from farther in the future is a mistyped year, and counts for nothing."""

REMEMBERED = 50
"""At most so many complaints of a customer are remembered, the latest."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint of the customer's, or one that was thought to be."""

    id: str
    received_at: datetime
    holds: bool
    revision: int
    record: Evidence | None
    via: str | None = None
    """The id, merged into this one, under which it was told."""


@dataclass(frozen=True, kw_only=True)
class Customer(State):
    """The latest complaints of a customer, oldest first."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    complaints: tuple[Complaint, ...] = ()
    into: str | None = None
    """The id that this one is merged into: what is told here is passed on there."""
    merged: int = 0
    """The revision of that."""
    passed: int = 0
    """How often anything was passed on."""

    def holding(self) -> dict[str, Complaint]:
        """Those that count, by id, oldest first."""
        return {complaint.id: complaint for complaint in self.complaints if complaint.holds}


def step(state: Customer, event: Event, at: datetime) -> Step[Customer]:
    """A customer complained, is another one, or was quiet for long enough."""
    match event:
        case CustomerComplained():
            known = next((c for c in state.complaints if (c.id, c.via) == (event.complaint, event.via)), None)
            if known is not None and known.revision >= event.revision:
                return Step(state)
            return _judged(_passes_on(state, _told(state, event)), event, at)
        case CustomerMerged() if event.revision > state.merged and event.into != state.id:
            gone = _tells(Step(state), state.into, state.holding(), holds=False)
            merged = gone.evolve(into=event.into, merged=event.revision)
            return _judged(_tells(merged, event.into, state.holding(), holds=True), event, at)
        case DeadlinePassed():
            forgotten = state.evolve(complaints=tuple(c for c in state.complaints if c.received_at > event.due))
            days = state.settings.repeat_days
            return Step(forgotten).resolves(REPEAT_COMPLAINTS, at, f"it was quiet for {days} days", by=[event])
    return Step(state)


def _told(state: Customer, event: CustomerComplained) -> Customer:
    now = Complaint(event.complaint, event.received_at, event.holds, event.revision, event.record, event.via)
    others = (c for c in state.complaints if (c.id, c.via) != (now.id, now.via))
    complaints = sorted((*others, now), key=lambda c: (c.received_at, c.id, c.via or ""))[-REMEMBERED:]
    return state.evolve(complaints=tuple(complaints))


def _passes_on(before: Customer, now: Customer) -> Step[Customer]:
    """What counts here, or does not any more, to the id that stays."""
    were, are = before.holding(), now.holding()
    gone = {id: complaint for id, complaint in were.items() if id not in are}
    new = {id: complaint for id, complaint in are.items() if id not in were}
    return _tells(_tells(Step(now), now.into, gone, holds=False), now.into, new, holds=True)


def _tells(step: Step[Customer], into: str | None, complaints: dict[str, Complaint], *, holds: bool) -> Step[Customer]:
    for complaint in complaints.values() if into is not None else ():
        fact = CustomerComplained(
            complaint=complaint.id,
            received_at=complaint.received_at,
            holds=holds,
            via=step.state.id,
            revision=step.state.passed + 1,
            record=complaint.record,
        )
        step = step.evolve(passed=step.state.passed + 1).emits(f"customer/{into}", fact)
    return step


def _judged(now: Step[Customer], event: Event, at: datetime) -> Step[Customer]:
    customer, window = now.state, timedelta(days=now.state.settings.repeat_days)
    told = [c for c in customer.holding().values() if c.received_at <= after(at, DAY)]
    complaints = _chain(told, window)
    if not complaints or after(complaints[-1].received_at, window) < at:
        return now.awaits(QUIET, after(at, window)).resolves(
            REPEAT_COMPLAINTS, at, "the last one is long ago", by=[event]
        )
    now = now.awaits(QUIET, after(complaints[-1].received_at, window))
    if customer.into is not None or not _are_many(complaints, window, customer.settings.repeat_complaints):
        because = f"it is customer {customer.into}" if customer.into else "they were fewer, or farther apart"
        return now.resolves(REPEAT_COMPLAINTS, at, because, by=[event])
    return now.fires(
        REPEAT_COMPLAINTS,
        at,
        f"Customer {customer.id} complained {len(complaints)} times, never {window.days} days apart",
        because=[complaint.record for complaint in complaints if complaint.record],
        annotations={"complaints": ", ".join(complaint.id for complaint in complaints)},
    )


def _are_many(complaints: list[Complaint], window: timedelta, many: int) -> bool:
    """Whether so many of them, oldest first, ever came within the window."""
    firsts_and_lasts = zip(complaints, complaints[many - 1 :], strict=False)
    return any(last.received_at - first.received_at <= window for first, last in firsts_and_lasts)


def _chain(complaints: list[Complaint], window: timedelta) -> list[Complaint]:
    """The latest ones, back to the last time that the customer was quiet for longer than the window."""
    chain: list[Complaint] = []
    for complaint in reversed(complaints):
        if chain and chain[0].received_at - complaint.received_at > window:
            break
        chain.insert(0, complaint)
    return chain

"""Outages explain complaints: those that name a service which is, or turns out to have been, down."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event, Evidence
from schemas.facts import ComplaintNamedService, ServiceDown, ServiceUp
from schemas.signals import LinkMade, LinkWithdrawn

OUTAGE_EXPLAINS_COMPLAINTS = Rule(
    "correlation.outage_explains_complaints",
    "warning",
    "complaints name a service that is down: one alert per outage, with their number and ids",
    "the outage is over",
    distinguish=("outage",),
)
RULES = (OUTAGE_EXPLAINS_COMPLAINTS,)

EXPLAINING_RULE = "it.outage"
"""The rule whose alert of the service explains the complaints."""

SHOWN = 50
"""An alert names at most this many complaints."""


@dataclass(frozen=True, slots=True)
class Outage:
    """An interval in which the service was down; `until` None: it still is."""

    since: datetime
    until: datetime | None
    revision: int
    record: Evidence | None
    complaints: int = 0
    """How many it explains."""
    shown: tuple[str, ...] = ()
    """The ids of the first of them, in the order of ids."""

    def covers(self, instant: datetime, grace: timedelta) -> bool:
        return self.since <= instant and (self.until is None or instant <= after(self.until, grace))


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint that names the service, or was thought to."""

    received_at: datetime
    names: bool
    revision: int
    record: Evidence | None
    outages: tuple[str, ...] = ()
    """The outages that explain it."""


@dataclass(frozen=True, kw_only=True)
class Service(State):
    """Outages and complaints of one service that were told of in the last days: this bounds what an event costs."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    outages: Rows[Outage] = field(default_factory=Rows)
    complaints: Rows[Complaint] = field(default_factory=Rows)

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.settings.outage_grace_minutes)

    @property
    def memory(self) -> timedelta:
        return timedelta(days=self.settings.outage_memory_days)


def step(state: Service, event: Event, at: datetime) -> Step[Service]:
    """A fact about the service. Facts may come in any order: what holds in the end is the same."""
    match event:
        case ServiceDown() | ServiceUp():
            return _outage(state, event, at)
        case ComplaintNamedService():
            return _complaint(state, event, at)
    return Step(state)


def _outage(service: Service, event: ServiceDown | ServiceUp, at: datetime) -> Step[Service]:
    """An interval is told or corrected: each complaint in memory is looked at again."""
    known = service.outages.get(event.outage)
    if known and known.revision >= event.revision:
        return Step(service)
    until = event.until if isinstance(event, ServiceUp) else None
    now = Outage(event.since, until, event.revision, event.record)
    if known:
        now = replace(now, complaints=known.complaints, shown=known.shown, record=known.record or now.record)
    step = _put_outage(Step(service), event.outage, now, at)
    for name, complaint in service.complaints.items():
        explains = complaint.names and now.covers(complaint.received_at, service.grace)
        outages = {*complaint.outages} - {event.outage} | ({event.outage} if explains else set())
        step = _explained(step, name, complaint, tuple(sorted(outages)), at)
    return _told(step, event.outage, at, event)


def _complaint(service: Service, event: ComplaintNamedService, at: datetime) -> Step[Service]:
    known = service.complaints.get(event.complaint)
    if known and known.revision >= event.revision:
        return Step(service)
    before = known.outages if known else ()
    complaint = Complaint(event.received_at, event.names, event.revision, event.record, before)
    now = tuple(
        sorted(
            name
            for name, outage in service.outages.items()
            if event.names and outage.covers(event.received_at, service.grace)
        )
    )
    step = _put_complaint(Step(service), event.complaint, complaint, at)
    step = _explained(step, event.complaint, complaint, now, at)
    for name in sorted({*before, *now}):
        step = _told(step, name, at, event)
    return step


def _explained(
    step: Step[Service], name: str, complaint: Complaint, outages: tuple[str, ...], at: datetime
) -> Step[Service]:
    """These outages explain the complaint from here on; alerting hears of the first one, and of there being none."""
    if outages == complaint.outages:
        return step
    step = _put_complaint(step, name, replace(complaint, outages=outages), at)
    for outage in sorted({*outages} ^ {*complaint.outages}):
        step = _counted(step, outage, name, at, explained=outage in outages)
    service, subject = step.state, f"complaint/{name}"
    if not complaint.outages:
        because = f"{service.id} was down when the complaint came"
        link = LinkMade(explained=subject, explained_by=service.key, rule=EXPLAINING_RULE, because=because)
        return step.emits(subject, link)
    if not outages:
        withdrawn = LinkWithdrawn(explained=subject, explained_by=service.key, rule=EXPLAINING_RULE)
        return step.emits(subject, withdrawn)
    return step


def _counted(step: Step[Service], outage: str, complaint: str, at: datetime, *, explained: bool) -> Step[Service]:
    known = step.state.outages.get(outage)
    if known is None:
        return step
    shown = {*known.shown, complaint} if explained else {*known.shown} - {complaint}
    now = replace(known, complaints=known.complaints + (1 if explained else -1), shown=tuple(sorted(shown)[:SHOWN]))
    return _put_outage(step, outage, now, at)


def _told(step: Step[Service], name: str, at: datetime, event: Event) -> Step[Service]:
    """One alert for all complaints of an outage, while it lasts."""
    outage = step.state.outages.get(name)
    if outage is None:
        return step
    if outage.until is not None:
        return step.resolves(OUTAGE_EXPLAINS_COMPLAINTS, at, "the outage is over", by=[event], outage=name)
    if not outage.complaints:
        because = "it explains no complaint any more"
        return step.resolves(OUTAGE_EXPLAINS_COMPLAINTS, at, because, by=[event], outage=name)
    more = outage.complaints - len(outage.shown)
    n = f"{outage.complaints} complaint{'s' if outage.complaints > 1 else ''}"
    return step.fires(
        OUTAGE_EXPLAINS_COMPLAINTS,
        at,
        f"{n} came while {step.state.id} is down",
        because=_records(step.state, outage),
        labels={"outage": name},
        annotations={
            "count": str(outage.complaints),
            "complaints": ", ".join(outage.shown) + (f" and {more} more" if more else ""),
        },
    )


def _records(service: Service, outage: Outage) -> list[Evidence]:
    complaints = (service.complaints.get(name) for name in outage.shown)
    records = [outage.record, *(complaint.record for complaint in complaints if complaint)]
    return [record for record in records if record]


def _put_outage(step: Step[Service], name: str, outage: Outage, at: datetime) -> Step[Service]:
    service = step.state
    forget = None if outage.until is None else after(max(outage.until, at), service.grace + service.memory)
    return step.evolve(outages=service.outages.put(name, outage, forget))


def _put_complaint(step: Step[Service], name: str, complaint: Complaint, at: datetime) -> Step[Service]:
    service = step.state
    forget = after(max(complaint.received_at, at), service.grace + service.memory)
    return step.evolve(complaints=service.complaints.put(name, complaint, forget))

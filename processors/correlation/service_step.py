"""What each fact about a service does."""

from datetime import datetime

from processors.correlation import changes, credits, dependencies, explained, impact, surge
from processors.correlation.service import Outage, Service, put_outage
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import (
    ChangeTold,
    ComplaintNamedService,
    DeadlineDepends,
    DependentHappened,
    ImpactReported,
    ServiceDependsOn,
    ServiceDown,
    ServiceUp,
    StreamInterrupted,
)
from schemas.processing import DeadlinePassed

RULES = (*explained.RULES, *changes.RULES, *surge.RULES, *impact.RULES)


def step(state: Service, event: Event, at: datetime) -> Step[Service]:
    """A fact about the service. Facts may come in any order: what holds in the end is the same."""
    match event:
        case ServiceDown() | ServiceUp():
            return _outage(state, event, at)
        case ComplaintNamedService():
            return _complaint(state, event, at)
        case ImpactReported():
            return impact.reported(Step(state), event, at)
        case ChangeTold():
            return changes.told(Step(state), event, at)
        case DeadlineDepends():
            return credits.depends(Step(state), event, at)
        case ServiceDependsOn():
            return dependencies.declared(Step(state), event)
        case DependentHappened():
            step, happening = dependencies.arrived(Step(state), event, at)
            return step if happening is None else changes.passed_on(step, happening, event, at)
        case DeadlinePassed(name=name) if name == surge.OVER:
            return _surge(Step(state), event, at)
        case DeadlinePassed():
            return changes.no_longer_shared(Step(state), event, at)
    return Step(state)


def _outage(service: Service, event: ServiceDown | ServiceUp, at: datetime) -> Step[Service]:
    """An interval is told or corrected: whatever it may explain is looked at again."""
    known = service.outages.get(event.outage)
    if known and known.revision >= event.revision:
        return Step(service)
    until = event.until if isinstance(event, ServiceUp) else None
    alike = known is not None and (known.since, known.until) == (event.since, until)
    now = Outage(
        event.since,
        until,
        event.revision,
        known.record if known and alike else event.record,
        known.complaints if known else 0,
        known.shown if known else (),
        told_again=known is not None,
    )
    step = put_outage(Step(service), event.outage, now, at)
    step = explained.outage_told(step, event, now, at)
    step = changes.outage_told(step, event.outage, now, event, at)
    step = credits.outage_told(step, event.outage, known, now)
    step = impact.outage_told(step, event.outage, now, event, at)
    step = _interrupts(step, event.outage, now)
    return _surge(step, event, at) if step.state.surging else step


def _complaint(service: Service, event: ComplaintNamedService, at: datetime) -> Step[Service]:
    known = service.complaints.get(event.complaint)
    if known and known.revision >= event.revision:
        return Step(service)
    step = explained.complaint_told(Step(service), event, at)
    if known and known.names:
        step = surge.counted(step, service.settings, known.received_at, -1, at)
    if event.names:
        step = surge.counted(step, service.settings, event.received_at, 1, at)
    return _surge(step, event, at)


def _surge(step: Step[Service], event: Event, at: datetime) -> Step[Service]:
    service = step.state

    def explains(since: datetime, until: datetime) -> tuple[str, tuple[Evidence, ...]]:
        found = {name: o for name, o in service.outages.items() if o.overlaps(since, until, service.grace)}
        records = tuple(outage.record for outage in found.values() if outage.record)
        return f"; it is or was down ({', '.join(found)})" if found else "", records

    return surge.judged(step, service.settings, event, at, explains)


def _interrupts(step: Step[Service], name: str, outage: Outage) -> Step[Service]:
    """The streams that are expected to come through this service hear of its outage."""
    for silence in step.state.settings.silences:
        if silence.service == step.state.id:
            fact = StreamInterrupted(
                service=step.state.id,
                outage=name,
                since=outage.since,
                until=outage.until,
                revision=outage.revision,
                record=outage.record,
            )
            step = step.emits(f"stream/{silence.event}", fact)
    return step

"""Deadline credit: a deadline that an outage made impossible moves by the working time that was lost.

How long that is, the department works out by its own calendar (`processors/departments/credits.py`); here outages and
the deadlines that need the service meet.
"""

import json
from datetime import datetime

from processors.correlation.service import Outage, Service, Waiting
from processors.step import Step
from schemas.credits import Credit
from schemas.envelope import concrete_events
from schemas.facts import DeadlineDepends


def depends(step: Step[Service], event: DeadlineDepends, at: datetime) -> Step[Service]:
    """A deadline needs the service, or does not any more: it hears of the outages since it began to run."""
    service = step.state
    entry = json.dumps([event.subject, event.name], ensure_ascii=False)
    known = service.waiting.get(entry)
    if known is not None and known.revision >= event.revision:
        return step
    waiting = Waiting(event.department, event.subject, event.name, event.since, event.withdrawn, event.revision)
    forget = service.forget_at(at, at) if event.withdrawn else None
    step = step.evolve(waiting=service.waiting.put(entry, waiting, forget))
    for name, outage in service.outages.items():
        if _concerns(outage, waiting):
            step = _credits(step, waiting, name, outage)
    return step


def outage_told(step: Step[Service], name: str, before: Outage | None, now: Outage) -> Step[Service]:
    """Every open deadline that needs the service hears of it; of a correction also those it no longer concerns."""
    for waiting in step.state.waiting.values():
        if _concerns(now, waiting) or (before is not None and _concerns(before, waiting)):
            step = _credits(step, waiting, name, now)
    return step


def _concerns(outage: Outage, waiting: Waiting) -> bool:
    return not waiting.withdrawn and (outage.until is None or outage.until > waiting.since)


def _credits(step: Step[Service], waiting: Waiting, name: str, outage: Outage) -> Step[Service]:
    credit = _credit_of(waiting.department)
    if credit is None:
        return step
    said = credit(
        deadline=waiting.name,
        service=step.state.id,
        outage=name,
        since=outage.since,
        until=outage.until,
        revision=outage.revision,
    )
    return step.emits(waiting.subject, said)


def _credit_of(department: str) -> type[Credit] | None:
    """The credit that a department declares. All departments are loaded in every worker."""
    return next((cls for cls in concrete_events(Credit) if cls.topic == f"events.{department}"), None)  # type: ignore[return-value]

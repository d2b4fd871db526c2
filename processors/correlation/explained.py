"""Outages explain complaints: those that name a service which is, or turns out to have been, down."""

from dataclasses import replace
from datetime import datetime

from processors.correlation.service import Complaint, Outage, Service, put_complaint, put_outage
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import ComplaintNamedService, ServiceDown, ServiceUp
from schemas.signals import LinkMade, LinkWithdrawn

OUTAGE_EXPLAINS_COMPLAINTS = Rule(
    "correlation.outage_explains_complaints",
    "warning",
    "complaints name a service that is down: one alert per outage, with their number and ids",
    "the outage is over",
    distinguish=("outage",),
    settings=("outage_grace_minutes",),
)
RULES = (OUTAGE_EXPLAINS_COMPLAINTS,)

EXPLAINING_RULE = "it.outage"
"""The rule whose alert of the service explains the complaints."""

SHOWN = 50
"""An alert names at most this many complaints."""


def outage_told(step: Step[Service], event: ServiceDown | ServiceUp, now: Outage, at: datetime) -> Step[Service]:
    """An interval is told or corrected: each complaint in memory is looked at again."""
    service = step.state
    for name, complaint in service.complaints.items():
        explains = complaint.names and now.covers(complaint.received_at, service.grace)
        outages = {*complaint.outages} - {event.outage} | ({event.outage} if explains else set())
        step = _explained(step, name, complaint, tuple(sorted(outages)), at)
    return _told(step, event.outage, at, event)


def complaint_told(step: Step[Service], event: ComplaintNamedService, at: datetime) -> Step[Service]:
    """A complaint names the service, or does not after all. Only news comes here."""
    service = step.state
    known = service.complaints.get(event.complaint)
    before = known.outages if known else ()
    complaint = Complaint(event.received_at, event.names, event.revision, event.record, before)
    now = tuple(
        sorted(
            name
            for name, outage in service.outages.items()
            if event.names and outage.covers(event.received_at, service.grace)
        )
    )
    step = put_complaint(step, event.complaint, complaint, at)
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
    step = put_complaint(step, name, replace(complaint, outages=outages), at)
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
    return put_outage(step, outage, now, at)


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

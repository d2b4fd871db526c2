"""Retrieval: a record that somebody asks for is there in time."""

from dataclasses import replace
from datetime import datetime, timedelta

from processors.calendar import AROUND_THE_CLOCK
from processors.departments import credits
from processors.departments.health.patient import NO_REQUEST, Patient, Request, fires
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.health import DeadlineCredited, FindingReviewed, RecordRequestCancelled, RecordRequested, RecordRetrieved
from schemas.processing import DeadlinePassed

OVERDUE = Rule(
    "health.retrieval_overdue",
    "error",
    "a requested record is not there within 30 min; while a service that it needs is down, its time stands still",
    "retrieved, not needed any more, or reviewed",
    distinguish=("request",),
    settings=("retrieval_minutes",),
)

PREFIX = "retrieval/"


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case RecordRequested():
            known = now.state.requests.get(event.request, NO_REQUEST)
            asked = replace(known, by=event.by, needs_service=event.needs_service)
            if known.requested_at is None or event.about.time < known.requested_at:
                asked = replace(asked, requested_at=event.about.time, record=event.about.record)
            return _settle(now, event, event.request, asked, "", at)
        case RecordRetrieved(request=str(request)):
            return _done(now, event, request, "it is retrieved", at)
        case RecordRequestCancelled():
            return _done(now, event, event.request, "it is not needed any more", at)
        case DeadlineCredited(deadline=name) if name.startswith(PREFIX):
            request = name.removeprefix(PREFIX)
            return credits.credited(now, event, at, AROUND_THE_CLOCK, OVERDUE, request=request)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _late(now, name.removeprefix(PREFIX), due, at)
        case FindingReviewed(rule=OVERDUE.name):
            return review(now, event, at, OVERDUE)
    return now


def _done(now: Step[Patient], event: Event, name: str, why: str, at: datetime) -> Step[Patient]:
    known = now.state.requests.get(name, NO_REQUEST)
    done_at = min(event.about.time, known.done_at or event.about.time)
    return _settle(now, event, name, replace(known, done_at=done_at), why, at)


def _settle(now: Step[Patient], event: Event, name: str, request: Request, why: str, at: datetime) -> Step[Patient]:
    now = now.evolve(requests=now.state.requests.put(name, request))
    if request.done_at is not None:
        now = credits.over(now, PREFIX + name, event.about.record)
        return now.resolves(OVERDUE, at, why, by=[event], request=name)
    if request.requested_at is None:
        return now
    now = _waits(now, name, request, request.requested_at)
    due = now.state.deadlines.get(PREFIX + name)
    if due is None or due > at:
        return now.resolves(OVERDUE, at, "there is more time for it", by=[event], request=name)
    return now.awaits(PREFIX + name, None) if is_firing(now.state, OVERDUE, request=name) else now


def _waits(now: Step[Patient], name: str, request: Request, since: datetime) -> Step[Patient]:
    """Minutes as they come: the archive is asked by day and by night."""
    return credits.waits(
        now,
        PREFIX + name,
        after(since, timedelta(minutes=now.state.settings.retrieval_minutes)),
        AROUND_THE_CLOCK,
        department="health",
        service=request.needs_service,
        since=since,
        record=request.record,
    )


def _late(now: Step[Patient], name: str, due: datetime, at: datetime) -> Step[Patient]:
    request = now.state.requests.get(name, NO_REQUEST)
    if request.done_at is not None:
        return now
    return fires(
        now,
        OVERDUE,
        at,
        f"Patient {now.state.id}: the record that {request.by} asked for with {name} is not there",
        because=[request.record],
        labels={"request": name},
        due=due,
    )

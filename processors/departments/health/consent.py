"""Consent: nobody reads a record for a purpose that the patient does not allow any more."""

from dataclasses import replace
from datetime import datetime

from processors.departments.health.patient import NO_CONSENT, Access, Consent, Patient, fires
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.health import ConsentGiven, ConsentWithdrawn, FindingReviewed, RecordRetrieved

BREACH = Rule(
    "health.consent_breach",
    "critical",
    "a record is read for a purpose whose consent was withdrawn",
    "reviewed; or the consent turns out to have been given",
    distinguish=("access",),
)

MAX_TURNS, MAX_READS = 50, 20
"""How many are remembered of one purpose, the latest. A withdrawal that is told late is held against these readings."""


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case ConsentGiven() | ConsentWithdrawn():
            consent = now.state.consents.get(event.purpose, NO_CONSENT)
            given = isinstance(event, ConsentGiven)
            consent = consent.turn(event.about.time, given, event.about.record, MAX_TURNS)
            return _judge(now, event, event.purpose, consent, at)
        case RecordRetrieved(purpose=str(purpose)):
            access = Access(event.access, event.by, event.unit, event.about.time, event.about.record)
            consent = now.state.consents.get(purpose, NO_CONSENT)
            others = tuple(r for r in consent.reads if r.access != access.access)
            return _judge(now, event, purpose, replace(consent, reads=(*others, access)[-MAX_READS:]), at)
        case FindingReviewed(rule=BREACH.name):
            return review(now, event, at, BREACH)
    return now


def _judge(now: Step[Patient], event: Event, purpose: str, consent: Consent, at: datetime) -> Step[Patient]:
    now = now.evolve(consents=now.state.consents.put(purpose, consent))
    for read in consent.reads:
        if consent.withdrawn(read.at):
            summary = f"{read.by} read the record of patient {now.state.id} for a purpose whose consent is withdrawn"
            labels = {"access": read.access, "reader": read.by}
            now = fires(now, BREACH, at, summary, because=[consent.record_at(read.at), read.record], labels=labels)
        else:
            now = now.resolves(BREACH, at, "the consent held then", by=[event], access=read.access)
    return now

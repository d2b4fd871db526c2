"""Incidents: acknowledged and restored in time, not passed around; and those that are critical."""

from datetime import datetime

from processors.departments.it.incident import Incident, read
from processors.departments.reviews import is_reviewed, review
from processors.grounds import resting_on
from processors.rule import Rule
from processors.step import Step
from schemas import facts
from schemas.envelope import Event, Evidence
from schemas.it import FindingReviewed
from schemas.processing import DeadlinePassed

SLA_RESPONSE = Rule(
    "it.sla_response",
    "error",
    "an incident is not acknowledged within its priority's target; waiting pauses the clock",
    "it is acknowledged, which is recorded as missed",
    settings=(
        "sla",
        "response_minutes_p1",
        "response_minutes_p2",
        "response_minutes_p3",
        "response_minutes_p4",
        "around_the_clock",
        "calendar",
    ),
)
SLA_RESTORE = Rule(
    "it.sla_restore",
    "error",
    "an incident is not restored within its priority's target; or its own system says so, where that is trusted",
    "it is restored, which is recorded as missed; where the outside system is trusted, it is closed",
    settings=(
        "sla",
        "restore_minutes_p1",
        "restore_minutes_p2",
        "restore_minutes_p3",
        "restore_minutes_p4",
        "around_the_clock",
        "calendar",
    ),
)
INCIDENT_BOUNCING = Rule(
    "it.incident_bouncing",
    "warning",
    "an incident is reassigned more than 3 times, or reopened",
    "it is closed, or reviewed",
    distinguish=("reason",),
    settings=("bouncing_reassignments",),
)
MAJOR_INCIDENT = Rule(
    "it.major_incident",
    "critical",
    "an incident has priority 1",
    "it is resolved or closed, or its priority is lowered",
)
RULES = (SLA_RESPONSE, SLA_RESTORE, INCIDENT_BOUNCING, MAJOR_INCIDENT)

RESPONSE_DUE = "it.sla_response/due"
RESTORE_DUE = "it.sla_restore/due"


def step(state: Incident, event: Event, at: datetime) -> Step[Incident]:
    """One event of an incident, or one of its deadlines."""
    match event:
        case DeadlinePassed(name=name) if name == RESPONSE_DUE:
            return _response_missed(Step(state), event, at)
        case DeadlinePassed(name=name) if name == RESTORE_DUE:
            return _restore_missed(Step(state), event, at)
        case DeadlinePassed():
            return Step(state)
        case FindingReviewed() if event.rule == INCIDENT_BOUNCING.name:
            return review(Step(state), event, at, INCIDENT_BOUNCING)
    after = Step(read(state, event))
    after = _announce(after, event)
    after = _sla_reported(after, event, at) if after.state.settings.sla == "reported" else _sla_clock(after, event, at)
    after = _bouncing(after, event, at)
    return _major(after, event, at)


def _announce(step: Step[Incident], event: Event) -> Step[Incident]:
    """The opening is published once, for the burst rule over a category's incidents."""
    incident = step.state
    if incident.announced or incident.opened_at is None:
        return step
    step = step.evolve(announced=True)
    if incident.category is None:
        return step
    fact = facts.IncidentOpened(incident=incident.id, opened_at=incident.opened_at, record=event.about.record)
    return step.emits(f"category/{incident.category}", fact)


def _sla_clock(step: Step[Incident], event: Event, at: datetime) -> Step[Incident]:
    """Our own clock: what is still owed falls due; what was missed ends once it is done."""
    incident, settings = step.state, step.state.settings
    response = restore = None
    if incident.priority is not None:
        calendar = settings.hours_of(incident.priority)
        if not incident.acknowledged_at and not incident.response_missed:
            response = incident.clock.due(settings.response_target(incident.priority), calendar)
        if not incident.done and not incident.restore_missed:
            restore = incident.clock.due(settings.restore_target(incident.priority), calendar)
    step = step.awaits(RESPONSE_DUE, response).awaits(RESTORE_DUE, restore)
    if incident.acknowledged_at:
        step = step.resolves(SLA_RESPONSE, at, "it is acknowledged, too late", by=[event])
    if incident.done:
        step = step.resolves(SLA_RESTORE, at, "it is restored, too late", by=[event])
    return step


def _response_missed(step: Step[Incident], event: DeadlinePassed, at: datetime) -> Step[Incident]:
    incident = step.state
    if incident.acknowledged_at:
        return step
    return step.evolve(response_missed=True).fires(
        SLA_RESPONSE,
        at,
        f"Incident {incident.id} of priority {incident.priority} is not acknowledged in time",
        because=_records(incident, besides=incident.clock.because(event.due)),
        labels=_labels(incident),
        due=event.due,
    )


def _restore_missed(step: Step[Incident], event: DeadlinePassed, at: datetime) -> Step[Incident]:
    incident = step.state
    if incident.done:
        return step
    return step.evolve(restore_missed=True).fires(
        SLA_RESTORE,
        at,
        f"Incident {incident.id} of priority {incident.priority} is not restored in time",
        because=_records(incident, besides=incident.clock.because(event.due)),
        labels=_labels(incident),
        due=event.due,
    )


def _sla_reported(step: Step[Incident], event: Event, at: datetime) -> Step[Incident]:
    """The outside system's judgement. One that is taken back changes nothing: the alert holds until the closing."""
    step = step.awaits(RESPONSE_DUE, None).awaits(RESTORE_DUE, None)
    incident = step.state
    if incident.made_sla is False and not incident.restore_missed:
        step = step.evolve(restore_missed=True).fires(
            SLA_RESTORE,
            at,
            f"Incident {incident.id} of priority {incident.priority} has missed its target, says its own system",
            because=_records(incident, said=("made_sla",)),
            labels=_labels(incident),
        )
    if incident.closed:
        step = step.resolves(SLA_RESTORE, at, "it is closed", by=[event])
    return step


def _bouncing(step: Step[Incident], event: Event, at: datetime) -> Step[Incident]:
    incident = step.state
    bounces = {
        "reassigned": incident.reassignments
        if incident.reassignments > incident.settings.bouncing_reassignments
        else 0,
        "reopened": incident.reopenings,
    }
    for reason, times in bounces.items():
        known = is_reviewed(incident, INCIDENT_BOUNCING, reason=reason)
        if times and not known and not (incident.closed and reason in incident.bounced):
            step = step.evolve(bounced=tuple(sorted({*step.state.bounced, reason}))).fires(
                INCIDENT_BOUNCING,
                at,
                f"Incident {incident.id} was {reason} {times} times"
                if times > 1
                else f"Incident {incident.id} was {reason}",
                because=_records(incident, "handed" if reason == "reassigned" else "reopenings"),
                labels={"reason": reason, **_labels(incident)},
            )
        if incident.closed:
            step = step.resolves(INCIDENT_BOUNCING, at, "it is closed", by=[event], reason=reason)
    return step


def _major(step: Step[Incident], event: Event, at: datetime) -> Step[Incident]:
    incident = step.state
    if incident.priority == 1 and not (incident.done and incident.was_major):
        step = step.evolve(was_major=True).fires(
            MAJOR_INCIDENT,
            at,
            f"Incident {incident.id} is critical",
            because=_records(incident),
            labels=_labels(incident),
        )
    if incident.done:
        return step.resolves(MAJOR_INCIDENT, at, f"it is {incident.status.lower()}", by=[event])
    if incident.priority != 1:
        return step.resolves(MAJOR_INCIDENT, at, f"its priority was lowered to {incident.priority}", by=[event])
    return step


def _labels(incident: Incident) -> dict[str, str]:
    labels = {"priority": str(incident.priority), "category": incident.category, "group": incident.group}
    return {name: value for name, value in labels.items() if value}


def _records(
    incident: Incident, *added: str, said: tuple[str, ...] = (), besides: tuple[Evidence, ...] = ()
) -> list[Evidence]:
    """What its priority and labels rest on, and what else the rule reads."""
    return resting_on(incident.grounds, ("priority", "category", "group", *said), added, besides)

"""An incident's state, read alike from single events and from the snapshots of a ticket system."""

from dataclasses import dataclass, field
from datetime import datetime

from processors.departments.it.settings import DEFAULTS, ITSettings
from processors.departments.reviews import Reviewed
from processors.grounds import Grounds, evidence, grounded
from processors.sla import UNSTARTED, SlaClock
from schemas.envelope import Event, Evidence
from schemas.it import (
    IncidentAssigned,
    IncidentAwaiting,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentUpdated,
)

NEW, ACTIVE, RESOLVED, CLOSED = "New", "Active", "Resolved", "Closed"
AWAITING = "Awaiting "
DONE = (RESOLVED, CLOSED)


@dataclass(frozen=True, kw_only=True)
class Incident(Reviewed):
    """What is known of one incident, and what its measures count. Updates count in the order of the log."""

    label_fields = ("priority", "category", "group", "location")

    settings: ITSettings = field(default=DEFAULTS)
    status: str = ""
    """As ServiceNow says it; empty: nothing was said yet."""
    priority: int | None = None
    category: str | None = None
    """The first one that is known."""
    location: str | None = None
    announced: bool = False
    """Whether the opening was published as a fact."""
    opened_at: datetime | None = None
    clock: SlaClock = field(default=UNSTARTED)
    acknowledged_at: datetime | None = None
    restored_at: datetime | None = None
    group: str | None = None
    assignee: str | None = None
    reassignments: int = 0
    most_reassignments: int = 0
    reopenings: int = 0
    """By the record's own counter."""
    reopenings_seen: int = 0
    """By state: how often it went from Resolved back to work."""
    modification: int = 0
    """The record's own modification counter, when last seen."""
    modifications_out_of_order: int = 0
    made_sla: bool | None = None
    """The outside system's judgement, when last given."""
    sla_recovered: int = 0
    """How often that judgement turned from missed to made."""
    response_missed: bool = False
    restore_missed: bool = False
    was_major: bool = False
    bounced: tuple[str, ...] = ()
    """Reasons for which it was ever said to bounce."""
    awaited_user: bool = False
    priority_raised: int = 0
    priority_lowered: int = 0
    caused_by: str | None = None
    grounds: Grounds = ()
    """Which records its alerts rest on."""

    @property
    def handed(self) -> tuple[str | None, str | None, int]:
        """Who has it, and how often it was handed on."""
        return self.group, self.assignee, self.reassignments

    @property
    def done(self) -> bool:
        """Resolved or closed."""
        return self.status in DONE

    @property
    def closed(self) -> bool:
        return self.status == CLOSED


SAID = ("priority", "category", "group", "made_sla")
ADDED = ("handed", "reopenings")
"""What its alerts rest on, by field: what a record says, and what it adds to."""


def read(incident: Incident, event: Event) -> Incident:
    """The incident after an event of its own. Events of other kinds leave it as it is."""
    now, alone = _read(incident, event), _read(Incident(key=incident.key), event)
    again = isinstance(event, IncidentOpened | IncidentUpdated) and event.opened_at == now.opened_at
    turned = now.clock.changes != incident.clock.changes
    if again and now.opened_at and (turned or any(getattr(now, name) != getattr(incident, name) for name in SAID)):
        now = now.evolve(clock=now.clock.begun_by(now.opened_at, evidence(event.about.record)))
    grounds = grounded(
        incident.grounds, event.about.record, (incident, now, alone), said=SAID, added=ADDED, needed=turned
    )
    return now.evolve(grounds=grounds)


def _read(incident: Incident, event: Event) -> Incident:
    time, here = event.about.time, evidence(event.about.record)
    match event:
        case IncidentUpdated():
            return _updated(incident, event)
        case IncidentOpened():
            incident = _opened(incident, event.opened_at, event.category, here)
            return _moved(_prioritised(incident, event.priority), incident.status or NEW, event.opened_at, here)
        case IncidentAssigned():
            return _assigned(incident, event, time)
        case IncidentAwaiting():
            return _moved(incident, AWAITING + event.awaiting, time, here)
        case IncidentResumed():
            return _moved(incident, ACTIVE, time, here)
        case IncidentResolved():
            return _moved(incident, RESOLVED, time, here)
        case IncidentReopened():
            return _moved(incident, ACTIVE, time, here).evolve(reopenings=incident.reopenings + 1)
        case IncidentClosed():
            return _moved(incident, CLOSED, time, here).evolve(caused_by=event.caused_by or incident.caused_by)
    return incident


def _updated(incident: Incident, event: IncidentUpdated) -> Incident:
    here = evidence(event.about.record)
    incident = _opened(incident, event.opened_at, event.category, here)
    incident = _moved(_prioritised(incident, event.priority), event.state, event.updated_at, here)
    if event.assigned_to and not incident.acknowledged_at:
        incident = incident.evolve(acknowledged_at=event.updated_at)
    return incident.evolve(
        group=event.assignment_group,
        location=event.location or incident.location,
        assignee=event.assigned_to,
        reassignments=event.reassignment_count,
        most_reassignments=max(incident.most_reassignments, event.reassignment_count),
        reopenings=event.reopen_count,
        modification=event.modification_count,
        modifications_out_of_order=incident.modifications_out_of_order
        + (event.modification_count < incident.modification),
        made_sla=incident.made_sla if event.made_sla is None else event.made_sla,
        sla_recovered=incident.sla_recovered + (incident.made_sla is False and event.made_sla is True),
        caused_by=event.caused_by,
    )


def _opened(incident: Incident, opened_at: datetime, category: str | None, told_by: tuple[Evidence, ...]) -> Incident:
    """The clock starts when it was opened, also when that is told late."""
    if incident.opened_at is not None:
        return incident.evolve(category=incident.category or category)
    clock = incident.clock.turn(opened_at, True, told_by)
    return incident.evolve(opened_at=opened_at, category=category, clock=clock)


def _prioritised(incident: Incident, priority: int) -> Incident:
    before = incident.priority if incident.priority is not None else priority
    return incident.evolve(
        priority=priority,
        priority_raised=incident.priority_raised + (priority < before),
        priority_lowered=incident.priority_lowered + (priority > before),
    )


def _assigned(incident: Incident, event: IncidentAssigned, time: datetime) -> Incident:
    had = (incident.group, incident.assignee)
    has = (event.group or incident.group, event.to)
    handed_on = incident.reassignments + (had != (None, None) and had != has)
    status = ACTIVE if incident.status in ("", NEW) else incident.status
    return _moved(incident, status, time, evidence(event.about.record)).evolve(
        group=has[0],
        assignee=has[1],
        acknowledged_at=incident.acknowledged_at or time,
        reassignments=handed_on,
        most_reassignments=max(incident.most_reassignments, handed_on),
    )


def _moved(incident: Incident, status: str, time: datetime, told_by: tuple[Evidence, ...]) -> Incident:
    """The incident in another state: the clock turns, and what the measures count is counted."""
    clock, runs = incident.clock, not (status in DONE or status.startswith(AWAITING))
    if not clock.started or (status != incident.status and runs != clock.ran_at(time)):
        clock = clock.turn(time, runs, told_by)
    acknowledged = incident.acknowledged_at or (time if status not in ("", NEW) else None)
    return incident.evolve(
        status=status,
        clock=clock,
        acknowledged_at=acknowledged,
        restored_at=(incident.restored_at or time) if status in DONE else None,
        awaited_user=incident.awaited_user or status == AWAITING + "User Info",
        reopenings_seen=incident.reopenings_seen + (incident.status == RESOLVED and status not in DONE),
    )

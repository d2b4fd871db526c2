"""A complaint's state, and how its events change it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from processors.departments.front_office.complaint_facts import NOTHING, Told
from processors.departments.front_office.settings import DEFAULTS, FrontOfficeSettings
from processors.departments.reviews import Reviewed
from processors.grounds import Grounds, evidence, grounded, resting_on
from processors.sla import UNSTARTED, SlaClock
from schemas.envelope import Event, Evidence
from schemas.front_office import (
    ClientInformed,
    ComplaintAccepted,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintAwaitingCustomer,
    ComplaintCustomerReplied,
    ComplaintDisputed,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintSent,
    ComplaintWithdrawn,
    RepresentativeGaveUp,
)


@dataclass(frozen=True, kw_only=True)
class Complaint(Reviewed):
    """What is known of one complaint."""

    label_fields = ("customer", "product", "service", "regulated")

    settings: FrontOfficeSettings = field(default=DEFAULTS)
    customer: str | None = None
    product: str | None = None
    service: str | None = None
    told: Told = NOTHING
    """What correlation believes of it."""
    publications: int = 0
    company: str | None = None
    fingerprint: str | None = None
    published_company: str | None = None
    """The company that correlation believes it is about."""
    company_publications: int = 0
    regulated: bool = False
    received_at: datetime | None = None
    clock: SlaClock = field(default=UNSTARTED)
    """Since it was received, without what the client took."""
    next_clock: SlaClock = field(default=UNSTARTED)
    """Since the client wrote again; not started while no answer is owed."""
    answered_at: datetime | None = None
    """The first answer."""
    last_answered_at: datetime | None = None
    final_at: datetime | None = None
    resolved_at: datetime | None = None
    withdrawn_at: datetime | None = None
    settled: Evidence | None = None
    """What said that it is resolved or withdrawn: of several records the one that dates it first."""
    reopened: Evidence | None = None
    """What took that back last."""
    answered_by_settling: Evidence | None = None
    """What resolved it, where that was its first answer, too."""
    sent_on: date | None = None
    """When it was passed on to its company."""
    sent: Evidence | None = None
    outcome: str | None = None
    """What the client got with the latest answer."""
    reported_late: bool = False
    """An answer was late, its own system said."""
    disputed: bool = False
    accepted: bool = False
    representative: str | None = None
    escalations: int = 0
    escalated_at: datetime | None = None
    """The escalation that the client has not been told of."""
    missed: tuple[str, ...] = ()
    """Targets that were ever missed."""
    overdue: tuple[str, ...] = ()
    """Deadlines that have passed and are not made good."""
    grounds: Grounds = ()
    """Which records its alerts rest on."""

    @property
    def over(self) -> bool:
        """Resolved or withdrawn."""
        return self.resolved_at is not None or self.withdrawn_at is not None


SAID = ("product", "service", "company", "regulated", "received_at", "answered_at", "escalated_at", "reported_late")
ADDED = ("escalations",)
"""What its alerts rest on, by field: what a record says, and what it adds to."""


def read(complaint: Complaint, event: Event) -> Complaint:
    """The complaint after an event of its own. Other events leave it as it is."""
    now, alone = _read(complaint, event), _read(Complaint(key=complaint.key), event)
    states = (complaint, now, alone)
    return now.evolve(grounds=grounded(complaint.grounds, event.about.record, states, said=SAID, added=ADDED))


def _read(complaint: Complaint, event: Event) -> Complaint:
    time = event.about.time
    match event:
        case ComplaintReceived():
            return _received(complaint, event)
        case ComplaintAssigned():
            service = event.service or complaint.service
            return complaint.evolve(representative=event.representative, service=service)
        case ComplaintDisputed():
            return _escalated(_reopened(complaint.evolve(disputed=True), event), time)
        case ComplaintReopened():
            return _escalated(_reopened(complaint, event), time)
        case RepresentativeGaveUp():
            return _escalated(complaint, time)
        case ComplaintResolved():
            done, here = _turned(_answered(complaint, time), event, runs=False), event.about.record
            first = here if done.answered_at != complaint.answered_at else complaint.answered_by_settling
            return done.evolve(
                resolved_at=time,
                final_at=complaint.final_at or time,
                settled=_settled_by(complaint, event),
                answered_by_settling=first,
            )
        case ComplaintWithdrawn():
            done = _turned(complaint, event, runs=False)
            return done.evolve(withdrawn_at=time, escalated_at=None, settled=_settled_by(complaint, event))
        case ClientInformed() if complaint.escalated_at is not None and time >= complaint.escalated_at:
            return complaint.evolve(escalated_at=None)
    return _conversed(complaint, event, time)


def _conversed(complaint: Complaint, event: Event, time: datetime) -> Complaint:
    """Questions and answers between the client, the company and us."""
    match event:
        case ComplaintSent():
            return complaint.evolve(sent_on=event.sent_on, sent=event.about.record)
        case ComplaintAccepted():
            return complaint.evolve(accepted=True)
        case ComplaintAnswered():
            final = time if event.final else None
            return _answered(complaint, time).evolve(
                final_at=complaint.final_at or final,
                outcome=event.outcome or complaint.outcome,
                reported_late=complaint.reported_late or event.timely is False,
            )
        case ComplaintAwaitingCustomer():
            return _turned(complaint, event, runs=False)
        case ComplaintCustomerReplied():
            return _replied(complaint, event)
    return complaint


def _received(complaint: Complaint, event: ComplaintReceived) -> Complaint:
    """Said again, it corrects everything but the clock."""
    told = complaint.evolve(
        customer=event.customer,
        product=event.product,
        service=event.service or complaint.service,
        company=event.company or complaint.company,
        fingerprint=event.fingerprint or complaint.fingerprint,
        regulated=event.regulated,
    )
    here = evidence(event.about.record)
    if complaint.received_at == event.received_at and any(getattr(told, f) != getattr(complaint, f) for f in SAID):
        return told.evolve(clock=complaint.clock.begun_by(event.received_at, here))
    if complaint.received_at is not None:
        return told
    clock = complaint.clock.since(event.received_at).turn(event.received_at, True, here)
    return told.evolve(received_at=event.received_at, clock=clock)


def _answered(complaint: Complaint, time: datetime) -> Complaint:
    """An answer settles what the client wrote before it, not what came after."""
    began = complaint.next_clock.turns[0].at if complaint.next_clock.started else None
    return complaint.evolve(
        answered_at=min(complaint.answered_at or time, time),
        last_answered_at=max(complaint.last_answered_at or time, time),
        next_clock=complaint.next_clock if began is not None and time < began else UNSTARTED,
    )


def _turned(complaint: Complaint, event: Event, *, runs: bool, after: Evidence | None = None) -> Complaint:
    """`after`: the record without which this one would not turn anything."""
    time, told_by = event.about.time, evidence(after, event.about.record)
    if complaint.received_at is not None and time < complaint.received_at:
        return complaint
    following = complaint.next_clock.turn(time, runs, told_by) if complaint.next_clock.started else UNSTARTED
    return complaint.evolve(clock=complaint.clock.turn(time, runs, told_by), next_clock=following)


def _replied(complaint: Complaint, event: Event) -> Complaint:
    """The first answer is still owed, or the next one is from now on, unless it was given since."""
    time = event.about.time
    complaint = _turned(complaint, event, runs=not complaint.over)
    owed = complaint.last_answered_at is not None and time > complaint.last_answered_at
    if complaint.over or not owed or complaint.next_clock.started:
        return complaint
    answered = resting_on(complaint.grounds, ("answered_at",))
    reopened = complaint.reopened if complaint.answered_by_settling in answered else None
    told_by = evidence(*answered, reopened, event.about.record)
    return complaint.evolve(next_clock=UNSTARTED.turn(time, True, told_by))


def _settled_by(complaint: Complaint, event: Event) -> Evidence | None:
    known = [at for at in (complaint.resolved_at, complaint.withdrawn_at) if at]
    return event.about.record if not known or event.about.time < min(known) else complaint.settled


def _reopened(complaint: Complaint, event: Event) -> Complaint:
    """What came before the settlement does not undo it."""
    time = event.about.time
    if not complaint.over or time < max(t for t in (complaint.resolved_at, complaint.withdrawn_at) if t):
        return complaint
    running = _turned(complaint, event, runs=True, after=complaint.settled)
    return running.evolve(resolved_at=None, withdrawn_at=None, settled=None, reopened=event.about.record)


def _escalated(complaint: Complaint, time: datetime) -> Complaint:
    """Nobody needs to take up what is settled."""
    if complaint.over:
        return complaint
    return complaint.evolve(escalations=complaint.escalations + 1, escalated_at=complaint.escalated_at or time)

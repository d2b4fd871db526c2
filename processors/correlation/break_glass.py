"""Break-glass plausibility: an emergency access has an admission, a shift or an incident behind it."""

from datetime import datetime, timedelta

from processors.correlation.person import Access, Person
from processors.instants import after
from processors.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.facts import EmergencyAccessUsed, FindingReviewed, ShiftStated
from schemas.processing import DeadlinePassed

IMPLAUSIBLE = Rule(
    "health.emergency_access_implausible",
    "critical",
    "a record was read in an emergency, but no admission of the patient, no shift of the reader and no incident match",
    "reviewed, or a matching one is told after all",
    distinguish=("access",),
    settings=("emergency_access_wait_minutes", "emergency_shift_grace_minutes"),
)
RULES = (IMPLAUSIBLE,)

DUE = "health.emergency_access_implausible/"


def check(now: Step[Person], event: Event, at: datetime) -> Step[Person]:
    match event:
        case EmergencyAccessUsed():
            return _used(now, event, at)
        case ShiftStated():
            for name in now.state.accesses:
                now = _judge(now, name, event, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(DUE):
            return _judge(now, name.removeprefix(DUE), event, at, due)
        case FindingReviewed(rule=IMPLAUSIBLE.name, identity={"access": name}):
            return _judge(review(now, event, at, IMPLAUSIBLE), name, event, at)
    return now


def _used(now: Step[Person], event: EmergencyAccessUsed, at: datetime) -> Step[Person]:
    person = now.state
    known = person.accesses.get(event.access)
    if known is not None and known.revision >= event.revision:
        return now
    wait = timedelta(minutes=person.settings.emergency_access_wait_minutes)
    access = Access(
        access=event.access,
        patient=event.patient,
        at=event.at,
        admitted=event.admitted,
        incident=event.incident,
        revision=event.revision,
        record=event.record,
        judged_from=known.judged_from if known else after(at, wait),
        told_first=known.told_first if known else event.record,
        judged_alone_from=after(at, wait),
    )
    forget = person.remembered(max(at, access.judged_from), access.at)
    now = now.evolve(accesses=person.accesses.put(access.access, access, forget))
    return _judge(now, access.access, event, at)


def _judge(now: Step[Person], name: str, event: Event, at: datetime, due: datetime | None = None) -> Step[Person]:
    person, access = now.state, now.state.accesses.get(name)
    if access is None:
        return now
    if _is_plausible(person, access):
        now = now.resolves(IMPLAUSIBLE, at, "it has its reason after all", by=[event], access=name)
        return now.awaits(DUE + name, None)
    if at < access.judged_from:
        return now.awaits(DUE + name, access.judged_from)
    now = now.awaits(DUE + name, None)
    if is_reviewed(person, IMPLAUSIBLE, access=name):
        return now
    return now.fires(
        IMPLAUSIBLE,
        at,
        f"Emergency access {name} of {person.id} to patient {access.patient}: no admission, shift or incident matches",
        because=_records(access, at),
        labels={"access": name},
        due=due,
    )


def _records(access: Access, at: datetime) -> list[Evidence]:
    """What is known of it, and what told of it first, without which it would not be judged yet."""
    early = access.judged_alone_from is not None and at < access.judged_alone_from
    return [record for record in (access.told_first if early else None, access.record) if record]


def _is_plausible(person: Person, access: Access) -> bool:
    grace = timedelta(minutes=person.settings.emergency_shift_grace_minutes)
    on_shift = any(shift.covers(access.at, grace) for shift in person.shifts.values())
    return access.admitted or access.incident is not None or on_shift

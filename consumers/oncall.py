"""What is known of on-call duty beside the configuration: schedules and overrides given by command, and leave, as they
stand on the topic `alerts`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from consumers.log import Log
from consumers.seen import Reader
from schemas.envelope import Event
from schemas.oncall import Absence, GivenSchedule, Override

OnDuty = Override | Absence | GivenSchedule
"""What is said of duty, each by a record of its own."""

TYPES: dict[str, type[Event]] = {each.type: each for each in (Override, Absence, GivenSchedule)}
"""What a reader of duties has to know."""

KEYS = tuple(f"{event.kind}/".encode() for event in (Override, Absence, GivenSchedule))
"""How the keys of their records begin."""


@dataclass(frozen=True, slots=True)
class Duties:
    """`latest` is the newest record's timestamp, None on an empty topic."""

    overrides: tuple[Override, ...] = ()
    """The latest last."""
    absences: tuple[Absence, ...] = ()
    """One for each employee who is, was or will be away."""
    schedules: tuple[GivenSchedule, ...] = ()
    """Those given by command, by name."""
    latest: datetime | None = None


def duties_of(known: Iterable[OnDuty], latest: datetime | None = None) -> Duties:
    """What these say together, each the last word on its key."""
    every = list(known)
    overrides = (one for one in every if isinstance(one, Override))
    schedules = (one for one in every if isinstance(one, GivenSchedule))
    return Duties(
        overrides=tuple(sorted(overrides, key=lambda one: (one.updated_at, one.override))),
        absences=tuple(one for one in every if isinstance(one, Absence)),
        schedules=tuple(sorted(schedules, key=lambda one: one.schedule)),
        latest=latest,
    )


def current_duties(log: Log, reader: Reader) -> Duties:
    """Reads the topic `alerts`, which `log` must be of, to its end. What else stands there is passed over."""
    known: dict[bytes | None, OnDuty] = {}
    latest = None
    for batch in log.since():
        for record in batch:
            latest = max(latest or record.timestamp, record.timestamp)
            if not (record.key or b"").startswith(KEYS):
                continue
            event = reader.read(record).event if record.value is not None else None
            if isinstance(event, OnDuty):
                known[record.key] = event
            else:
                known.pop(record.key, None)
    return duties_of(known.values(), latest)


def in_words(override: Override) -> str:
    """`kim instead of dana`."""
    if override.user is None:
        return f"{override.instead_of} is off duty"
    if override.besides:
        return f"{override.user} as well"
    return f"{override.user} instead of {override.instead_of or 'whoever is on duty'}"

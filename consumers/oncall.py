"""What is known of on-call duty beside its plan: overrides and leave, as they stand on the topic `alerts`."""

from dataclasses import dataclass
from datetime import datetime

from consumers.log import Log
from consumers.seen import Reader
from schemas.envelope import Event
from schemas.oncall import Absence, Override

TYPES: dict[str, type[Event]] = {Override.type: Override, Absence.type: Absence}
"""What a reader of duties has to know."""

KEYS = tuple(f"{event.kind}/".encode() for event in (Override, Absence))
"""How the keys of their records begin."""


@dataclass(frozen=True, slots=True)
class Duties:
    """`latest` is the newest record's timestamp, None on an empty topic."""

    overrides: tuple[Override, ...] = ()
    """The latest last."""
    absences: tuple[Absence, ...] = ()
    """One for each employee who is, was or will be away."""
    latest: datetime | None = None


def current_duties(log: Log, reader: Reader) -> Duties:
    """Reads the topic `alerts`, which `log` must be of, to its end. What else stands there is passed over."""
    known: dict[bytes | None, Override | Absence] = {}
    latest = None
    for batch in log.since():
        for record in batch:
            latest = max(latest or record.timestamp, record.timestamp)
            if not (record.key or b"").startswith(KEYS):
                continue
            event = reader.read(record).event if record.value is not None else None
            if isinstance(event, Override | Absence):
                known[record.key] = event
            else:
                known.pop(record.key, None)
    overrides = (one for one in known.values() if isinstance(one, Override))
    return Duties(
        tuple(sorted(overrides, key=lambda one: (one.updated_at, one.override))),
        tuple(one for one in known.values() if isinstance(one, Absence)),
        latest,
    )


def in_words(override: Override) -> str:
    """`kim instead of dana`."""
    if override.user is None:
        return f"{override.instead_of} is off duty"
    if override.besides:
        return f"{override.user} as well"
    return f"{override.user} instead of {override.instead_of or 'whoever is on duty'}"

"""What is known of on-call duty beside the configuration: schedules and overrides given by command, and leave, as they
stand on the topic `alerts`."""

from dataclasses import dataclass
from datetime import datetime

from consumers.log import Log
from consumers.seen import Reader
from schemas.envelope import Event
from schemas.oncall import Absence, GivenSchedule, Override

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


def current_duties(log: Log, reader: Reader) -> Duties:
    """Reads the topic `alerts`, which `log` must be of, to its end. What else stands there is passed over."""
    known: dict[bytes | None, Override | Absence | GivenSchedule] = {}
    latest = None
    for batch in log.since():
        for record in batch:
            latest = max(latest or record.timestamp, record.timestamp)
            if not (record.key or b"").startswith(KEYS):
                continue
            event = reader.read(record).event if record.value is not None else None
            if isinstance(event, Override | Absence | GivenSchedule):
                known[record.key] = event
            else:
                known.pop(record.key, None)
    overrides = (one for one in known.values() if isinstance(one, Override))
    schedules = (one for one in known.values() if isinstance(one, GivenSchedule))
    return Duties(
        overrides=tuple(sorted(overrides, key=lambda one: (one.updated_at, one.override))),
        absences=tuple(one for one in known.values() if isinstance(one, Absence)),
        schedules=tuple(sorted(schedules, key=lambda one: one.schedule)),
        latest=latest,
    )

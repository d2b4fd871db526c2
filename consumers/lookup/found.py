"""What a look-up finds, before and after masking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from schemas.alerts import Alert
from schemas.envelope import Evidence
from schemas.privacy import Kind


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a subject, as it stands on the log. `at`: the log's time; `time`: the event's own."""

    subject: str
    type: str
    at: datetime
    time: datetime
    record: Evidence
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one processor remembers of a subject. `clock`: until when it had heard everything."""

    subject: str
    processor: str
    inbox: str
    clock: datetime
    state: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of something long, newest first. `more`: there is more behind it."""

    events: Sequence[Said]
    more: bool


class Sources(Protocol):
    """Where a look-up finds things. Each may raise consumers.log.Unreachable or Unavailable."""

    def states(self, subjects: Sequence[str]) -> Sequence[Remembered]:
        """What is remembered of these now, by every processor that remembers something."""
        ...

    def events(self, subjects: Sequence[str], limit: int, before: datetime | None) -> Page:
        """The newest events of these, at most so many, older than `before`."""
        ...

    def alerts(self, subjects: Sequence[str], limit: int) -> Sequence[Alert]:
        """The newest alerts on these: as each stands, one for each time that it began."""
        ...


class Unavailable(Exception):
    """What is known cannot be read now; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything known of a subject, masked for whoever asked. `masked`: what they may not see."""

    subject: str
    masked: tuple[Kind, ...]
    states: Sequence[Remembered]
    events: Sequence[Said]
    more: bool
    """Whether there are older events."""
    alerts: Sequence[Alert]

    @property
    def is_known(self) -> bool:
        return bool(self.states or self.events or self.alerts)

    def as_json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "subject": self.subject,
            "masked": [kind.value for kind in self.masked],
            "states": [
                {
                    "subject": each.subject,
                    "processor": each.processor,
                    "clock": each.clock.isoformat(),
                    "state": each.state,
                }
                for each in self.states
            ],
            "events": [
                {
                    "time": each.time.isoformat(),
                    "subject": each.subject,
                    "type": each.type,
                    "record": f"{each.record.topic}[{each.record.partition}]@{each.record.offset}",
                    "data": each.data,
                }
                for each in self.events
            ],
            "more_events": self.more,
            "alerts": [alert.model_dump(mode="json", exclude_defaults=True) for alert in self.alerts],
        }

"""Whether to tell, and why: what a receiver knows of a group, held against how it stands (`DedupStage`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.notices import NoticeReason


@dataclass(frozen=True, slots=True)
class Known:
    """What the last notice of a group said. `at` None: there was none."""

    at: datetime | None = None
    firing: int = 0
    """How many alerts it said fire."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a group stands, without the alerts that nobody may hear of now."""

    firing: int
    unknown_firing: int
    """How many of them the last notice did not say fire."""
    unknown_ended: int
    """How many have ended and the last notice did not say so."""


def why(known: Known, now: Standing, at: datetime, repeat: timedelta, send_resolved: bool) -> NoticeReason | None:
    """The reason for a notice; None: there is none. `needsUpdate` of Alertmanager's notify.go, case by case."""
    if known.at is None:
        return "first notification" if now.firing else None
    if now.unknown_firing:
        return "new alerts added" if known.firing else "first notification"
    if not now.firing:
        return "all alerts resolved" if known.firing else None
    if send_resolved and now.unknown_ended:
        return "some alerts resolved"
    return "repeat interval elapsed" if at - known.at > repeat else None

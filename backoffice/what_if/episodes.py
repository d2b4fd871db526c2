"""Signals told as episodes: the times for which a condition held. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from schemas.codec import Decoder, Unreadable
from schemas.signals import SEVERITIES, ConditionFired, ConditionResolved, fingerprint

_SIGNALS = Decoder((ConditionFired, ConditionResolved))
_MARK = b'"type": "alerting.condition.'


class Identity(NamedTuple):
    """Which alert it is. `labels`: those that distinguish it, sorted."""

    rule: str
    subject: str
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.rule, self.subject, dict(self.labels))


class Signal(NamedTuple):
    """A condition holds since `at`, as bad as `severity`; None: it holds no longer, since `at`."""

    identity: Identity
    at: datetime
    severity: str | None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A condition from when it began to hold until it ended. `severity`: the worst that was said of it."""

    identity: Identity
    starts: datetime
    ends: datetime | None
    severity: str
    summary: str = ""


def signal_in(value: bytes | None) -> Signal | None:
    """What a record of alerting's inbox says of a condition; None when that is nothing."""
    if value is None or _MARK not in value:
        return None
    try:
        said = _SIGNALS.decode(value)
    except Unreadable:
        return None
    if isinstance(said, ConditionFired):
        return Signal(_identity(said), said.starts_at, said.severity, said.summary)
    return Signal(_identity(said), said.ends_at, None) if isinstance(said, ConditionResolved) else None


def _identity(said: ConditionFired | ConditionResolved) -> Identity:
    return Identity(said.rule, said.about.subject, tuple(sorted(said.identity.items())))


def episodes(signals: Iterable[Signal]) -> dict[Identity, list[Episode]]:
    """The episodes of each alert, oldest first. The signals of one alert come in the order in which they were said."""
    found: dict[Identity, list[Episode]] = {}
    for signal in signals:
        known = found.setdefault(signal.identity, [])
        holds = known[-1] if known and known[-1].ends is None else None
        if signal.severity is None:
            if holds is not None:
                known[-1] = replace(holds, ends=signal.at)
        elif holds is None:
            known.append(Episode(signal.identity, signal.at, None, signal.severity, signal.summary))
        else:
            known[-1] = replace(holds, severity=min(holds.severity, signal.severity, key=SEVERITIES.index))
    return {identity: known for identity, known in found.items() if known}

"""Which alerts nobody is told of, and why: silenced, inhibited, or out of their hours."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from consumers.api.ports import Rules
from consumers.api.standing import Standing
from schemas.alerts import Alert, Silence


class Status(NamedTuple):
    """Why an alert tells nobody; it does when all are empty."""

    silenced_by: Sequence[str] = ()
    """Ids of silences, sorted."""
    inhibited_by: Sequence[str] = ()
    """Fingerprints of the alerts that inhibit or explain it, or that it was merged into."""
    muted_by: Sequence[str] = ()
    """Names of time intervals, and `snoozed`."""

    @property
    def suppressed(self) -> bool:
        return bool(self.silenced_by or self.inhibited_by or self.muted_by)


class Suppression:
    """Asked once for what stands at an instant, and then for each of its alerts."""

    def __init__(self, standing: Standing, rules: Rules, at: datetime) -> None:
        self._at = at
        self._inhibitors = rules.inhibitors(held.event for held in standing.firing)
        self._silenced: dict[str, list[str]] = defaultdict(list)
        for id, held in sorted(standing.silences.items()):
            if state(held.event, at) == "active":
                matchers = [rules.silence_matcher(matcher) for matcher in held.event.matchers]
                for alert in standing.matching(matchers):
                    self._silenced[alert.event.fingerprint].append(id)

    def of(self, alert: Alert, muted_by: Sequence[str] = ()) -> Status:
        """Why an alert tells nobody; `muted_by`: the time intervals that mute the group it is looked at in."""
        merged = (alert.merged_into,) if alert.merged_into else ()
        snoozed = ("snoozed",) if alert.snoozed_until is not None and alert.snoozed_until > self._at else ()
        return Status(
            self._silenced.get(alert.fingerprint, ()),
            (*alert.suppressed_by, *merged, *self._inhibitors(alert)),
            (*muted_by, *snoozed),
        )


def state(silence: Silence, at: datetime) -> str:
    """Alertmanager's: `pending` before it begins, `active` to its end and at it, then `expired`."""
    if at < silence.starts_at:
        return "pending"
    return "expired" if at > silence.ends_at else "active"

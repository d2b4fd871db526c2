"""Which alerts somebody wants to see, and in one word how each stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from consumers.alerts import urgency
from consumers.api.ports import Matcher
from consumers.api.standing import Standing
from consumers.api.suppression import Status, Suppression
from schemas.alerts import Alert

State = Literal["firing", "escalated", "acknowledged", "snoozed", "silenced", "suppressed", "resolved"]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Stands:
    """An alert, the word for how it stands, and why it tells nobody where it does not."""

    alert: Alert
    state: State
    status: Status


def state(alert: Alert, status: Status, at: datetime) -> State:
    """The word that says most: what keeps people from being told comes before who has it."""
    if alert.status == "resolved":
        return "resolved"
    if status.silenced_by:
        return "silenced"
    if alert.snoozed_until is not None and alert.snoozed_until > at:
        return "snoozed"
    if alert.suppressed or status.inhibited_by:
        return "suppressed"
    if alert.acknowledged_by:
        return "acknowledged"
    return "escalated" if alert.escalation_step else "firing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Every condition given must hold; one that is not given always does."""

    matchers: Sequence[Matcher] = ()
    """On labels, all of them."""
    text: str = ""
    """Somewhere in its rule, subject, labels, annotations or notes; upper and lower case are alike."""
    states: Sequence[State] = ()
    """Any of them. Without one: whatever fires."""
    severities: Sequence[str] = ()
    departments: Sequence[str] = ()
    receiver: str | None = None
    """Who has been told, or is to deal with it."""
    mine: str | None = None
    """Who took it, or is to deal with it."""

    def takes(self, alert: Alert) -> bool:
        """Whether it is wanted, whatever its state."""
        labels = alert.labels
        return (
            (not self.severities or labels.get("severity") in self.severities)
            and (not self.departments or labels.get("department") in self.departments)
            and (self.receiver is None or self.receiver in (*alert.receivers, *alert.assigned_to))
            and (self.mine is None or self.mine == alert.acknowledged_by or self.mine in alert.assigned_to)
            and all(matcher.matches(labels) for matcher in self.matchers)
            and (not self.text or any(self.text.lower() in said.lower() for said in _said(alert)))
        )

    def of(self, standing: Standing, suppression: Suppression, at: datetime, resolved: bool = False) -> list[Stands]:
        """The alerts that are wanted, the worst and oldest first. `resolved`: and those that are over."""
        found: list[Stands] = []
        for held in standing.alerts.values():
            alert = held.event
            over = alert.status == "resolved"
            if (over and not (resolved or "resolved" in self.states)) or not self.takes(alert):
                continue
            status = Status() if over else suppression.of(alert)
            stands = Stands(alert, state(alert, status, at), status)
            if not self.states or stands.state in self.states:
                found.append(stands)
        return sorted(found, key=lambda stands: urgency(stands.alert))


def _said(alert: Alert) -> Iterator[str]:
    yield from (alert.fingerprint, alert.rule, alert.subject)
    yield from alert.labels.values()
    yield from alert.annotations.values()
    yield from (note.text for note in alert.notes)

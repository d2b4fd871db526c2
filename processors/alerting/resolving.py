"""Resolving by hand: somebody declares an alert over while its condition still holds."""

from dataclasses import replace
from datetime import datetime

from processors.alerting import lifecycle, people
from processors.alerting.state import Alerting
from processors.step import Step
from schemas.commands import AlertResolve


def by_hand(step: Step[Alerting], event: AlertResolve, at: datetime) -> Step[Alerting]:
    """It holds until the condition has ended and begun again."""
    said = f"by {event.by}: {event.note}" if event.note else f"by {event.by}"
    for fingerprint in people.concerned(step.state, event.about.subject):
        row = step.state.alerts[fingerprint]
        annotations = {**row.annotations, "resolution": said}
        step = lifecycle.ends(step, fingerprint, replace(row, ends_at=at, held=True, annotations=annotations), at)
    return step

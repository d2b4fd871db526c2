"""Other settings: alerts are sorted into groups, and into sources of inhibition, as they would have been under them."""

import hashlib
from datetime import datetime

from processors.alerting import inhibition, lifecycle
from processors.alerting.once import once
from processors.alerting.settings import AlertingSettings
from processors.alerting.state import Alerting
from processors.step import Step


@once
def digest(settings: AlertingSettings) -> str:
    """What the groups and sources depend on, as a hash."""
    said = settings.model_dump_json(include={"route", "receivers", "inhibit_rules"})
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def adopted(step: Step[Alerting], at: datetime) -> Step[Alerting]:
    """Under the settings of now. Every alert is looked at when they have changed; else none."""
    state = step.state
    wanted = digest(state.settings)
    if state.sorted_under == wanted:
        return step
    alerts = [*state.alerts.items()] if state.sorted_under else []
    sources = state.sources
    for name in [*sources]:
        sources = sources.drop(name)
    step = Step(state.evolve(sorted_under=wanted, sources=sources, noise=state.noise + 1), step.emit)
    for fingerprint, row in alerts:
        if row.firing:
            step = Step(inhibition.moved(step.state, fingerprint, None, row.labels), step.emit)
            step = lifecycle.relabelled(step, fingerprint, row, at)
    return step

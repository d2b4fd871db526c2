"""First notices: those whom the route tree names are told, and the clocks of their policies start."""

from datetime import datetime

from processors.alerting import escalation, route
from processors.alerting.notices import tell
from processors.alerting.state import Alerting
from processors.step import Step
from schemas.notices import NoticeReason


def tell_first(step: Step[Alerting], fingerprint: str, reason: NoticeReason, at: datetime) -> Step[Alerting]:
    """Tells everybody the alert is routed to; after a suppression, also those who knew of it before."""
    row = step.state.alerts[fingerprint]
    destinations = route.destinations(step.state.settings, row.labels)
    receivers = (*row.told, *(d.receiver for d in destinations))
    return escalation.begin(tell(step, fingerprint, receivers, reason), fingerprint, destinations, at)


def tell_newly_routed(step: Step[Alerting], fingerprint: str, at: datetime) -> Step[Alerting]:
    """The alert's labels changed: whoever it is routed to only now hears of it for the first time, and a policy that
    did not concern it before begins, an information's that has become an error, say."""
    row = step.state.alerts[fingerprint]
    destinations = route.destinations(step.state.settings, row.labels)
    newly = tuple(d.receiver for d in destinations if d.receiver not in row.told)
    if newly:
        step = tell(step, fingerprint, newly, "first notification")
    begun = {climb.policy for climb in row.climbs}
    beginning = tuple(d for d in destinations if d.receiver in newly or d.escalation not in begun)
    return escalation.begin(step, fingerprint, beginning, at) if beginning else step

"""The times at which a route tells nobody: in its mute intervals, and outside of its active ones."""

from collections.abc import Iterable
from datetime import datetime

from processors.alerting.intervals import holds
from processors.alerting.route import Destination
from processors.alerting.settings import AlertingSettings


def closed_by(settings: AlertingSettings, route: Destination, at: datetime) -> tuple[str, ...]:
    """The intervals by which a route tells nobody now; none: it tells. A name that is not known never holds."""
    if muting := _holding(settings, route.mute_time_intervals, at):
        return muting
    if route.active_time_intervals and not _holding(settings, route.active_time_intervals, at):
        return route.active_time_intervals
    return ()


def _holding(settings: AlertingSettings, names: Iterable[str], at: datetime) -> tuple[str, ...]:
    known = {named.name: named for named in settings.time_intervals}
    return tuple(name for name in names if name in known and holds(known[name], at))

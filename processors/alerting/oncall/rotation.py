"""Rotations: whose turn it is."""

from datetime import datetime, timedelta

from processors.alerting.oncall.wall import FOREVER, Held, first, shown, wall
from processors.alerting.settings.oncall import Layer
from processors.calendar import WEEKDAYS, Calendar
from processors.wall_clock import DAY


def turn(layer: Layer, calendar: Calendar, at: datetime) -> Held[str | None]:
    """Whose turn it is, were the layer always on duty; None before its start and after its end."""
    begins = first(calendar, wall(layer.starts_on, layer.hand_over))
    ends = FOREVER if layer.ends_on is None else first(calendar, wall(layer.ends_on, layer.hand_over))
    if at < begins:
        return Held(None, begins)
    if at >= ends:
        return Held(None, FOREVER)
    origin, length = _origin(layer), _length(layer)
    n = (shown(calendar, at) - origin) // length
    while (over := first(calendar, origin + (n + 1) * length)) <= at:
        n += 1  # the clock has gone back since
    return Held(layer.participants[n % len(layer.participants)], min(over, ends))


def _origin(layer: Layer) -> datetime:
    """The hand-over from which turns are counted: of a weekly rotation, the last one before its start."""
    origin = wall(layer.starts_on, layer.hand_over)
    if layer.rotation != "weekly":
        return origin
    return origin - (layer.starts_on.weekday() - WEEKDAYS.index(layer.hand_over_weekday)) % 7 * DAY


def _length(layer: Layer) -> timedelta:
    """Of a turn, on the wall."""
    if layer.rotation == "custom":
        return timedelta(hours=layer.shift_hours or 1)
    return DAY if layer.rotation == "daily" else 7 * DAY

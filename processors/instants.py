"""Arithmetic on instants that holds for every valid one: a mistyped year must not stop a rule."""

from datetime import UTC, datetime, timedelta

LAST = datetime(9000, 1, 1, tzinfo=UTC)
"""What would lie later counts as this."""


def after(instant: datetime, span: timedelta) -> datetime:
    """The instant `span` (not negative) after another, at most LAST."""
    return LAST if instant >= LAST - span else instant + span


def in_words(span: timedelta) -> str:
    """A span as people say it: `2 d 3 h`, `3 h 20 min`, `0 min`."""
    minutes = max(span // timedelta(minutes=1), 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"

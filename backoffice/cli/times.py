"""Spans and instants as people write them on a command line."""

import re
from datetime import UTC, datetime, timedelta

from backoffice.cli.options import fail

_PART = re.compile(r"(\d{1,9})\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

NO_TIME = timedelta()

LONGEST = timedelta(days=366)
"""Of a span that something is put off for. Who wants more gives the instant."""


def span(text: str) -> timedelta | None:
    """`90s`, `10m`, `2h`, `1h30m`, `3d`, `1w`; None for anything else."""
    words = text.strip()
    if not words or _PART.sub("", words).strip():
        return None
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PART.findall(words)), NO_TIME)


def until(now: datetime, for_: str | None, until_: str | None, what: str = "--for") -> datetime | None:
    """When something ends that was said to last for so long, or until then; None where neither was said.

    Ends the command when both were, or when it cannot be understood.
    """
    if for_ is not None and until_ is not None:
        fail(f"Give {what} or --until, not both.")
    if for_ is not None:
        lasts = span(for_)
        if lasts is None or not NO_TIME < lasts <= LONGEST:
            fail(f"{what} {for_!r}: give 30m, 2h, 1h30m, 3d, at most {LONGEST.days} days")
        return now + lasts
    return None if until_ is None else instant(until_, "--until")


def instant(text: str, option: str) -> datetime:
    """An ISO time, UTC unless it says otherwise. Ends the command when it is none."""
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{option} {text!r}: give an ISO time such as 2026-03-02T09:30 or 2026-03-02T09:30+01:00")


def since(text: str, now: datetime, option: str = "--since") -> datetime:
    """`10m` before now, an ISO time (UTC unless it says otherwise), or the beginning. Ends the command for the rest."""
    from consumers.streams.start import instant as read

    try:
        return read(text, now)
    except ValueError as error:
        fail(f"{option} {error}")

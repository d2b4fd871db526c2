"""Leave: who is away when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from processors.alerting.oncall.wall import FOREVER, Held
from processors.alerting.settings.oncall import User
from schemas.oncall import Absence


class Span(NamedTuple):
    """From an instant, included, until another, excluded."""

    starts_at: datetime
    ends_at: datetime = FOREVER


Away = Mapping[str, tuple[Span, ...]]
"""When users are away. Who is not in it is here."""


def leave_of(users: Iterable[User], absences: Mapping[str, Absence]) -> dict[str, tuple[Span, ...]]:
    """When these users are away, by what is known of employees; without those of whom nothing is."""
    known = {user.name: absences.get(user.employee) for user in users if user.employee is not None}
    return {
        name: tuple(Span(leave.starts_at, leave.ends_at or FOREVER) for leave in absence.leaves)
        for name, absence in known.items()
        if absence is not None
    }


def is_here(away: Away, user: str, at: datetime) -> Held[bool]:
    """Whether a user is not on leave."""
    spans = away.get(user, ())
    return Held(not any(begins <= at < ends for begins, ends in spans), next_edge(spans, at))


def next_edge(spans: Iterable[tuple[datetime, datetime]], at: datetime) -> datetime:
    """The next instant at which one of them begins or ends."""
    return min((edge for span in spans for edge in span if edge > at), default=FOREVER)

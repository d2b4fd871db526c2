"""A roster: a schedule with all that is known of overrides and leave, and whom it puts on duty.

Layers are read from the last to the first: the first of them that has somebody on duty counts (PagerDuty's final
schedule). Who is on leave is passed over, and so is their layer: the one beneath stands in. Overrides go over that,
one after the other; one whose user is on leave does not hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from processors.alerting.oncall.away import Away, is_here, next_edge
from processors.alerting.oncall.restrictions import within
from processors.alerting.oncall.rotation import turn
from processors.alerting.oncall.wall import FOREVER, Held, is_holiday
from processors.alerting.settings.oncall import Layer, Schedule
from processors.calendar import Calendar, CalendarSettings
from schemas.oncall import Substitution

HORIZON = timedelta(days=366)
"""How far ahead the next change is looked for."""


class Shift(NamedTuple):
    """Who is on duty from an instant until another; nobody: a gap."""

    starts_at: datetime
    ends_at: datetime
    on_call: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """One schedule as it stands."""

    schedule: Schedule
    calendar: Calendar
    """Its time zone and holidays; see `Schedule.calendar`."""
    overrides: tuple[Substitution, ...] = ()
    """Those given by command, the latest last. They go over the schedule's own."""
    away: Away = field(default_factory=dict)

    @staticmethod
    def of(
        schedule: Schedule,
        organisation: CalendarSettings,
        overrides: Iterable[Substitution] = (),
    ) -> "Roster":
        """The roster of an organisation with this calendar, as if nobody were on leave."""
        return Roster(schedule, Calendar.of(schedule.calendar(organisation)), tuple(overrides))

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who may be on duty by the schedule or an override, sorted."""
        named = {name for layer in self.schedule.layers for name in layer.participants}
        substitutes = {override.user for override in (*self.schedule.overrides, *self.overrides)}
        return tuple(sorted({*named, *filter(None, substitutes)}))

    def on_call(self, at: datetime) -> tuple[str, ...]:
        """The users who are on duty at an instant."""
        return self.held(at).value

    def next_change(self, at: datetime) -> datetime | None:
        """The next instant at which others are on duty; None when there is none within a year."""
        end = at + HORIZON
        now = next(self.shifts(at, end))
        return now.ends_at if now.ends_at < end else None

    def shifts(self, begin: datetime, end: datetime) -> Iterator[Shift]:
        """Who is on duty from one instant to another, without holes: where nobody is, a shift says so."""
        if begin >= end:
            return
        since, (on_call, until) = begin, self.held(begin)
        while until < end:
            now, until_then = self.held(until)
            if now != on_call:
                yield Shift(since, until, on_call)
                since, on_call = until, now
            until = until_then
        yield Shift(since, end, on_call)

    def gaps(self, begin: datetime, end: datetime) -> Iterator[Shift]:
        """When nobody is on duty."""
        return (shift for shift in self.shifts(begin, end) if not shift.on_call)

    def held(self, at: datetime) -> Held[tuple[str, ...]]:
        """Who is on duty at an instant, and until when at least they all are."""
        on_call, until = self._by_layers(at)
        for override in (*self.schedule.overrides, *self.overrides):
            span = (override.starts_at, override.ends_at)
            until = min(until, next_edge([span], at))
            if not override.starts_at <= at < override.ends_at:
                continue
            if override.user is not None:
                here, edge = is_here(self.away, override.user, at)
                until = min(until, edge)
                if not here:
                    continue
            on_call = _substituted(on_call, override)
        return Held(on_call, until)

    def _by_layers(self, at: datetime) -> Held[tuple[str, ...]]:
        edges = []
        for layer in reversed(self.schedule.layers):
            user, until = self._on_duty(layer, at)
            edges.append(until)
            if user is not None:
                return Held((user,), min(edges))
        return Held((), min(edges, default=FOREVER))

    def _on_duty(self, layer: Layer, at: datetime) -> Held[str | None]:
        """Whom a layer has on duty."""
        user, until = turn(layer, self.calendar, at)
        if user is None:
            return Held(None, until)
        conditions = [is_here(self.away, user, at)]
        if layer.restrictions:
            conditions.append(within(layer.restrictions, self.calendar, at))
        if layer.holidays != "include":
            holiday, midnight = is_holiday(self.calendar, at)
            conditions.append(Held(holiday == (layer.holidays == "only"), midnight))
        until = min(until, *(edge for _, edge in conditions))
        return Held(user if all(holds for holds, _ in conditions) else None, until)


def _substituted(on_call: tuple[str, ...], override: Substitution) -> tuple[str, ...]:
    """Who is on duty with an override that holds."""
    user, instead_of = override.user, override.instead_of
    if instead_of is not None:
        changed = tuple(user if name == instead_of else name for name in on_call)
    else:
        changed = (*on_call, user) if override.besides else (user,)
    return tuple(dict.fromkeys(name for name in changed if name is not None))

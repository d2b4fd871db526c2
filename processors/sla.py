"""SLA clocks as help desks keep them: waiting states pause, and a target falls due by the time that really ran.

The due time is always recomputed from the history of turns, so it does not matter in which order they were told
(as in Zammad, Chatwoot and Frappe Helpdesk).
"""

from bisect import insort_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from processors.calendar import Calendar
from processors.instants import after
from schemas.envelope import Evidence

MOST_TURNS = 64
"""A longer history forgets its oldest waiting, which then counts as time that ran."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The clock goes on (`runs`) or stops at an instant."""

    at: datetime
    runs: bool
    told_by: tuple[Evidence, ...] = ()
    """The record that says so, and what else it takes for that."""


@dataclass(frozen=True, slots=True)
class SlaClock:
    """The turns of one clock, oldest first; of two at the same instant the one told later counts."""

    turns: tuple[Turn, ...] = ()

    @property
    def started(self) -> bool:
        return bool(self.turns)

    def ran_at(self, at: datetime) -> bool:
        """Whether it ran at an instant, as far as is known."""
        turn = next((turn for turn in reversed(self.turns) if turn.at <= at), None)
        return turn is not None and turn.runs

    @property
    def changes(self) -> tuple[Turn, ...]:
        """The turns that changed whether it runs; before the first of them it stood."""
        found: list[Turn] = []
        for turn in self.turns:
            if turn.runs != bool(found and found[-1].runs):
                found.append(turn)
        return tuple(found)

    def because(self, until: datetime | None) -> tuple[Evidence, ...]:
        """The records that say when it ran until then; None: up to now."""
        clock = self if until is None else self.until(until)
        return tuple(record for turn in clock.changes for record in turn.told_by)

    def since(self, at: datetime) -> "SlaClock":
        """Without what turned it until then."""
        return replace(self, turns=tuple(turn for turn in self.turns if turn.at > at))

    def until(self, at: datetime) -> "SlaClock":
        """Without what turned it from then on."""
        return replace(self, turns=tuple(turn for turn in self.turns if turn.at < at))

    def begun_by(self, at: datetime, told_by: tuple[Evidence, ...]) -> "SlaClock":
        """Its beginning at this instant is said again by these records, which do instead of the first."""
        turns = (replace(turn, told_by=told_by) if turn.at == at and turn.runs else turn for turn in self.turns)
        return replace(self, turns=tuple(turns))

    def turn(self, at: datetime, runs: bool, told_by: tuple[Evidence, ...] = ()) -> "SlaClock":
        """With one more turn, wherever in its history it belongs."""
        turns = list(self.turns)
        insort_right(turns, Turn(at, runs, told_by), key=lambda turn: turn.at)
        if len(turns) > MOST_TURNS:
            del turns[1:3]
        return replace(self, turns=tuple(turns))

    def due(self, target: timedelta, calendar: Calendar | None) -> datetime | None:
        """When `target` of running time is used up; None while the clock stands with some of it left.

        `calendar`: only its working hours count; None: around the clock.
        """
        left, began = target, None
        for turn in self.turns:
            if began is not None:
                due = _add(began, left, calendar)
                if due < turn.at:
                    return due
                left -= _between(began, turn.at, calendar)
            began = turn.at if turn.runs else None
        return None if began is None else _add(began, left, calendar)


UNSTARTED = SlaClock()


def _between(begin: datetime, end: datetime, calendar: Calendar | None) -> timedelta:
    return end - begin if calendar is None else calendar.business_time_between(begin, end)


def _add(begin: datetime, span: timedelta, calendar: Calendar | None) -> datetime:
    return after(begin, span) if calendar is None else calendar.add_business_time(begin, span)

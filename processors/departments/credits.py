"""Deadlines that need a service: an outage of it moves them by the working time it took, to the second.

A state that has such deadlines is a `Credited`. It says `waits` where it would say `awaits`, `over` when a deadline is
kept, and gives the department's credit event to `credited`.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from processors.calendar import Calendar
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.credits import Credit
from schemas.envelope import Evidence
from schemas.facts import DeadlineDepends

MOST_OUTAGES = 100
"""So many outages are remembered for one deadline, the latest: nobody could have relied on a service with more."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An outage of the service; `until` None: it lasts."""

    since: datetime
    until: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Need:
    """A deadline, without credit, and the service it can be kept with."""

    service: str
    since: datetime
    """From when on there was time for it."""
    due: datetime
    department: str
    outages: dict[str, Lost] = field(default_factory=dict)

    def credited(self, calendar: Calendar) -> datetime | None:
        """When it is due, later by the working time that outages took from it. None: one lasts.

        Later outages may fall into the time that earlier ones added, so they are gone through in their order.
        """
        due, lost, reached = self.due, timedelta(), self.since
        for outage in sorted(self.outages.values(), key=lambda outage: outage.since):
            if outage.since >= due:
                break
            if outage.until is None:
                return None
            lost += calendar.business_time_between(max(outage.since, reached), outage.until)
            reached = max(reached, outage.until)
            due = calendar.add_business_time(self.due, lost) if lost else self.due
        return due


@dataclass(frozen=True, kw_only=True)
class Credited(State):
    """A state some of whose deadlines need a service."""

    needs: Rows[Need] = field(default_factory=Rows)
    """By the deadline's name."""
    needs_told: int = 0
    """How often a need was published."""


S = TypeVar("S", bound=Credited)


def waits(
    now: Step[S],
    name: str,
    due: datetime,
    calendar: Calendar,
    *,
    department: str,
    service: str | None,
    since: datetime,
    record: Evidence | None = None,
) -> Step[S]:
    """Waits for a deadline that needs a service (None: it needs none); said again, it has moved.

    `since`: from when on there was time for it; outages before do not count. `department`: whose deadline it is.
    """
    known = now.state.needs.get(name)
    if known is not None and known.service != service:
        now, known = _withdrawn(now, name, known, record), None
    if service is None:
        return now.awaits(name, due)
    need = Need(service, since, due, department, known.outages if known else {})
    if known is None or known.since != since:
        now = _published(now, name, need, record)
    return now.evolve(needs=now.state.needs.put(name, need)).awaits(name, need.credited(calendar))


def over(now: Step[S], name: str, record: Evidence | None = None) -> Step[S]:
    """The deadline is kept, or is none any more."""
    known = now.state.needs.get(name)
    now = now if known is None else _withdrawn(now, name, known, record)
    return now.awaits(name, None)


def credited(now: Step[S], event: Credit, at: datetime, calendar: Calendar, rule: Rule, **labels: str) -> Step[S]:
    """An outage takes time from a deadline, or gives it back. `labels`: the distinguishing ones of the deadline's rule.

    When the deadline has passed already and now turns out not to have, its alert is over.
    """
    need = now.state.needs.get(event.deadline)
    if need is None or need.service != event.service:
        return now
    known = need.outages.get(event.outage)
    if known is not None and known.revision >= event.revision:
        return now
    outages = {**need.outages, event.outage: Lost(event.since, event.until, event.revision)}
    latest = dict(sorted(outages.items(), key=lambda each: each[1].since)[-MOST_OUTAGES:])
    before, need = need.credited(calendar), replace(need, outages=latest)
    due = need.credited(calendar)
    now = now.evolve(needs=now.state.needs.put(event.deadline, need))
    if due == before:
        return now
    if due is None or due > at:
        until = "while it lasts" if due is None else f"until {due.isoformat()}"
        now = now.resolves(
            rule, at, f"outage {event.outage} of {event.service} gives it time {until}", by=[event], **labels
        )
    return now.awaits(event.deadline, due)


def _published(now: Step[S], name: str, need: Need, record: Evidence | None, *, withdrawn: bool = False) -> Step[S]:
    told = now.state.needs_told + 1
    fact = DeadlineDepends(
        department=need.department,
        subject=now.state.key,
        name=name,
        since=need.since,
        withdrawn=withdrawn,
        revision=told,
        record=record,
    )
    return now.evolve(needs_told=told).emits(f"service/{need.service}", fact)


def _withdrawn(now: Step[S], name: str, need: Need, record: Evidence | None) -> Step[S]:
    now = _published(now, name, need, record, withdrawn=True)
    return now.evolve(needs=now.state.needs.drop(name))

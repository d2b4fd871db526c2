"""Leave as HR tells it: kept by employee, published, and forgotten some time after its end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from processors.alerting.oncall.away import Away, leave_of
from processors.alerting.oncall.wall import FOREVER
from processors.alerting.state import Alerting
from processors.instants import after
from processors.step import Step, Tombstone
from schemas.oncall import Absence, PersonAway, PersonBack, TimeAway

DEADLINE = "absence"

MOST = 100
"""Leaves that are kept of one person: of more, those that end last."""


def away(step: Step[Alerting], event: PersonAway, at: datetime) -> Step[Alerting]:
    """Somebody is on leave, or will be; or their leave has moved."""
    employee, leaves = _known(step.state, event)
    leaves[event.leave] = TimeAway(leave=event.leave, starts_at=event.starts_at, ends_at=event.ends_at)
    return _keep(step, employee, leaves.values(), at)


def back(step: Step[Alerting], event: PersonBack, at: datetime) -> Step[Alerting]:
    """Their leave is over, or was none."""
    employee, leaves = _known(step.state, event)
    leave = leaves.pop(event.leave, None)
    if leave is None:
        return step
    if event.since is not None:
        leaves[event.leave] = leave.model_copy(update={"ends_at": event.since})
    return _keep(step, employee, leaves.values(), at)


def deadline_passed(step: Step[Alerting], employee: str, at: datetime) -> Step[Alerting]:
    """A leave is old. `employee` is the deadline's name after `absence/`."""
    known = step.state.absences.get(employee)
    return _keep(step, employee, known.leaves, at) if known else step


def of(office: Alerting, names: Iterable[str]) -> Away:
    """When these users are away."""
    return leave_of(filter(None, map(office.settings.user, names)), office.absences)


def _known(office: Alerting, event: PersonAway | PersonBack) -> tuple[str, dict[str, TimeAway]]:
    """The employee, and their leaves by id."""
    employee = event.about.subject.partition("/")[2]
    known = office.absences.get(employee)
    return employee, {leave.leave: leave for leave in known.leaves} if known else {}


def _keep(step: Step[Alerting], employee: str, leaves: Iterable[TimeAway], at: datetime) -> Step[Alerting]:
    """Those of the leaves that are neither empty nor old; nothing is said when they are as before."""
    office, name = step.state, f"{DEADLINE}/{employee}"
    memory = timedelta(days=office.settings.override_retention_days)
    kept = [leave for leave in leaves if _end(leave) > leave.starts_at and after(_end(leave), memory) > at]
    kept = sorted(sorted(kept, key=_end)[-MOST:], key=lambda leave: (leave.starts_at, leave.leave))
    known = office.absences.get(employee)
    if not kept:
        gone = step.evolve(absences=office.absences.drop(employee)).awaits(name, None)
        return Step(gone.state, (*gone.emit, Tombstone(f"absence/{employee}", Absence.topic))) if known else step
    absence = Absence(employee=employee, leaves=tuple(kept))
    if absence == known:
        return step
    due = after(min(_end(leave) for leave in kept), memory)
    now = step.evolve(absences=office.absences.put(employee, absence)).awaits(name, due)
    return now.emits(f"absence/{employee}", absence)


def _end(leave: TimeAway) -> datetime:
    return leave.ends_at or FOREVER

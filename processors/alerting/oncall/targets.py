"""Who is meant by the targets of an escalation step, at an instant: receivers, or nobody."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from processors.alerting.oncall import absences, given, overrides
from processors.alerting.oncall.away import is_here
from processors.alerting.oncall.roster import Roster
from processors.alerting.once import once
from processors.alerting.settings import AlertingSettings, EscalationPolicy
from processors.alerting.state import Alerting

Resolve = Callable[[tuple[str, ...]], tuple[str, ...]]
"""The receivers that some targets stand for now."""


class Reached(NamedTuple):
    """A step of a policy that has somebody to tell."""

    position: int
    """Counts on over repeats, from 1."""
    receivers: tuple[str, ...]
    passed_over: bool
    """Whether steps before it had nobody."""


def receivers(office: Alerting, targets: Iterable[str], at: datetime) -> tuple[str, ...]:
    """The receivers to tell, each once: of a schedule those who are on duty; nobody who is on leave."""
    found: dict[str, None] = {}
    for target in targets:
        if (plan := _plan(office, target)) is not None:
            found.update(dict.fromkeys(_known(plan, office).on_call(at)))
        elif is_here(absences.of(office, [target]), target, at).value:
            found[target] = None
    return tuple(found)


def _plan(office: Alerting, name: str) -> Roster | None:
    """The schedule of that name: as given by command, else as configured; None: there is none."""
    if (known := office.schedules.get(name)) is not None:
        return Roster.of(given.schedule(known), office.settings.calendar)
    return plans(office.settings).get(name)


@once
def plans(settings: AlertingSettings) -> dict[str, Roster]:
    """Every schedule by name, as configured."""
    return {schedule.name: Roster.of(schedule, settings.calendar) for schedule in settings.schedules}


def _known(plan: Roster, office: Alerting) -> Roster:
    """A schedule with what alerting knows of overrides and leave."""
    here = replace(plan, overrides=tuple(overrides.of(office, plan.schedule.name)))
    return replace(here, away=absences.of(office, here.people))


def reach(policy: EscalationPolicy, position: int, resolve: Resolve) -> Reached | None:
    """The first step from this position on that has somebody to tell; None when none has."""
    first = position
    while (step := policy.step(position)) is not None:
        if found := resolve(step.targets):
            return Reached(position, found, position > first)
        position += 1
    return None

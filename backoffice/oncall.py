"""Who is on call: the configuration's schedules with what is known on the log. For the command line and the API."""

from collections.abc import Iterable
from dataclasses import replace

from backoffice.config import Configuration
from consumers.oncall import Duties
from processors.alerting.oncall.away import leave_of
from processors.alerting.oncall.roster import Roster
from processors.alerting.settings import Schedule


class NoSuchSchedule(Exception):
    """The configuration has no such schedule; the message says which there are."""


def rosters(configuration: Configuration, duties: Duties, name: str | None = None) -> tuple[Roster, ...]:
    """Of every schedule, or of the one of this name, as alerting sees them. Raises NoSuchSchedule."""
    away = leave_of(configuration.alerting.users, {absence.employee: absence for absence in duties.absences})
    return tuple(
        replace(
            Roster.of(schedule, configuration.calendar, (o for o in duties.overrides if o.schedule == schedule.name)),
            away=away,
        )
        for schedule in _named(configuration.alerting.schedules, name)
    )


def _named(schedules: Iterable[Schedule], name: str | None) -> list[Schedule]:
    every = list(schedules)
    if not every:
        raise NoSuchSchedule("The configuration has no schedules; write them under alerting.schedules.")
    found = [schedule for schedule in every if name in (None, schedule.name)]
    if not found:
        raise NoSuchSchedule(f"There is no schedule {name!r}; there are {', '.join(s.name for s in every)}.")
    return found

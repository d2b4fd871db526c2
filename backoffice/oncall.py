"""Who is on call: the configuration's schedules with what is known on the log. For the command line and the API."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from backoffice.config import Configuration
from consumers.calendars import Duty, feed
from consumers.oncall import Duties
from processors.alerting.oncall import given
from processors.alerting.oncall.away import leave_of
from processors.alerting.oncall.roster import Roster, Shift
from processors.alerting.settings import Schedule

FEED_BACK, FEED_AHEAD = timedelta(days=31), timedelta(days=180)
"""What a calendar feed tells of."""


class NoSuchSchedule(Exception):
    """The configuration has no such schedule; the message says which there are."""


def rosters(configuration: Configuration, duties: Duties, name: str | None = None) -> tuple[Roster, ...]:
    """Of every schedule, or of the one of this name, as alerting sees them. Raises NoSuchSchedule."""
    by_command = {known.schedule: given.schedule(known) for known in duties.schedules}
    away = leave_of(configuration.alerting.users, {absence.employee: absence for absence in duties.absences})
    schedules = [by_command.get(one.name, one) for one in _named(configuration.alerting.schedules, name)]
    return tuple(
        replace(
            Roster.of(schedule, configuration.calendar, (o for o in duties.overrides if o.schedule == schedule.name)),
            away=away,
        )
        for schedule in schedules
    )


def ical(roster: Roster, now: datetime, user: str | None = None) -> bytes:
    """A roster as an iCalendar feed, of all its duties or one user's."""
    calendar = roster.calendar
    begin = calendar.at(calendar.local_date(now - FEED_BACK), "00:00")
    return feed(roster.schedule.name, _duties(roster.shifts(begin, now + FEED_AHEAD), user), now)


def _duties(shifts: Iterable[Shift], user: str | None) -> Iterable[Duty]:
    for begins, ends, on_call in shifts:
        if user is None:
            yield Duty(begins, ends, on_call)
        elif user in on_call:
            yield Duty(begins, ends, (user,))


def _named(schedules: Iterable[Schedule], name: str | None) -> list[Schedule]:
    every = list(schedules)
    if not every:
        raise NoSuchSchedule("The configuration has no schedules; write them under alerting.schedules.")
    found = [schedule for schedule in every if name in (None, schedule.name)]
    if not found:
        raise NoSuchSchedule(f"There is no schedule {name!r}; there are {', '.join(s.name for s in every)}.")
    return found

"""Who is on call: names that must exist, and times at which nobody is on duty."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from backoffice.config import tree
from backoffice.config.document import Document
from backoffice.config.model import AlertingConfiguration, Configuration
from backoffice.config.problems import Location, Problem, dotted
from processors.alerting.oncall.roster import Roster
from processors.alerting.settings import Schedule

Found = tuple[Location, str]

AHEAD = timedelta(days=366)
"""How far ahead gaps are looked for."""


def problems(alerting: AlertingConfiguration) -> Iterator[Found]:
    """Problems of `users:` and `schedules:`, with their places below `alerting:`."""
    receivers = [receiver.name for receiver in alerting.all_receivers()]
    users = [user.name for user in alerting.users]
    schedules = [schedule.name for schedule in alerting.schedules]
    yield from tree.duplicates("users", users, "user")
    yield from tree.duplicates("schedules", schedules, "schedule")
    for i, name in enumerate(users):
        yield from tree.known(name, receivers, ("users", i, "name"), "receiver")
    for i, schedule in enumerate(alerting.schedules):
        if schedule.name in receivers:
            here = ("schedules", i, "name")
            yield here, f"a receiver has the name {schedule.name!r} as well (rename one: steps could mean either)"
        yield from _people(schedule, ("schedules", i), users)


def unknown_people(schedule: Schedule, alerting: AlertingConfiguration) -> Iterator[str]:
    """What is wrong with the names in a schedule that stands elsewhere."""
    for where, what in _people(schedule, (), [user.name for user in alerting.users]):
        yield f"{dotted(where)}: {what}"


def gaps(configuration: Configuration, at: datetime) -> list[Problem]:
    """Schedules that have nobody on duty at some time in the year to come, by their plan alone: no override given by
    command and no leave is known here. Worth a word, and no mistake: the next step is told at once then."""
    document = Document.read(configuration.path) if configuration.path else None
    found = []
    for i, schedule in enumerate(configuration.alerting.schedules):
        where: Location = ("alerting", "schedules", i)
        line = document.line(where) if document else 1
        roster = Roster.of(schedule, configuration.calendar)
        if holes := list(roster.gaps(at, at + AHEAD)):
            (begins, ends, _), zone = holes[0], roster.calendar
            first = f"{zone.local(begins):%a %Y-%m-%d %H:%M} to {zone.local(ends):%a %Y-%m-%d %H:%M}"
            said = f"schedule {schedule.name}: nobody is on duty from {first}"
            more = f", and {len(holes) - 1} times more within a year" if len(holes) > 1 else ""
            found.append(Problem(line, dotted(where), f"{said}{more} (add a layer beneath the others)"))
    return found


def _people(schedule: Schedule, here: Location, users: Collection[str]) -> Iterator[Found]:
    for i, layer in enumerate(schedule.layers):
        for j, name in enumerate(layer.participants):
            yield from tree.known(name, users, (*here, "layers", i, "participants", j), "user")
    for i, override in enumerate(schedule.overrides):
        for field in ("user", "instead_of"):
            yield from tree.known(getattr(override, field), users, (*here, "overrides", i, field), "user")

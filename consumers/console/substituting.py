"""Standing in, by form: overrides of schedules as commands on the log."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from consumers.api.errors import Problem
from consumers.api.ports import Said
from consumers.api.service import Service
from consumers.console import BY_WAY_OF
from consumers.console.duty import Rota
from consumers.console.signing_in.people import Person
from schemas.oncall import OverrideRemove, OverrideSet

LONGEST = timedelta(days=366)
"""Of an override that is given by form: longer ones are a matter of the plan."""


class Substituting(NamedTuple):
    """A form as it was filled in. Times are on the schedule's wall, `2026-08-03T09:00`."""

    schedule: str
    user: str
    instead_of: str
    besides: bool
    begins: str
    ends: str
    comment: str


def substitute(service: Service, rota: Rota, who: Person, form: Substituting) -> bool:
    """Puts an override on the log; returns whether its effect has been seen. Raises Problem, NotWritten, ValueError."""
    starts_at, ends_at = (_instant(rota, form.schedule, text) for text in (form.begins, form.ends))
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise Problem("it ends after its beginning, and within a year")
    for user in filter(None, (form.user, form.instead_of)):
        if user not in rota.users:
            raise Problem(f"there is no user {user!r}")
    name = str(uuid4())
    wanted = OverrideSet(
        by=who.name,
        override=name,
        schedule=form.schedule,
        user=form.user or None,
        instead_of=form.instead_of or None,
        besides=form.besides,
        starts_at=starts_at,
        ends_at=ends_at,
        comment=form.comment.strip(),
    )
    return service.do([Said(wanted, f"override/{name}")], BY_WAY_OF).applied


def withdraw(service: Service, who: Person, override: str) -> bool:
    """Ends an override now; returns whether its effect has been seen. Raises Problem, NotWritten."""
    with service.view.reading() as standing:
        known = [one for one in standing.duties.overrides if one.override == override]
    if not known:
        raise Problem("there is no such override any more", 404)

    def ceased(offset: int) -> bool:
        """One that had not begun ceases with a tombstone, which does not say what it follows from."""
        return service.view.wait(lambda standing: known[0] not in standing.duties.overrides, service.apply_seconds)

    said = Said(OverrideRemove(by=who.name, override=override), f"override/{override}")
    return service.do([said], BY_WAY_OF, ceased).applied


def _instant(rota: Rota, schedule: str, text: str) -> datetime:
    if schedule not in rota.schedules:
        raise Problem(f"there is no schedule {schedule!r}")
    try:
        day, _, time = text.partition("T")
        return rota.instant(schedule, date.fromisoformat(day), time[:5])
    except ValueError as error:
        raise Problem(f"{text!r} is no time: say when it begins and when it ends") from error

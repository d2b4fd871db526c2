"""Managers: everybody has one.

Who has none entered is an alert of their own. Those whose manager left are one alert of that manager.
"""

from collections.abc import Iterator
from datetime import date, datetime

from processors.correlation.person import Employment, Person, Report
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import EmploymentStated, ReportStated
from schemas.processing import DeadlinePassed

NO_MANAGER = Rule(
    "hr.no_manager",
    "warning",
    "an employee has been entered without a manager for 5 business days",
    "a manager is set, or the employment ends",
    settings=("manager_business_days", "roles_without_manager", "calendar"),
)
ORPHANED_REPORTS = Rule(
    "hr.orphaned_reports",
    "warning",
    "a manager has left, and 5 business days later some who reported to them have no new one: one alert lists them",
    "all of them have a new manager, or leave; or the manager stays",
    settings=("manager_business_days", "calendar"),
)
RULES = (NO_MANAGER, ORPHANED_REPORTS)

NO_MANAGER_DUE = "hr.no_manager/due"
ORPHANED_DUE = "hr.orphaned_reports/due"

SHOWN = 30
"""An alert names at most this many reports."""


def check(now: Step[Person], event: Event, at: datetime) -> Step[Person]:
    match event:
        case EmploymentStated():
            return _orphaned(_managed(now, event, at), event, at)
        case ReportStated():
            return _orphaned(now, event, at)
        case DeadlinePassed(name=name, due=due) if name == NO_MANAGER_DUE:
            return _managed(now, event, at, due)
        case DeadlinePassed(name=name, due=due) if name == ORPHANED_DUE:
            return _orphaned(now, event, at, due)
    return now


def _managed(now: Step[Person], event: Event, at: datetime, due: datetime | None = None) -> Step[Person]:
    person = now.state
    since = _alone_since(person)
    if since is None:
        now = now.resolves(NO_MANAGER, at, _why_managed(person.employment), by=[event])
        return now.awaits(NO_MANAGER_DUE, None)
    wanted = _days_after(person, since)
    if wanted > at:
        return now.resolves(NO_MANAGER, at, "it is due later", by=[event]).awaits(NO_MANAGER_DUE, wanted)
    records = [person.employment.record] if person.employment.record else []
    summary = f"Employee {person.id} has had no manager since {since}"
    return now.awaits(NO_MANAGER_DUE, None).fires(NO_MANAGER, at, summary, because=records, due=due)


def _alone_since(person: Person) -> date | None:
    """Since when the person should have a manager and has none; None when nothing is missing."""
    employment = person.employment
    if employment.start_on is None or employment.manager is not None:
        return None
    if employment.last_day is not None or employment.merged_into is not None:
        return None
    if employment.role in person.settings.roles_without_manager:
        return None
    return max(employment.start_on, employment.manager_since or employment.start_on)


def _days_after(person: Person, day: date) -> datetime:
    calendar = person.calendar
    return calendar.end_of_business_day(calendar.add_business_days(day, person.settings.manager_business_days))


def _why_managed(employment: Employment) -> str:
    if employment.manager is not None:
        return f"the manager is {employment.manager}"
    return "no manager is needed"


def _orphaned(now: Step[Person], event: Event, at: datetime, due: datetime | None = None) -> Step[Person]:
    """Looks at each report, but only of one who leaves: a team is small, and those who left it are soon forgotten."""
    person, last_day = now.state, now.state.employment.last_day
    if last_day is None:
        return now.resolves(ORPHANED_REPORTS, at, "the manager stays", by=[event]).awaits(ORPHANED_DUE, None)
    waiting = sorted(_waiting(person), key=lambda each: each[0])
    now = now.awaits(ORPHANED_DUE, next((instant for instant, _ in waiting if instant > at), None))
    overdue = sorted((report for instant, report in waiting if instant <= at), key=lambda report: report.employee)
    if not overdue:
        return now.resolves(ORPHANED_REPORTS, at, "nobody waits for a new manager any more", by=[event])
    more = len(overdue) - SHOWN
    names = ", ".join(report.employee for report in overdue[:SHOWN]) + (f" and {more} more" if more > 0 else "")
    records = [person.employment.record, *(report.record for report in overdue[:SHOWN])]
    return now.fires(
        ORPHANED_REPORTS,
        at,
        f"{person.id} left on {last_day}, and these have no new manager: {names}",
        because=[record for record in records if record],
        due=due,
    )


def _waiting(person: Person) -> Iterator[tuple[datetime, Report]]:
    """By when each of the reports must have a new manager."""
    last_day = person.employment.last_day
    for report in person.reports.values():
        if report.holds and last_day is not None:
            yield _days_after(person, max(last_day, report.since or last_day)), report

"""A deadline that needs a service: an outage moves it by the working time it took, by the department's calendar."""

from datetime import datetime

from processors.calendar import Calendar, CalendarSettings
from processors.departments.credits import Credited, Need, credited, waits
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import About, Evidence
from schemas.it import DeadlineCredited
from tests.office import instant

LATE = Rule("it.late", "warning", "an account is not there in time", "it is there")
WEEKDAYS = Calendar.of(CalendarSettings())
EVERY_DAY = Calendar.of(CalendarSettings(workdays=("mon", "tue", "wed", "thu", "fri", "sat", "sun")))
FRIDAY, SATURDAY, MONDAY = "2026-01-09", "2026-01-10", "2026-01-12"
NAME = "provision"

Account = Step[Credited]


def asked(due: str, calendar: Calendar = WEEKDAYS, now: Account | None = None) -> Account:
    """It needs the directory from Friday morning on."""
    began = instant(f"{FRIDAY}T09:00")
    before = now or Step(Credited(key="account/jdoe"))
    return waits(before, NAME, instant(due), calendar, department="it", service="directory", since=began)


def outage(
    now: Account, since: str, until: str | None, at: str, id: str = "OUT-1", calendar: Calendar = WEEKDAYS
) -> Account:
    event = DeadlineCredited(
        deadline=NAME, service="directory", outage=id, since=instant(since), until=until and instant(until)
    )
    event.with_about(About(id, "/tests", "account/jdoe", instant(at), Evidence("events.it", 0, 1, id)))
    return credited(now, event, instant(at), calendar, LATE)


def due(now: Account) -> datetime | None:
    return now.state.deadlines.get(NAME)


def test_the_time_that_was_lost_is_working_time_of_the_departments_calendar() -> None:
    lost = (f"{FRIDAY}T16:00", f"{SATURDAY}T10:00", f"{SATURDAY}T11:00")
    assert due(outage(asked(f"{MONDAY}T17:00"), *lost)) == instant("2026-01-13T10:00"), "an hour of Friday"
    told = outage(asked(f"{MONDAY}T17:00", EVERY_DAY), *lost, calendar=EVERY_DAY)
    assert due(told) == instant("2026-01-13T11:00"), "and one of Saturday"


def test_a_deadline_that_moves_keeps_what_outages_took() -> None:
    told = outage(asked(f"{FRIDAY}T12:00"), f"{FRIDAY}T10:00", f"{FRIDAY}T11:00", f"{FRIDAY}T11:00")
    assert due(told) == instant(f"{FRIDAY}T13:00")
    assert due(asked(f"{FRIDAY}T15:00", now=told)) == instant(f"{FRIDAY}T16:00")
    assert due(asked(f"{MONDAY}T16:30", EVERY_DAY, told)) == instant("2026-01-13T09:30"), (
        "by the calendar that is given"
    )


def test_outages_count_in_the_order_in_which_they_were_whatever_was_told_first() -> None:
    """The second falls into the time that the first has added: alone it would take nothing."""
    first = (f"{FRIDAY}T10:00", f"{FRIDAY}T11:00", f"{FRIDAY}T14:00", "OUT-1")
    second = (f"{FRIDAY}T12:15", f"{FRIDAY}T12:30", f"{FRIDAY}T14:00", "OUT-2")
    alone = outage(asked(f"{FRIDAY}T12:00"), *second)
    assert due(alone) == instant(f"{FRIDAY}T12:00")
    assert due(outage(alone, *first)) == due(outage(outage(asked(f"{FRIDAY}T12:00"), *first), *second))
    assert due(outage(alone, *first)) == instant(f"{FRIDAY}T13:15")


def late(at: str) -> Account:
    return Step(asked(f"{FRIDAY}T12:00").fires(LATE, instant(at), "not there").state.awaits(NAME, None))


def test_an_alert_is_over_only_when_there_is_time_left() -> None:
    hour = (f"{FRIDAY}T10:00", f"{FRIDAY}T11:00")
    assert not is_firing(outage(late(f"{FRIDAY}T12:30"), *hour, at=f"{FRIDAY}T12:59").state, LATE)
    assert is_firing(outage(late(f"{FRIDAY}T12:30"), *hour, at=f"{FRIDAY}T13:00").state, LATE), "it is due this instant"
    assert not is_firing(outage(late(f"{FRIDAY}T12:30"), hour[0], None, at=f"{FRIDAY}T15:00").state, LATE), "it lasts"


def test_what_is_remembered_goes_by_the_deadlines_name() -> None:
    told = outage(asked(f"{FRIDAY}T12:00"), f"{FRIDAY}T10:00", f"{FRIDAY}T11:00", f"{FRIDAY}T11:00")
    assert isinstance(told.state.needs[NAME], Need)
    assert [*told.state.needs] == [NAME]
    assert [*told.state.needs[NAME].outages] == ["OUT-1"]

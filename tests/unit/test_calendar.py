"""The business calendar against people's examples, and against one that counts minute by minute."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from processors.calendar import WEEKDAYS, Calendar, CalendarSettings, OtherHours
from processors.wall_clock import FIRST_DAY, LAST_DAY
from tests.door import CHANGES, Door, calendars, moments

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = Calendar.of(CalendarSettings())
FRIDAY = date(2026, 1, 9)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("n", "day"),
    [
        (0, "2026-01-09"),
        (1, "2026-01-12"),
        (3, "2026-01-14"),
        (5, "2026-01-16"),
        (-1, "2026-01-08"),
        (-5, "2026-01-02"),
    ],
)
def test_business_days_skip_the_weekend(n: int, day: str) -> None:
    assert OFFICE.add_business_days(FRIDAY, n) == date.fromisoformat(day)


def test_no_business_days_from_a_saturday_is_monday() -> None:
    assert OFFICE.add_business_days(date(2026, 1, 10), 0) == date(2026, 1, 12)


def test_one_business_day_after_a_saturday_is_monday() -> None:
    assert OFFICE.add_business_days(date(2026, 1, 10), 1) == date(2026, 1, 12)


def test_holidays_of_the_country_its_region_and_the_organisation_are_free() -> None:
    bavaria = Calendar.of(CalendarSettings(country="DE", region="BY", extra_holidays=(date(2026, 12, 24),)))
    assert bavaria.add_business_days(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert not bavaria.is_business_day(date(2026, 1, 6))  # Epiphany, in some regions only
    assert Calendar.of(CalendarSettings(country="DE")).is_business_day(date(2026, 1, 6))


def test_a_working_day_ends_when_the_office_closes_summer_and_winter() -> None:
    berlin = Calendar.of(CalendarSettings(time_zone="Europe/Berlin"))
    assert berlin.end_of_business_day(date(2026, 1, 9)) == utc("2026-01-09T16:00")
    assert berlin.end_of_business_day(date(2026, 7, 9)) == utc("2026-07-09T15:00")


def test_the_end_of_a_free_day_is_that_of_the_next_working_day() -> None:
    assert OFFICE.end_of_business_day(date(2026, 1, 10)) == utc("2026-01-12T17:00")


def test_the_end_of_a_calendar_day_is_its_midnight() -> None:
    new_york = Calendar.of(CalendarSettings(time_zone="America/New_York"))
    assert new_york.end_of_day(date(2026, 1, 10)) == utc("2026-01-11T05:00")
    assert new_york.local_date(utc("2026-01-11T04:59")) == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("begin", "span", "end"),
    [
        ("2026-01-09T16:00", HOUR, "2026-01-09T17:00"),
        ("2026-01-09T16:00", HOUR + MINUTE, "2026-01-12T09:01"),
        ("2026-01-10T12:00", 8 * HOUR, "2026-01-12T17:00"),
        ("2026-01-09T07:00", MINUTE, "2026-01-09T09:01"),
        ("2026-01-10T12:00", timedelta(), "2026-01-10T12:00"),
    ],
)
def test_business_time_runs_while_the_office_is_open(begin: str, span: timedelta, end: str) -> None:
    assert OFFICE.add_business_time(utc(begin), span) == utc(end)
    assert OFFICE.business_time_between(utc(begin), utc(end)) == span


def test_no_business_time_passes_backwards() -> None:
    assert OFFICE.business_time_between(utc("2026-01-09T16:00"), utc("2026-01-09T10:00")) == timedelta()
    with pytest.raises(ValueError, match="runs forward"):
        OFFICE.add_business_time(utc("2026-01-09T16:00"), -HOUR)


def test_a_short_friday_is_short() -> None:
    calendar = Calendar.of(CalendarSettings(other_hours=(OtherHours(weekday="fri", closes="13:00"),)))
    assert calendar.business_time_between(utc("2026-01-09T00:00"), utc("2026-01-10T00:00")) == 4 * HOUR


def test_around_the_clock_a_day_in_spring_has_23_hours() -> None:
    berlin = Calendar.of(CalendarSettings(time_zone="Europe/Berlin", opens="00:00", closes="24:00", workdays=WEEKDAYS))
    begin, end = (berlin.end_of_day(date(2026, 3, day)) for day in (28, 29))
    assert berlin.business_time_between(begin, end) == 23 * HOUR


def test_a_mistyped_year_is_taken_for_the_nearest_that_is_known() -> None:
    assert OFFICE.add_business_days(date.max, 3) <= LAST_DAY
    assert OFFICE.add_business_days(date.min, -3) >= FIRST_DAY
    assert OFFICE.end_of_day(date.max) > OFFICE.end_of_day(date(2199, 1, 1))
    assert OFFICE.business_time_between(datetime.min.replace(tzinfo=UTC), utc("1900-01-02T00:00")) == 8 * HOUR
    assert OFFICE.add_business_time(datetime.max.replace(tzinfo=UTC), 9 * HOUR) == OFFICE.end_of_day(LAST_DAY)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"time_zone": "Berlin"}, "not an IANA time zone"),
        ({"opens": "17:00", "closes": "09:00"}, "cannot close"),
        ({"other_hours": ({"opens": "12:00", "closes": "12:00"},)}, "cannot close"),
        ({"region": "BY"}, "needs the country"),
        ({"country": "XX"}, "no public holidays are known"),
        ({"country": "DE", "region": "XX"}, "has no region"),
        ({"opens": "9 o'clock"}, "pattern"),
        ({"workdays": ()}, "at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused_with_the_reason(told: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        CalendarSettings.model_validate(told)


def test_hours_that_begin_when_clocks_skip_them_begin_right_after() -> None:
    """On 29 March 2026 no clock in Berlin shows 02:30: it goes from 02:00 to 03:00."""
    berlin = Calendar.of(CalendarSettings(time_zone="Europe/Berlin", opens="02:30", closes="06:00", workdays=WEEKDAYS))
    assert berlin.business_time_between(utc("2026-03-29T00:00"), utc("2026-03-29T12:00")) == 3 * HOUR
    assert berlin.add_business_time(utc("2026-03-29T00:00"), MINUTE) == utc("2026-03-29T01:01")


def test_hours_that_end_when_clocks_show_them_twice_end_at_the_first() -> None:
    """On 25 October 2026 clocks in Berlin show 02:30 twice."""
    berlin = Calendar.of(CalendarSettings(time_zone="Europe/Berlin", opens="00:00", closes="02:30", workdays=WEEKDAYS))
    assert berlin.business_time_between(utc("2026-10-24T20:00"), utc("2026-10-25T12:00")) == 2.5 * HOUR
    assert berlin.end_of_business_day(date(2026, 10, 25)) == utc("2026-10-25T00:30")


def test_nobody_works_on_a_day_that_a_zone_left_out() -> None:
    """Samoa went from 29 to 31 December 2011, to the other side of the date line."""
    apia = Calendar.of(CalendarSettings(time_zone="Pacific/Apia", workdays=WEEKDAYS))
    assert apia.business_time_between(utc("2011-12-29T10:00"), utc("2012-01-01T10:00")) == 3 * 8 * HOUR


@settings(max_examples=100, deadline=None)
@given(told=calendars(), begin=moments(), minutes=st.integers(0, 36 * 60))
def test_business_time_is_the_minutes_at_which_the_door_is_open(
    told: CalendarSettings, begin: datetime, minutes: int
) -> None:
    door = Door(told)
    counted = sum(door.is_open(begin + n * MINUTE) for n in range(minutes))
    assert Calendar.of(told).business_time_between(begin, begin + minutes * MINUTE) == counted * MINUTE


@settings(max_examples=60, deadline=None)
@given(told=calendars(), begin=moments(), minutes=st.integers(1, 30 * 60))
def test_the_end_of_business_time_is_the_earliest_by_which_it_has_passed(
    told: CalendarSettings, begin: datetime, minutes: int
) -> None:
    calendar = Calendar.of(told)
    end = calendar.add_business_time(begin, minutes * MINUTE)
    assert calendar.business_time_between(begin, end) == minutes * MINUTE
    assert calendar.business_time_between(begin, end - MINUTE) < minutes * MINUTE


@settings(max_examples=60, deadline=None)
@given(told=calendars(), day=st.sampled_from(CHANGES), n=st.integers(1, 30))
def test_business_days_count_to_where_they_lead(told: CalendarSettings, day: date, n: int) -> None:
    calendar = Calendar.of(told)
    there = calendar.add_business_days(day, n)
    assert calendar.is_business_day(there)
    assert calendar.business_days_between(day, there) == n
    if calendar.is_business_day(day):
        assert calendar.add_business_days(there, -n) == day

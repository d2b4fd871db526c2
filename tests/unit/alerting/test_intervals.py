"""Time intervals hold when Alertmanager's do."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from processors.alerting.intervals import any_holds, contains, holds
from processors.alerting.settings import NamedTimeIntervals, TimeInterval

NOON = "2026-01-05T12:00:00"
"""A Monday."""


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def interval(**lists: Any) -> TimeInterval:
    return TimeInterval.model_validate(lists)


def times(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"times": [{"start_time": start, "end_time": end} for start, end in pairs]}


@pytest.mark.parametrize(
    ("lists", "instant", "inside"),
    [
        ({}, NOON, True),
        (times(("09:00", "17:00")), "2026-01-05T08:59:59", False),
        (times(("09:00", "17:00")), "2026-01-05T09:00:00", True),
        (times(("09:00", "17:00")), "2026-01-05T16:59:59", True),
        (times(("09:00", "17:00")), "2026-01-05T17:00:00", False),
        (times(("17:00", "24:00"), ("00:00", "09:00")), "2026-01-05T23:59:59", True),
        (times(("17:00", "24:00"), ("00:00", "09:00")), "2026-01-06T00:00:00", True),
        ({"weekdays": ["monday:friday"]}, "2026-01-09T23:59:59", True),
        ({"weekdays": ["monday:friday"]}, "2026-01-10T00:00:00", False),
        ({"weekdays": ["Saturday", "SUNDAY"]}, "2026-01-11T12:00:00", True),
        ({"weekdays": ["sunday:saturday"]}, NOON, True),
        ({"days_of_month": ["1", "15:20"]}, "2026-01-20T12:00:00", True),
        ({"days_of_month": ["1", "15:20"]}, "2026-01-21T00:00:00", False),
        ({"days_of_month": ["-1"]}, "2026-02-28T12:00:00", True),
        ({"days_of_month": ["-1"]}, "2028-02-28T12:00:00", False),
        ({"days_of_month": ["-1"]}, "2028-02-29T12:00:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-04-28T00:00:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-04-27T23:59:59", False),
        ({"days_of_month": ["28:31"]}, "2026-02-28T12:00:00", True),
        ({"days_of_month": ["29:31"]}, "2026-02-28T12:00:00", False),
        ({"days_of_month": ["-31:-30"]}, "2026-02-01T12:00:00", False),
        ({"days_of_month": ["-31:-29"]}, "2026-02-01T12:00:00", False),
        ({"days_of_month": ["-31:-28"]}, "2026-02-01T12:00:00", True),
        ({"days_of_month": ["20:-1"]}, "2026-01-31T12:00:00", True),
        ({"days_of_month": [1, -1]}, "2026-01-31T12:00:00", True),
        ({"months": ["january:march", "12"]}, "2026-03-31T23:59:59", True),
        ({"months": ["january:march", "12"]}, "2026-04-01T00:00:00", False),
        ({"months": ["January:3", 12]}, "2026-12-01T00:00:00", True),
        ({"years": ["2026:2028"]}, "2028-12-31T23:59:59", True),
        ({"years": [2027]}, NOON, False),
        ({"weekdays": ["monday"], "months": ["may"]}, NOON, False),
        ({"weekdays": []}, NOON, False),
        ({"times": []}, NOON, False),
        ({"weekdays": None}, NOON, True),
    ],
    ids=str,
)
def test_an_interval_holds_when_each_list_it_gives_has_a_member(
    lists: dict[str, Any], instant: str, inside: bool
) -> None:
    assert contains(interval(**lists), at(instant)) is inside


@pytest.mark.parametrize(
    ("instant", "inside"),
    [("2026-01-05T06:59:59", False), ("2026-01-05T07:00:00", True), ("2026-07-06T06:00:00", True)],
)
def test_hours_are_those_of_the_clock_on_the_wall_in_its_zone_summer_and_winter(instant: str, inside: bool) -> None:
    assert contains(interval(**times(("08:00", "18:00")), location="Europe/Berlin"), at(instant)) is inside


def test_a_day_is_that_of_its_zone() -> None:
    sydney = interval(weekdays=["tuesday"], location="Australia/Sydney")
    assert contains(sydney, at("2026-01-05T13:00:00"))
    assert not contains(sydney, at("2026-01-05T12:59:59"))


def test_an_hour_that_does_not_exist_is_left_out_and_one_that_comes_twice_is_in_it_twice() -> None:
    night = interval(**times(("02:00", "03:00")), location="Europe/Berlin")
    spring = [datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=m) for m in range(180)]
    autumn = [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(minutes=m) for m in range(240)]
    assert [instant for instant in spring if contains(night, instant)] == []
    assert len([instant for instant in autumn if contains(night, instant)]) == 120


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_the_last_day_of_a_month_is_its_last_even_when_its_clocks_go_forward(zone: str) -> None:
    last = interval(days_of_month=["-1"], location=zone)
    assert contains(last, at("2026-03-31T12:00:00", zone))
    assert not contains(last, at("2026-03-30T12:00:00", zone))


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        (times(("09:00", "09:00")), "09:00 is not before 09:00"),
        (times(("17:00", "09:00")), "a range past midnight is two"),
        (times(("9:00", "17:00")), "should match pattern"),
        (times(("09:00", "24:01")), "should match pattern"),
        ({"times": [{"start_time": "09:00"}]}, "Field required"),
        ({"weekdays": ["friday:monday"]}, "ends before it begins"),
        ({"weekdays": ["1"]}, "write its name, such as monday"),
        ({"weekdays": ["mon"]}, "write its name, such as monday"),
        ({"weekdays": ["monday:tuesday:friday"]}, "is not a range"),
        ({"days_of_month": ["0"]}, "is not a day of a month"),
        ({"days_of_month": ["32"]}, "is not a day of a month"),
        ({"days_of_month": ["-32"]}, "is not a day of a month"),
        ({"days_of_month": ["-5:5"]}, "the last day must be negative where the first is"),
        ({"days_of_month": ["10:5"]}, "day 5 is always before day 10"),
        ({"days_of_month": ["28:-5"]}, "day -5 is always before day 28"),
        ({"days_of_month": ["first"]}, "is not a number"),
        ({"months": ["march:january"]}, "ends before it begins"),
        ({"months": ["13"]}, "is not a month"),
        ({"years": ["2028:2026"]}, "ends before it begins"),
        ({"years": ["soon"]}, "is not a number"),
        ({"location": "Mars/Olympus"}, "is not an IANA time zone"),
        ({"location": "Local"}, "another zone on each machine"),
        ({"weekday": ["monday"]}, "Extra inputs"),
    ],
    ids=str,
)
def test_what_can_never_hold_or_is_not_understood_is_refused(lists: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        interval(**lists)


def test_a_name_holds_while_any_of_its_intervals_does_and_never_without_one() -> None:
    weekend = {"weekdays": ["saturday", "sunday"]}
    named = NamedTimeIntervals.model_validate({"name": "off", "time_intervals": [weekend, times(("18:00", "24:00"))]})
    assert holds(named, at("2026-01-10T12:00:00"))
    assert holds(named, at("2026-01-05T18:00:00"))
    assert not holds(named, at(NOON))
    assert not holds(NamedTimeIntervals(name="never"), at(NOON))
    assert any_holds([named], ["off", "gone"], at("2026-01-10T12:00:00"))
    assert not any_holds([named], ["gone"], at("2026-01-10T12:00:00"))


@given(
    instant=st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    data=st.data(),
)
def test_every_instant_is_in_exactly_one_part_of_a_divided_day_week_month_and_year(
    instant: datetime, zone: str, data: st.DataObject
) -> None:
    minute = data.draw(st.integers(1, 24 * 60 - 1))
    clock, day = f"{minute // 60:02}:{minute % 60:02}", data.draw(st.integers(1, 27))
    month, year = data.draw(st.integers(1, 11)), data.draw(st.integers(1980, 2100))
    divided: list[list[dict[str, Any]]] = [
        [times(("00:00", clock)), times((clock, "24:00"))],
        [{"weekdays": ["sunday:tuesday"]}, {"weekdays": ["wednesday:saturday"]}],
        [{"days_of_month": [f"1:{day}"]}, {"days_of_month": [f"{day + 1}:31"]}],
        [{"months": [f"1:{month}"]}, {"months": [f"{month + 1}:12"]}],
        [{"years": [f"1:{year}"]}, {"years": [f"{year + 1}:9999"]}],
    ]
    for parts in divided:
        assert [contains(interval(**part, location=zone), instant) for part in parts].count(True) == 1

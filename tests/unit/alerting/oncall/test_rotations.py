"""Whose turn it is: hand-overs, restrictions, layers, holidays, and clocks that change."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from processors.alerting.settings import Schedule
from processors.calendar import CalendarSettings
from tests.unit.alerting.oncall.rostering import BERLIN, instant, layer, override, roster, spoken, who

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

SPRING, AUTUMN = "2026-03-29", "2026-10-25"
"""The days in 2026 on which Berlin's clocks change: at 02:00 to 03:00, and at 03:00 to 02:00."""


def test_a_week_each_handed_over_on_monday_morning() -> None:
    it = roster(layer("dana", "kim"))
    assert who(it, "2026-01-05T08:59:59", "2026-01-05T09:00", "2026-01-12T08:59:59", "2026-01-12T09:00") == [
        "",
        "dana",
        "dana",
        "kim",
    ]


def test_a_weekly_layer_that_starts_in_the_middle_of_a_week_has_a_short_first_turn() -> None:
    it = roster(layer("dana", "kim", starts_on="2026-01-07", hand_over_weekday="fri"))
    assert spoken(it, "2026-01-07T00:00", "2026-01-17T00:00") == [
        ("Wed 01-07 00:00", ""),
        ("Wed 01-07 09:00", "dana"),
        ("Fri 01-09 09:00", "kim"),
        ("Fri 01-16 09:00", "dana"),
    ]


def test_a_day_each() -> None:
    it = roster(layer("dana", "kim", "lee", rotation="daily", hand_over="18:00"))
    assert spoken(it, "2026-01-05T18:00", "2026-01-08T19:00") == [
        ("Mon 01-05 18:00", "dana"),
        ("Tue 01-06 18:00", "kim"),
        ("Wed 01-07 18:00", "lee"),
        ("Thu 01-08 18:00", "dana"),
    ]


def test_twelve_hours_each_are_handed_over_at_the_same_times_all_year() -> None:
    it = roster(layer("dana", "kim", rotation="custom", shift_hours=12, hand_over="08:00"))
    assert spoken(it, f"{SPRING}T00:00", f"{SPRING}T23:00") == [
        ("Sun 03-29 00:00", "kim"),
        ("Sun 03-29 08:00", "dana"),
        ("Sun 03-29 20:00", "kim"),
    ]


def test_a_layer_ends_at_the_hand_over_of_its_last_day() -> None:
    it = roster(layer("dana", ends_on="2026-01-08"))
    assert who(it, "2026-01-08T08:59", "2026-01-08T09:00") == ["dana", ""]
    assert it.next_change(instant("2026-01-08T09:00")) is None


@pytest.mark.parametrize(
    ("shown", "on_call"),
    [("01:59:59", "dana"), ("03:00", "kim")],
)
def test_a_hand_over_in_the_hour_that_spring_skips_is_when_the_clock_jumps(shown: str, on_call: str) -> None:
    it = roster(layer("dana", "kim", rotation="daily", starts_on="2026-03-28", hand_over="02:30"))
    assert who(it, f"{SPRING}T{shown}") == [on_call]


def test_a_hand_over_in_the_hour_that_autumn_repeats_is_the_first_time_and_the_only_one() -> None:
    it = roster(layer("dana", "kim", rotation="daily", starts_on="2026-10-24", hand_over="02:30"))
    begin, end = datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)
    assert [(s.starts_at, s.on_call) for s in it.shifts(begin, end)] == [
        (begin, ("dana",)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ("kim",)),
    ]
    assert it.on_call(datetime(2026, 10, 25, 1, 10, tzinfo=UTC)) == ("kim",), "the wall shows 02:10 once more"


def test_an_hour_that_does_not_exist_is_nobodys_turn_and_one_that_comes_twice_is_one_long_turn() -> None:
    hourly = layer("0", "1", "2", "3", "4", "5", rotation="custom", shift_hours=1, hand_over="00:00")
    it = roster({**hourly, "starts_on": SPRING})
    assert [name for _, name in spoken(it, f"{SPRING}T00:00", f"{SPRING}T05:00")] == ["0", "1", "3", "4"]
    it = roster({**hourly, "starts_on": AUTUMN})
    shifts = list(it.shifts(instant(f"{AUTUMN}T00:00"), instant(f"{AUTUMN}T05:00")))
    assert [((s.ends_at - s.starts_at).total_seconds() / 3600, *s.on_call) for s in shifts] == [
        (1, "0"),
        (1, "1"),
        (2, "2"),
        (1, "3"),
        (1, "4"),
    ]


def test_a_night_shift_is_an_hour_longer_when_the_clocks_go_back() -> None:
    it = roster(layer("dana", restrictions=[{"starts": "22:00", "ends": "06:00"}]))
    (shift,) = [s for s in it.shifts(instant("2026-10-24T12:00"), instant("2026-10-25T12:00")) if s.on_call]
    assert (shift.ends_at - shift.starts_at).total_seconds() == 9 * 3600


@pytest.mark.parametrize(
    ("restriction", "on_duty", "off_duty"),
    [
        ({"starts": "09:00", "ends": "17:00"}, ["2026-01-10T09:00"], ["2026-01-10T08:59:59", "2026-01-10T17:00"]),
        (
            {"weekdays": ["mon"], "starts": "18:00", "ends": "08:00"},
            ["2026-01-12T18:00", "2026-01-13T07:59:59"],
            ["2026-01-12T17:59:59", "2026-01-13T08:00", "2026-01-13T18:00"],
        ),
        (
            {"weekdays": ["fri"], "starts": "18:00", "ends": "08:00", "ends_on": "mon"},
            ["2026-01-09T18:00", "2026-01-11T12:00", "2026-01-12T07:59:59"],
            ["2026-01-09T17:59:59", "2026-01-12T08:00"],
        ),
        (
            {"weekdays": ["mon"], "starts": "09:00", "ends": "08:00", "ends_on": "mon"},
            ["2026-01-12T09:00", "2026-01-19T07:59:59"],
            ["2026-01-19T08:30"],
        ),
        ({"starts": "00:00", "ends": "24:00"}, ["2026-01-10T00:00", "2026-01-10T23:59:59"], []),
    ],
    ids=["a day's hours", "over night", "a weekend", "nearly a week", "always"],
)
def test_restrictions_at_their_edges(restriction: dict[str, object], on_duty: list[str], off_duty: list[str]) -> None:
    it = roster(layer("dana", restrictions=[restriction]))
    assert who(it, *on_duty) == ["dana"] * len(on_duty)
    assert who(it, *off_duty) == [""] * len(off_duty)


def test_turns_go_on_while_a_layer_is_restricted() -> None:
    it = roster(layer("dana", "kim", restrictions=[{"weekdays": ["wed"], "starts": "09:00", "ends": "10:00"}]))
    assert who(it, "2026-01-07T09:30", "2026-01-14T09:30", "2026-01-21T09:30") == ["dana", "kim", "dana"]


def test_a_later_layer_goes_over_an_earlier_one_where_it_has_somebody() -> None:
    nights = layer("kim", restrictions=[{"starts": "18:00", "ends": "08:00"}])
    it = roster(layer("dana"), nights)
    assert spoken(it, "2026-01-05T09:00", "2026-01-06T12:00") == [
        ("Mon 01-05 09:00", "dana"),
        ("Mon 01-05 18:00", "kim"),
        ("Tue 01-06 08:00", "dana"),
    ]


def test_a_holiday_changes_nothing_unless_a_layer_says_so() -> None:
    easter_monday = "2026-04-06T12:00"
    assert who(roster(layer("dana"), country="DE"), easter_monday) == ["dana"]
    assert who(roster(layer("dana", holidays="exclude"), country="DE"), easter_monday) == [""]
    both = roster(layer("dana"), layer("kim", holidays="only"), country="DE")
    assert spoken(both, "2026-04-05T12:00", "2026-04-07T12:00") == [
        ("Sun 04-05 12:00", "dana"),
        ("Mon 04-06 00:00", "kim"),
        ("Tue 04-07 00:00", "dana"),
    ]


def test_a_holiday_that_has_begun_is_not_over_because_the_clock_goes_back_to_the_day_before() -> None:
    it = roster(
        layer("dana", starts_on="2010-01-01"),
        layer("kim", starts_on="2010-01-01", holidays="only"),
        layer("lee", starts_on="2010-01-01", restrictions=[{"weekdays": ["sun"], "starts": "00:00", "ends": "00:01"}]),
        time_zone="America/St_Johns",  # in 2010 at 00:01, to 23:01
        extra_holidays=["2010-11-07"],
    )
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    assert [(s.starts_at, *s.on_call) for s in it.shifts(midnight - HOUR, midnight + 3 * HOUR)] == [
        (midnight - HOUR, "dana"),
        (midnight, "lee"),
        (midnight + HOUR + MINUTE, "kim"),
    ]
    assert it.on_call(midnight + HOUR / 2) == ("lee",), "the wall shows 23:30 once more"


def test_holidays_and_time_zone_are_the_organisations_unless_the_schedule_has_its_own() -> None:
    organisation = CalendarSettings.model_validate(
        {"time_zone": BERLIN, "country": "DE", "region": "BY", "extra_holidays": ["2026-12-24"]}
    )
    assert Schedule(name="a").calendar(organisation).model_dump(include={"time_zone", "country", "region"}) == {
        "time_zone": BERLIN,
        "country": "DE",
        "region": "BY",
    }
    own = Schedule(name="a", time_zone="America/New_York", country="US").calendar(organisation)
    assert (own.time_zone, own.country, own.region, own.extra_holidays) == ("America/New_York", "US", None, ())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"time_zone": "Mars/Olympus"}, "not an IANA time zone"),
        ({"country": "XX"}, "no public holidays are known"),
        ({"region": "BY"}, "needs the country"),
        ({"layers": [layer("dana"), layer("dana")]}, "two layers are named"),
        ({"layers": [layer("dana", rotation="custom")]}, "give both, or neither"),
        ({"layers": [layer("dana", shift_hours=8)]}, "give both, or neither"),
        ({"layers": [layer("dana", ends_on="2026-01-05")]}, "cannot end on"),
        ({"layers": [{**layer("dana"), "participants": []}]}, "at least 1"),
        ({"overrides": [{"starts_at": "2026-01-05T08:00:00Z", "ends_at": "2026-01-06T08:00:00Z"}]}, "needs a user"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Schedule.model_validate({"name": "it", **values})


@pytest.mark.parametrize(
    ("changed", "on_call"),
    [
        ({"user": "lee"}, "lee"),
        ({"user": "lee", "instead_of": "dana"}, "lee"),
        ({"user": "lee", "instead_of": "kim"}, "dana"),
        ({"user": "lee", "besides": True}, "dana lee"),
        ({"user": "dana", "besides": True}, "dana"),
        ({"instead_of": "dana"}, ""),
        ({"instead_of": "kim"}, "dana"),
    ],
)
def test_what_an_override_does(changed: dict[str, object], on_call: str) -> None:
    it = roster(layer("dana"), overrides=[override("2026-01-06T10:00", "2026-01-06T12:00", **changed)])  # type: ignore[arg-type]
    times = ["2026-01-06T09:59:59", "2026-01-06T10:00", "2026-01-06T11:59:59", "2026-01-06T12:00"]
    assert who(it, *times) == ["dana", on_call, on_call, "dana"]


def test_a_later_override_goes_over_an_earlier_one() -> None:
    first = override("2026-01-06T10:00", "2026-01-06T14:00", "kim")
    second = override("2026-01-06T12:00", "2026-01-06T16:00", "lee", instead_of="kim")
    assert spoken(roster(layer("dana"), overrides=[first, second]), "2026-01-06T09:00", "2026-01-06T17:00") == [
        ("Tue 01-06 09:00", "dana"),
        ("Tue 01-06 10:00", "kim"),
        ("Tue 01-06 12:00", "lee"),
        ("Tue 01-06 14:00", "dana"),
    ]


def test_gaps_and_the_next_change() -> None:
    it = roster(layer("dana", restrictions=[{"starts": "09:00", "ends": "17:00"}]))
    gaps = list(it.gaps(instant("2026-01-06T12:00"), instant("2026-01-08T12:00")))
    assert [gap.starts_at for gap in gaps] == [instant("2026-01-06T17:00"), instant("2026-01-07T17:00")]
    assert it.next_change(instant("2026-01-06T12:00")) == instant("2026-01-06T17:00")
    assert list(roster(layer("dana")).gaps(instant("2026-01-05T09:00"), instant("2027-01-05T09:00"))) == []
    assert list(it.shifts(instant("2026-01-06T12:00"), instant("2026-01-06T12:00"))) == []


def test_a_schedule_without_layers_has_only_its_overrides() -> None:
    it = roster(overrides=[override("2026-01-06T10:00", "2026-01-06T12:00", "kim")])
    assert spoken(it, "2026-01-06T09:00", "2026-01-06T13:00") == [
        ("Tue 01-06 09:00", ""),
        ("Tue 01-06 10:00", "kim"),
        ("Tue 01-06 12:00", ""),
    ]


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_a_mistyped_year_is_answered_too(year: int) -> None:
    daily = layer("dana", "kim", rotation="daily", restrictions=[{"starts": "18:00", "ends": "08:00"}])
    it = roster(daily, layer("lee", holidays="only"), country="DE")
    at = datetime(year, 6, 1, 12, tzinfo=UTC)
    assert it.held(at).until > at
    begun = roster(layer("dana", starts_on=f"{year:04}-06-01"))
    assert who(begun, "2026-06-01T12:00") == ["dana" if year < 2026 else ""]

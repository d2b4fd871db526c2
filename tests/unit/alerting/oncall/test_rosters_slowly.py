"""Rosters beside somebody who looks at the wall minute by minute, where clocks change and where they do not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.alerting.oncall.away import Span
from processors.alerting.oncall.roster import Roster
from processors.alerting.settings import Layer, Restriction, Schedule
from processors.calendar import WEEKDAYS, CalendarSettings
from schemas.oncall import Substitution
from tests.unit.alerting.oncall.rostering import layer, roster, watched

MINUTE, HALF, DAY = timedelta(minutes=1), timedelta(minutes=30), timedelta(days=1)

CHANGES = {
    "Europe/Berlin": ("2024-03-31", "2024-10-27"),
    "America/New_York": ("2025-03-09", "2025-11-02"),
    "Australia/Lord_Howe": ("2024-04-07", "2024-10-06"),  # by half an hour
    "America/Havana": ("2024-03-10", "2024-11-03"),  # at midnight, and at 01:00 to midnight
    "America/St_Johns": ("2010-03-14", "2010-11-07"),  # at 00:01, back to the day before
    "Africa/Cairo": ("2024-04-26", "2024-11-01"),  # forward at midnight, back to 23:00 at midnight
    "Pacific/Apia": ("2011-12-30", "2011-12-30"),  # a day that there was not
    "Asia/Kathmandu": ("2024-06-01", "2024-06-01"),
}
"""Zones, and days on which their clocks changed."""

CLOCKS = st.sampled_from(
    ["00:00", "00:01", "00:30", "01:00", "02:00", "02:15", "02:30", "03:00", "09:00", "18:00", "23:30"]
)
NAMES = st.sampled_from(["dana", "kim", "lee"])


@st.composite
def restrictions(draw: st.DrawFn) -> Restriction:
    return Restriction(
        weekdays=tuple(draw(st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True))),
        starts=draw(CLOCKS),
        ends=draw(CLOCKS | st.just("24:00")),
        ends_on=draw(st.none() | st.sampled_from(WEEKDAYS)),
    )


@st.composite
def rosters(draw: st.DrawFn) -> tuple[Roster, datetime]:
    """A roster, and an instant a day or two before its clocks change."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)

    def some_layer(n: int) -> Layer:
        rotation = draw(st.sampled_from(["daily", "weekly", "custom"]))
        return Layer(
            name=f"layer-{n}",
            participants=tuple(draw(st.lists(NAMES, min_size=1, max_size=4))),
            rotation=rotation,
            shift_hours=draw(st.sampled_from([1, 5, 8, 12, 36])) if rotation == "custom" else None,
            hand_over=draw(CLOCKS),
            hand_over_weekday=draw(st.sampled_from(WEEKDAYS)),
            starts_on=change.date() - draw(st.sampled_from([0, 1, 2, 9, 400])) * DAY,
            ends_on=draw(st.none() | st.just(change.date() + DAY)),
            restrictions=tuple(draw(st.lists(restrictions(), max_size=2))),
            holidays=draw(st.sampled_from(["include", "include", "exclude", "only"])),
        )

    def span() -> Span:
        begin = change + draw(st.integers(-3000, 3000)) * MINUTE
        return Span(begin, begin + draw(st.integers(1, 3000)) * MINUTE)

    def override() -> Substitution:
        user, instead_of = draw(st.sampled_from([("kim", None), ("kim", "dana"), (None, "dana"), ("lee", "kim")]))
        begin, end = span()
        besides = instead_of is None and draw(st.booleans())
        return Substitution(user=user, instead_of=instead_of, besides=besides, starts_at=begin, ends_at=end)

    schedule = Schedule(
        name="it",
        time_zone=zone,
        extra_holidays=(change.date(),),
        layers=tuple(some_layer(n) for n in range(draw(st.integers(1, 3)))),
    )
    overrides = [override() for _ in range(draw(st.integers(0, 3)))]
    away = {name: (span(),) for name in draw(st.lists(NAMES, max_size=2, unique=True))}
    begin = change - draw(st.integers(600, 1500)) * MINUTE
    return replace(Roster.of(schedule, CalendarSettings(), overrides), away=away), begin


def by_shifts(it: Roster, begin: datetime, end: datetime, step: timedelta) -> list[tuple[datetime, list[str]]]:
    found = []
    for shift in it.shifts(begin, end):
        at = shift.starts_at
        at += -(at - begin) % step
        while at < shift.ends_at:
            found.append((at, list(shift.on_call)))
            at += step
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rosters())
def test_shifts_are_what_somebody_sees_who_looks_every_minute(drawn: tuple[Roster, datetime]) -> None:
    it, begin = drawn
    end = begin + timedelta(hours=40)
    seen = list(watched(it, begin, end, MINUTE))
    assert by_shifts(it, begin, end, MINUTE) == seen
    assert [(at, list(it.on_call(at))) for at, _ in seen[::11]] == seen[::11]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(rosters(), st.integers(0, 4000))
def test_what_is_said_of_an_instant_agrees_with_the_shifts(drawn: tuple[Roster, datetime], minutes: int) -> None:
    it, begin = drawn
    at = begin + minutes * MINUTE
    held = it.held(at)
    assert held.until > at
    change = it.next_change(at)
    if change is None:
        assert {shift.on_call for shift in it.shifts(at, at + 366 * DAY)} == {it.on_call(at)}
    else:
        assert it.on_call(change - timedelta(microseconds=1)) == it.on_call(at) != it.on_call(change)
    shifts = list(it.shifts(at, at + 3 * DAY))
    assert (shifts[0].starts_at, shifts[-1].ends_at) == (at, at + 3 * DAY)
    for one, other in pairwise(shifts):
        assert (one.ends_at, one.on_call != other.on_call) == (other.starts_at, True)
    assert list(it.gaps(at, at + 3 * DAY)) == [shift for shift in shifts if not shift.on_call]


YEARS = [
    ("Europe/Berlin", [layer("a", "b", "c"), layer("d", "e", rotation="daily", hand_over="02:30", restrictions=[
        {"weekdays": ["sat", "sun"], "starts": "02:00", "ends": "03:00"}, {"starts": "22:00", "ends": "06:00"}])]),
    ("Australia/Lord_Howe", [layer("a", "b", rotation="custom", shift_hours=7, hand_over="01:30")]),
    ("America/Havana", [layer("a"), layer("b", "c", "d", rotation="daily", hand_over="00:00", holidays="exclude")]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "layers"), YEARS, ids=[zone for zone, _ in YEARS])
def test_over_years(zone: str, layers: list[dict[str, object]]) -> None:
    it = roster(*layers, time_zone=zone, country="CU" if "Havana" in zone else "DE")
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    assert by_shifts(it, begin, end, HALF) == list(watched(it, begin, end, HALF))

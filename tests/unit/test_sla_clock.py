"""SLA clocks: a target falls due by the time that ran, whatever the order in which pauses are told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.calendar import Calendar, CalendarSettings
from processors.sla import MOST_TURNS, UNSTARTED, SlaClock
from tests.door import Door, calendars, moments

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
OFFICE = Calendar.of(CalendarSettings())
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = 24 * 60
"""Minutes."""


def hour(n: float) -> datetime:
    return MONDAY + n * HOUR


def clock(*turns: tuple[float, bool]) -> SlaClock:
    told = UNSTARTED
    for at, runs in turns:
        told = told.turn(hour(at), runs)
    return told


def test_a_clock_that_was_never_started_owes_nothing() -> None:
    assert UNSTARTED.due(HOUR, None) is None
    assert not UNSTARTED.ran_at(hour(0))


def test_a_clock_runs_from_the_instant_at_which_it_goes_on_to_that_at_which_it_stops() -> None:
    told = clock((9, True), (12, False), (14, True))
    assert [told.ran_at(hour(n)) for n in (8.99, 9, 11.99, 12, 13.99, 14)] == [False, True, True, False, False, True]
    assert [told.until(hour(12)).ran_at(hour(n)) for n in (11, 13)] == [True, True]


def test_a_target_is_due_after_its_time_around_the_clock_or_in_working_hours() -> None:
    assert clock((16, True)).due(3 * HOUR, None) == hour(19)
    assert clock((16, True)).due(3 * HOUR, OFFICE) == hour(24 + 11)


def test_pauses_move_the_due_time_and_a_standing_clock_has_none() -> None:
    assert clock((9, True), (10, False)).due(3 * HOUR, None) is None
    assert clock((9, True), (10, False), (15, True)).due(3 * HOUR, None) == hour(17)


def test_a_target_used_up_before_a_pause_stays_due_then() -> None:
    assert clock((9, True), (13, False)).due(3 * HOUR, None) == hour(12)


def test_a_pause_at_the_very_end_still_pauses() -> None:
    assert clock((9, True), (12, False)).due(3 * HOUR, None) is None
    assert clock((9, True), (12, False), (20, True)).due(3 * HOUR, None) == hour(20)


@pytest.mark.parametrize("order", list(permutations([(9, True), (10, False), (12, True), (13, False), (20, True)])))
def test_turns_may_be_told_in_any_order(order: tuple[tuple[float, bool], ...]) -> None:
    assert clock(*order).due(3 * HOUR, None) == hour(21)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=12), st.integers(1, 100))
def test_the_due_time_equals_that_of_counting_hour_by_hour(turns: list[tuple[int, bool]], hours: int) -> None:
    told = clock(*turns)
    assert told.due(hours * HOUR, None) == _counted(told, hours)


def _counted(told: SlaClock, hours: int) -> datetime | None:
    """The slow way: look at each hour whether the clock runs in it."""
    for n in range(600):
        before = [turn for turn in told.turns if turn.at <= hour(n)]
        runs = bool(before) and before[-1].runs
        if hours == 0 and runs:
            return hour(n)
        if runs:
            hours -= 1
            if hours == 0 and not any(turn.at == hour(n + 1) for turn in told.turns):
                return hour(n + 1)
    return None


@settings(max_examples=100, deadline=None)
@given(
    told=calendars(),
    begin=moments(),
    turns=st.lists(st.tuples(st.integers(0, 4 * DAY), st.booleans()), max_size=6),
    minutes=st.integers(1, 2 * DAY),
)
def test_the_due_time_equals_that_of_looking_at_clock_and_door_every_minute(
    told: CalendarSettings, begin: datetime, turns: list[tuple[int, bool]], minutes: int
) -> None:
    clock = UNSTARTED.turn(begin, True)
    for after, runs in turns:
        clock = clock.turn(begin + after * MINUTE, runs)
    due = clock.due(minutes * MINUTE, Calendar.of(told))
    end = begin + 8 * DAY * MINUTE
    assert (due if due is not None and due < end else None) == _watched(clock, Door(told), begin, end, minutes)


def _watched(clock: SlaClock, door: Door, begin: datetime, end: datetime, minutes: int) -> datetime | None:
    """The slow way: each minute, look at the clock and at the door; due when all is used up and the clock runs."""
    at, turns, runs = begin, list(clock.turns), False
    while at < end:
        while turns and turns[0].at <= at:
            runs = turns.pop(0).runs
        if minutes == 0 and runs:
            return at
        minutes -= runs and door.is_open(at)
        at += MINUTE
    return None


def test_a_target_used_up_at_closing_time_is_due_then_whatever_happens_on_the_weekend() -> None:
    friday = 4 * 24
    told = clock((friday + 14, True), (friday + 24 + 10, False))
    assert told.due(3 * HOUR, OFFICE) == hour(friday + 17)
    assert told.due(4 * HOUR, OFFICE) is None


def test_a_long_history_is_bounded_and_forgets_its_oldest_waiting() -> None:
    told = clock((0, True), *((n, n % 2 == 0) for n in range(1, 3 * MOST_TURNS)))
    assert len(told.turns) <= MOST_TURNS
    assert told.turns[0].at == hour(0)

"""Which partitions of a replay a feeder must tick at the end of a slice, and which it may leave standing."""

from datetime import UTC, datetime, timedelta

import pytest
from kafka import TopicPartition

from producers.standing import Standing
from schemas.waits import Waits

HERE = TopicPartition("acme.events.it", 0)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def ticked(waits: Waits | None) -> Standing:
    """The tick was at offset 7, its transaction's marker at 8."""
    standing = Standing()
    standing.ticked({HERE: 7}, {HERE: waits.text() if waits else ""})
    return standing


def test_a_partition_nobody_has_ticked_yet_has_to_be() -> None:
    assert Standing().has_to_do(HERE, 0, NOON)


def test_one_that_waits_for_nothing_and_got_nothing_is_left_standing() -> None:
    assert not ticked(Waits(0, None)).has_to_do(HERE, 9, NOON)


def test_one_into_which_something_came_is_ticked() -> None:
    standing = ticked(Waits(0, None))
    assert not standing.has_grown(HERE, 9)
    assert standing.has_grown(HERE, 10)
    assert standing.has_to_do(HERE, 10, NOON)


@pytest.mark.parametrize(("due", "ticks"), [(NOON - SECOND, True), (NOON, False), (NOON + SECOND, False)])
def test_one_whose_deadline_passes_before_the_end_is_ticked(due: datetime, ticks: bool) -> None:
    """A tick lets pass what is due before it, not at it."""
    assert ticked(Waits(0, due)).has_to_do(HERE, 9, NOON) == ticks


@pytest.mark.parametrize("note", ["", "3 of its slice", "[]", '{"applied": 0}', '{"applied": 0, "until": "soon"}'])
def test_where_nothing_is_known_of_its_deadlines_it_is_ticked(note: str) -> None:
    assert Waits.read(note) is None
    standing = Standing()
    standing.ticked({HERE: 7}, {HERE: note})
    assert standing.has_to_do(HERE, 9, NOON)


def test_when_time_is_to_pass_everywhere_all_are_ticked() -> None:
    standing = ticked(Waits(0, None))
    standing.forget()
    assert standing.has_to_do(HERE, 9, NOON)


@pytest.mark.parametrize("until", [None, NOON])
def test_what_a_lane_notes_is_what_a_feeder_reads(until: datetime | None) -> None:
    assert Waits.read(Waits(3, until).text()) == Waits(3, until)

"""Slices: nothing before its tick, then an order that does not depend on how the lanes' records interleaved."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.causing import Causing, origin_of
from processors.records import Record
from processors.slices import Hold, closes, in_order
from processors.step import Emission
from processors.store import from_ms, to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from tests.unit.core.library import BookReturned, DoorOpened, minutes

Lane = tuple[str, int]
"""A processor, and one of its partitions; "" is the feeder."""

FEEDER: Lane = ("", 0)


def value_of(event: Event, at: int, lane: Lane = FEEDER, n: int = 0) -> bytes:
    """An event as the feeder or a lane writes it, at a minute after opening."""
    if lane == FEEDER:
        return encode(event, About(f"e{n}", "/tests", "room/1", minutes(at)))
    processor, partition = lane
    cause = Record("events.it", partition, n, to_ms(minutes(at)), b"room/1", b"", HEADERS)
    about = About("cause", "/tests", "room/1", minutes(at))
    (output,) = Causing(processor, cause).outputs([Emission("room/1", event)], about, minutes(at))
    return output.value or b""


def stood(*written: tuple[Lane, int], start: int = 0) -> list[Record]:
    """Records (by whom, at which minute) as they stand in an inbox."""
    return [
        Record("alerting", 0, n, to_ms(minutes(at)), b"room/1", value_of(DoorOpened(), at, lane, n), HEADERS)
        for n, (lane, at) in enumerate(written, start)
    ]


def tick(offset: int, at: int) -> Record:
    about = About(f"tick-{offset}", "/tests", "partition/0", minutes(at))
    return Record("alerting", 0, offset, to_ms(minutes(at)), None, encode(Tick(partition=0), about), HEADERS)


def offsets(records: Sequence[Record]) -> list[int]:
    return [record.offset for record in records]


# The order of a slice


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ([], []),
        ([(("it", 0), 5), (("hr", 3), 4), (FEEDER, 3)], [2, 1, 0]),
        ([(("it", 0), 5), (FEEDER, 5), (("hr", 3), 5), (FEEDER, 5)], [1, 3, 2, 0]),
        ([(("it", 10), 5), (("it", 2), 5), (("it", 10), 5), (("it", 2), 5)], [1, 3, 0, 2]),
        ([(("it", 1), 6), (("it", 0), 5), (("it", 1), 5)], [1, 2, 0]),
    ],
    ids=["nothing", "by time", "the feeder first", "lane by lane", "time before lane"],
)
def test_the_order_of_a_slice(written: list[tuple[Lane, int]], order: list[int]) -> None:
    assert offsets(in_order(stood(*written))) == order


LANES: list[Lane] = [FEEDER, ("it", 0), ("it", 1), ("hr", 0), ("correlation", 10)]
WRITTEN = st.lists(st.tuples(st.sampled_from(LANES), st.integers(0, 3)), max_size=25)


@given(WRITTEN, st.data())
def test_however_the_same_lanes_interleave_the_order_is_the_same(
    written: list[tuple[Lane, int]], data: st.DataObject
) -> None:
    """Each lane's own sequence stays; whose turn it is next is drawn anew."""
    first = stood(*written)
    left = {lane: [record for record, (by, _) in zip(first, written, strict=True) if by == lane] for lane in LANES}
    other: list[Record] = []
    while waiting := [lane for lane, records in left.items() if records]:
        record = left[data.draw(st.sampled_from(waiting))].pop(0)
        other.append(record._replace(offset=len(other)))
    assert [(r.timestamp, r.value) for r in in_order(other)] == [(r.timestamp, r.value) for r in in_order(first)]


def test_who_emitted_a_record_is_read_from_what_it_is_named() -> None:
    assert origin_of(value_of(DoorOpened(), 0, ("front_office", 12), n=345)) == ("front_office", 12)
    assert origin_of(value_of(DoorOpened(), 0)) == ("", 0)
    for foreign in (None, b"", b"garbage", b'{"source": "/backoffice/processors/it", "id": "1-2-3"}'):
        assert origin_of(foreign) == ("", 0)


def test_a_deadline_that_passes_is_of_its_lane_as_well() -> None:
    record = Record("events.it", 7, 3, 0, b"room/1", b"", HEADERS)
    about = Causing("it", record).about("room/1", from_ms(0))
    assert origin_of(encode(DoorOpened(), about)) == ("it", 7)


# Holding


def test_nothing_may_be_applied_before_the_tick() -> None:
    hold = Hold()
    assert hold.take(stood((FEEDER, 1), (FEEDER, 2))) == []
    assert len(hold) == 2


def test_the_tick_comes_last_and_alone_completes_the_slice() -> None:
    hold = Hold()
    ready = hold.take([*stood((FEEDER, 9), (FEEDER, 2), (FEEDER, 70)), tick(3, at=60)])
    assert offsets(ready) == [1, 0, 2, 3]
    assert [record.completes for record in ready] == [False, False, False, True]
    assert len(hold) == 0


def test_what_stands_behind_a_tick_waits_for_the_next_whatever_its_time() -> None:
    hold = Hold()
    late = stood((("correlation", 0), 30), start=2)
    assert offsets(hold.take([*stood((FEEDER, 50)), tick(1, at=60), *late])) == [0, 1]
    assert offsets(hold.take([tick(3, at=60)])) == [2, 3]


def test_slices_that_are_fetched_together_stay_apart() -> None:
    log = [*stood((FEEDER, 5)), tick(1, at=60), *stood((FEEDER, 4), start=2), tick(3, at=120)]
    assert offsets(Hold().take(log)) == [0, 1, 2, 3]


@pytest.mark.parametrize("applied", range(5))
def test_of_a_slice_that_is_read_again_only_the_rest_is_left(applied: int) -> None:
    log = [*stood((FEEDER, 9), (FEEDER, 2), (FEEDER, 5)), tick(3, at=60)]
    whole = Hold().take(log)
    hold = Hold(applied)
    assert hold.take(log) == whole[applied:]
    following = [*stood((FEEDER, 70), start=4), tick(5, at=120)]
    assert offsets(hold.take(following)) == [4, 5], "the next is a new one"


@given(WRITTEN, st.lists(st.integers(0, 25), max_size=4), st.data())
def test_however_it_is_fetched_a_log_gives_the_same_slices(
    written: list[tuple[Lane, int]], ticks: list[int], data: st.DataObject
) -> None:
    log = stood(*written)
    for at in ticks:
        log.insert(at, tick(0, at=4))
    log = [record._replace(offset=n) for n, record in enumerate(log)]
    at_once, hold, ready = Hold().take(log), Hold(), list[Record]()
    while log:
        n = data.draw(st.integers(1, len(log)))
        ready += hold.take(log[:n])
        log = log[n:]
    assert ready == at_once


# What closes a slice

INJECTED = json.dumps({"type": "processing.tick.appended"}).encode()


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (tick(0, 0).value, True),
        (json.dumps({"type": "processing.tick.appended", "data": {"partition": "?"}}).encode(), True),
        (None, False),
        (b"", False),
        (b"processing.tick.appended", False),
        (b'["processing.tick.appended"]', False),
        (b"[" * 3_000 + b"processing.tick", False),
        (value_of(BookReturned(book=INJECTED.decode()), 0), False),
        (value_of(SettingsChanged(processor="library", settings={"processing.tick": 1}), 0), False),
    ],
    ids=["a tick", "one that cannot be read", "null", "empty", "text", "a list", "nested", "told of one", "settings"],
)
def test_only_a_tick_closes(value: bytes | None, is_one: bool) -> None:
    assert closes(Record("alerting", 0, 0, 0, None, value)) is is_one

"""Back-pressure: never more outstanding than allowed, and nobody waits for ever."""

import threading
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.buffer import Bounded
from producers.errors import BufferFull

sizes = st.integers(min_value=1, max_value=60)


@given(st.integers(1, 5), st.integers(1, 100), st.lists(sizes | st.just(0), max_size=50))
def test_it_never_holds_more_than_it_may_save_one_record_that_is_too_large_by_itself(
    max_records: int, max_bytes: int, actions: list[int]
) -> None:
    """A number asks for that much room; 0 gives back the oldest record's."""
    buffer = Bounded(max_records, max_bytes)
    held: deque[int] = deque()
    for size in actions:
        if size == 0:
            if held:
                buffer.release(held.popleft())
            continue
        fits = not held or (len(held) < max_records and sum(held) + size <= max_bytes)
        try:
            buffer.acquire(size, timeout=0)
        except BufferFull:
            assert not fits
        else:
            assert fits
            held.append(size)
        assert (buffer.records, buffer.bytes) == (len(held), sum(held))
        assert len(held) <= max_records
        assert sum(held) <= max_bytes or len(held) == 1


def test_who_waits_goes_on_when_room_is_given_back() -> None:
    buffer = Bounded(1, 100)
    buffer.acquire(10, timeout=0)
    got_room = threading.Event()

    def second() -> None:
        buffer.acquire(10, timeout=10)
        got_room.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not got_room.is_set()
    buffer.release(10)
    assert got_room.wait(10)
    thread.join()
    assert buffer.records == 1


def test_many_threads_through_a_small_buffer_all_get_through() -> None:
    buffer = Bounded(3, 50)
    highest = 0

    def work(size: int) -> None:
        nonlocal highest
        for _ in range(200):
            buffer.acquire(size, timeout=30)
            highest = max(highest, buffer.records)
            buffer.release(size)

    threads = [threading.Thread(target=work, args=(size,)) for size in (1, 7, 20, 49, 80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert buffer.wait_empty(0)
    assert highest <= 3


def test_when_full_it_says_how_much_waits_and_what_to_do() -> None:
    buffer = Bounded(2, 1_000)
    buffer.acquire(900, timeout=0)
    with pytest.raises(BufferFull, match=r"1 records \(900 bytes\) .* 200 bytes more.*broker is slow or away"):
        buffer.acquire(200, timeout=0)
    assert not buffer.wait_empty(0)


def test_a_buffer_for_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one record"):
        Bounded(0, 1)

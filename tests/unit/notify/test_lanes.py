"""Thousands of receivers, each in order, none waiting for another, and no thread for who rests."""

import threading
from collections import defaultdict

from consumers.notify.lanes import Lanes


class Office:
    """Lanes whose jobs are noted."""

    def __init__(self, most_threads: int = 500) -> None:
        self.done: dict[str, list[int]] = defaultdict(list)
        self.faults: list[BaseException] = []
        self.left = threading.Semaphore(0)
        self.lanes: Lanes[tuple[str, int]] = Lanes(self._work, self.faults.append, most_threads)

    def _work(self, job: tuple[str, int]) -> None:
        lane, number = job
        if number < 0:
            raise ZeroDivisionError(lane)
        self.done[lane].append(number)
        self.left.release()

    def wait(self, jobs: int) -> None:
        for _ in range(jobs):
            assert self.left.acquire(timeout=20)

    def rests(self) -> bool:
        end = threading.Event()
        for _ in range(200):
            if not self.lanes.threads:
                return True
            end.wait(0.05)
        return False


def test_a_thousand_receivers_are_told_in_order_and_leave_no_thread_behind() -> None:
    office = Office()
    before = threading.active_count()
    for number in range(5):
        for lane in range(1000):
            office.lanes.put(str(lane), (str(lane), number))
    office.wait(5000)
    assert all(office.done[str(lane)] == [0, 1, 2, 3, 4] for lane in range(1000))
    assert office.rests()
    assert threading.active_count() <= before + 1
    office.lanes.put("7", ("7", 5))
    office.wait(1)
    assert office.done["7"][-1] == 5, "who rested is told again"


def test_whoever_hangs_holds_up_nobody_else() -> None:
    released = threading.Event()
    told = threading.Semaphore(0)

    def work(lane: str) -> None:
        if lane == "hangs":
            released.wait(20)
        told.release()

    lanes: Lanes[str] = Lanes(work, lambda error: None)
    lanes.put("hangs", "hangs")
    for n in range(50):
        lanes.put(str(n), str(n))
    for _ in range(50):
        assert told.acquire(timeout=20)
    assert lanes.threads >= 1
    released.set()
    assert told.acquire(timeout=20)


def test_with_fewer_threads_than_receivers_all_are_told() -> None:
    office = Office(most_threads=3)
    for number in range(3):
        for lane in range(100):
            office.lanes.put(str(lane), (str(lane), number))
        assert office.lanes.threads <= 3
    office.wait(300)
    assert all(office.done[str(lane)] == [0, 1, 2] for lane in range(100))


def test_what_a_job_raises_is_not_lost() -> None:
    office = Office()
    office.lanes.put("x", ("x", -1))
    assert office.rests()
    assert [type(error) for error in office.faults] == [ZeroDivisionError]


def test_a_stop_lets_the_job_at_hand_end_and_begins_no_other() -> None:
    begun, released = threading.Event(), threading.Event()
    done: list[int] = []

    def work(job: int) -> None:
        begun.set()
        released.wait(20)
        done.append(job)

    lanes: Lanes[int] = Lanes(work, lambda error: None)
    lanes.put("x", 1)
    lanes.put("x", 2)
    assert begun.wait(20)
    assert not lanes.stop(grace=0.01), "one is still at it"
    released.set()
    assert lanes.stop(grace=20)
    assert done == [1]

"""The watchdog's judgement: what stands still is told from what waits, what works and what was stopped."""

import subprocess
import sys
from textwrap import dedent

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.progress import LaneProgress, Progress
from processors.engine.watchdog import FAILED, Watch, awake, seen, stacks

PATIENCE = 60.0
INBOX = TopicPartition("backoffice.events.accounting", 2)


class Worker:
    """A worker under the eyes of a watch, second by second."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.lane: LaneProgress = self.progress.lane("accounting", INBOX)
        self.progress.assigned = True
        self.broker = True
        self.hangs = False
        self._watch = Watch(PATIENCE)
        self._now = 0

    def lives(self, seconds: int) -> str | None:
        """What the watch says first, if anything, while so many seconds pass."""
        for _ in range(seconds):
            self._now += 1
            if not self.hangs:
                self.progress.beat()
            lanes = [seen(lane) for lane in self.progress.lanes.values()]
            if why := self._watch.look(self._now, self.progress.beats, self.progress.assigned, lanes, self.broker):
                return why
        return None

    def restored(self, position: int = 100) -> "Worker":
        self.lane.restored(position, {}, 0)
        return self

    def fetches(self, records: int) -> None:
        self.lane.fetched(records, self.lane.position + records)

    def commits(self, records: int) -> None:
        self.lane.transacted(records, self.lane.committed + records, 0.01, {}, 0)


def test_an_idle_worker_may_be_idle_for_ever() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 100
    assert worker.lives(10_000) is None


def test_transaction_markers_behind_the_last_record_are_no_work() -> None:
    worker = Worker().restored(100)
    worker.fetches(10)
    worker.commits(10)
    worker.lane.fetched(0, 112)
    worker.lane.end = 112
    assert worker.lane.lag == 0
    assert worker.lives(10_000) is None


def test_a_consumer_that_fetches_no_more_is_found_by_its_lag() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 150
    why = worker.lives(int(PATIENCE) + 2)
    assert why == "backoffice.events.accounting/2 has 50 records to do, and has done none for 60 s"


def test_a_transaction_that_never_ends_is_found_though_everything_was_fetched() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 150
    worker.fetches(50)
    assert "has 50 records to do" in (worker.lives(100) or "")


def test_a_lane_that_advances_is_let_be_however_far_behind_it_is() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 10_000_000
    for _ in range(50):
        worker.fetches(1)
        assert worker.lives(55) is None
        worker.commits(1)
    assert worker.lives(100) is not None


def test_a_long_batch_counts_as_progress_while_it_is_applied() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 10_000
    worker.fetches(2_000)
    for _ in range(10):
        assert worker.lives(55) is None
        worker.lane.applied += 200
    worker.commits(2_000)
    assert worker.lives(55) is None


def test_rules_that_are_interrupted_one_after_another_are_life_though_the_loop_waits() -> None:
    worker = Worker().restored(100)
    worker.lane.end = 200
    worker.fetches(100)
    worker.hangs = True
    for _ in range(100):
        assert worker.lives(55) is None
        worker.lane.interrupted()
    assert worker.lives(100) is not None


def test_a_restore_takes_its_time_while_rows_come() -> None:
    worker = Worker()
    for _ in range(100):
        worker.lane.restoring(1)
        assert worker.lives(59) is None
    assert worker.lives(10) == "backoffice.events.accounting/2 restores its state, and no row has come for 60 s"


def test_a_blocked_event_loop_is_found_whatever_the_lanes_and_the_broker_do() -> None:
    worker = Worker().restored()
    worker.lives(10)
    worker.hangs, worker.broker = True, False
    assert "event loop has not run for 60 s" in (worker.lives(70) or "")


def test_while_the_broker_is_away_nothing_is_the_workers_fault_and_it_has_its_time_again_afterwards() -> None:
    worker = Worker().restored()
    worker.lane.end = 150
    assert worker.lives(50) is None
    worker.broker = False
    assert worker.lives(1_000) is None
    worker.broker = True
    assert worker.lives(59) is None
    assert worker.lives(10) is not None


def test_a_worker_without_partitions_waits_and_one_whom_the_group_forgot_does_not() -> None:
    spare = Worker()
    spare.progress.lanes = {}
    assert spare.lives(10_000) is None
    spare.progress.revoked()
    assert spare.lives(100) == "the consumer group has not shared out its partitions for 60 s"


def test_a_new_lane_of_the_same_partition_has_all_its_time() -> None:
    worker = Worker()
    assert worker.lives(50) is None
    worker.lane = worker.progress.lane("accounting", INBOX)
    assert worker.lives(50) is None
    assert worker.lives(20) is not None


def test_every_lane_that_stands_still_is_named() -> None:
    worker = Worker().restored()
    other = worker.progress.lane("hr", TopicPartition("backoffice.events.hr", 0))
    other.restored(0, {}, 0)
    worker.lane.end, other.end = 101, 7
    why = worker.lives(100) or ""
    assert "accounting/2 has 1 records" in why
    assert "hr/0 has 7 records" in why


steps = st.lists(st.sampled_from(["fetch", "commit", "apply", "append", "restore"]), max_size=60)


@given(steps, st.integers(1, int(PATIENCE) - 1))
def test_whoever_does_something_within_the_timeout_is_never_ended(happenings: list[str], every: int) -> None:
    worker = Worker()
    worker.lane.end = 0
    for happens in happenings:
        match happens:
            case "restore" if not worker.lane.ready:
                worker.lane.restoring(1)
            case "append":
                worker.lane.end += 5
            case "apply":
                worker.lane.applied += 200
        if happens == "commit" and not worker.lane.ready:
            worker.restored(0)
        worker.lane.applied += worker.lane.ready
        worker.lane.restored_rows += not worker.lane.ready
        assert worker.lives(every) is None


@given(st.lists(st.integers(1, 500), max_size=20), st.integers(1, 1_000))
def test_whoever_has_work_and_does_nothing_is_ended_in_time(batches: list[int], left: int) -> None:
    worker = Worker().restored(0)
    for batch in batches:
        worker.fetches(batch)
        worker.commits(batch)
    worker.lane.end = worker.lane.position + left
    assert worker.lives(int(PATIENCE) + 1) is not None


@pytest.mark.parametrize(("elapsed", "counts"), [(0.5, 0.5), (1.0, 1.0), (1.9, 1.9), (3_600.0, 2.0)])
def test_a_stopped_process_has_not_stood_still(elapsed: float, counts: float) -> None:
    assert awake(elapsed, 1.0) == counts


def test_the_dump_names_threads_and_where_they_are() -> None:
    text = stacks()
    assert '"MainThread"' in text
    assert "test_the_dump_names_threads_and_where_they_are" in text


def test_the_last_words_are_said_even_when_the_logs_lock_is_what_hangs() -> None:
    """The log's lock is held for ever: the process ends all the same."""
    script = dedent("""
        import logging, sys, threading
        from processors.engine import watchdog
        watchdog.LAST_WORDS_WITHIN = 0.2
        logging.basicConfig()
        handler = logging.getLogger().handlers[0]
        held = threading.Event()
        def hold():
            handler.acquire()
            held.set()
            threading.Event().wait()
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        watchdog.end("nothing moves")
    """)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, timeout=120, check=False)
    assert done.returncode == FAILED

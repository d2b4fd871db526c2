"""The notifier's loop between two logs in memory: who is told, what is written, and what a crash leaves."""

from collections.abc import Callable, Mapping, Sequence
from threading import Event

import pytest

from consumers.notify.channels.base import Channel, Transient
from consumers.notify.notices import Place, Taken
from consumers.notify.notifier import Delivery, Notifier, NotifierSettings
from consumers.notify.outcomes import about_outcome
from consumers.notify.progress import Progress
from consumers.notify.receivers import Result
from consumers.notify.retry import RetryPolicy
from schemas.notices import Notice
from tests.unit.notify.hooks import WHEN, notice

HERE = Place("test.notices", 0)


class Log:
    """Notices in, outcomes out, and the offset committed; survives the notifiers that read it."""

    def __init__(self, *notices: Notice | None) -> None:
        self.notices = notices
        self.committed = 0
        self.outcomes: list[tuple[Taken, Result]] = []
        self.paused: list[bool] = []
        self._position = 0

    def restart(self) -> None:
        self._position = self.committed

    def fetch(self, timeout: float) -> Sequence[Taken]:
        new = [Taken(HERE, n, 0, said) for n, said in enumerate(self.notices) if n >= self._position]
        self._position = len(self.notices)
        return new

    def pause(self, full: bool) -> None:
        self.paused.append(full)

    def commit(self, offsets: Mapping[Place, int]) -> None:
        self.committed = offsets[HERE]

    def write(self, results: Sequence[tuple[Taken, Result]]) -> None:
        self.outcomes += results

    def close(self) -> None: ...

    @property
    def ids(self) -> list[str]:
        return [about_outcome(taken, result, WHEN).id for taken, result in self.outcomes]


class Recorder:
    """A channel that remembers who was told what, and does first what it is given to do."""

    kind = "recorder"

    def __init__(self, first: Callable[[Notice], None] = lambda notice: None) -> None:
        self.told: list[str] = []
        self._first = first

    def deliver(self, notice: Notice) -> None:
        self._first(notice)
        self.told.append(notice.about.id)

    def close(self) -> None: ...


class Crash(Exception):
    """The process ends here."""


def live(
    log: Log,
    channels: Mapping[str, Channel],
    stop_after: int | None = None,
    deliver_log: Callable[[Delivery], None] = lambda delivery: None,
    stop: Event | None = None,
) -> Notifier:
    """One life of a notifier, until it has delivered so many notices, or is stopped."""
    stop = stop or Event()
    left = len(log.notices) if stop_after is None else stop_after

    def count(delivery: Delivery) -> None:
        nonlocal left
        deliver_log(delivery)
        left -= 1
        if left == 0:
            stop.set()

    settings = NotifierSettings(
        bootstrap_servers="nowhere:1",
        channels={name: [channel] for name, channel in channels.items()},
        retry=RetryPolicy(attempts=2, first_wait=0.001),
        max_outstanding=10,
        grace_seconds=1,
    )
    log.restart()
    notifier = Notifier(settings, stop, count, log, log, Progress())
    notifier.run()
    return notifier


def test_each_notice_is_delivered_its_outcome_written_and_the_offset_moved() -> None:
    log, channel = Log(notice("a"), notice("b")), Recorder()
    notifier = live(log, {"it-manager": channel})
    assert channel.told == ["a", "b"]
    assert log.ids == ["a/delivered", "b/delivered"]
    assert (log.committed, notifier.counts) == (2, {"delivered": 2})


def test_a_notice_that_cannot_be_delivered_is_an_outcome_too() -> None:
    def fails(said: Notice) -> None:
        raise Transient("HTTP 503")

    log = Log(notice("a"))
    notifier = live(log, {"it-manager": Recorder(fails)})
    assert (log.ids, log.committed, notifier.counts) == (["a/failed"], 1, {"failed": 1})


def test_a_record_that_is_no_notice_is_skipped_and_counted() -> None:
    log = Log(None, notice("a"), None)
    notifier = live(log, {"it-manager": Recorder()}, stop_after=1)
    assert (log.ids, log.committed, notifier.counts) == (["a/delivered"], 3, {"skipped": 2, "delivered": 1})


def test_a_slow_receiver_holds_up_nobody_else_but_does_hold_the_offset() -> None:
    others_told = Event()

    def waits(said: Notice) -> None:
        assert others_told.wait(20)

    def notes(delivery: Delivery) -> None:
        offsets.append(log.committed)
        if len(offsets) == 2:
            others_told.set()

    offsets: list[int] = []
    log = Log(notice("a", "slow"), notice("b", "quick"), notice("c", "quick"))
    slow, quick = Recorder(waits), Recorder()
    live(log, {"slow": slow, "quick": quick}, deliver_log=notes)
    assert log.ids == ["b/delivered", "c/delivered", "a/delivered"]
    assert (offsets, log.committed) == ([0, 0, 0], 3)


def test_notices_to_one_receiver_keep_their_order_while_the_first_is_retried() -> None:
    failures = [Transient("HTTP 503")]

    def fails_once(said: Notice) -> None:
        if failures:
            raise failures.pop()

    channel = Recorder(fails_once)
    live(Log(*(notice(str(n)) for n in range(5))), {"it-manager": channel})
    assert channel.told == ["0", "1", "2", "3", "4"]


def test_a_crash_between_delivery_and_commit_repeats_the_notice_under_the_same_ids() -> None:
    log, channel = Log(notice("a"), notice("b")), Recorder()

    def crash(delivery: Delivery) -> None:
        raise Crash

    with pytest.raises(Crash):
        live(log, {"it-manager": channel}, deliver_log=crash)
    assert log.committed == 0

    told_before = len(channel.told)
    live(log, {"it-manager": channel})
    assert channel.told[told_before:] == ["a", "b"]
    assert set(log.ids) == {"a/delivered", "b/delivered"}
    assert log.committed == 2


def test_an_outcome_that_cannot_be_written_ends_the_notifier_and_moves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, channel = Log(notice("a")), Recorder()

    def refuses(results: Sequence[object]) -> None:
        if results:
            raise Crash

    monkeypatch.setattr(log, "write", refuses)
    with pytest.raises(Crash):
        live(log, {"it-manager": channel})
    assert (channel.told, log.committed) == (["a"], 0)


def test_a_stop_does_not_wait_for_a_receiver_that_hangs_and_its_notice_comes_again() -> None:
    stop, released = Event(), Event()

    def hangs(said: Notice) -> None:
        stop.set()
        released.wait(20)

    log = Log(notice("a"))
    live(log, {"it-manager": Recorder(hangs)}, stop=stop)
    assert (log.ids, log.committed) == ([], 0)
    released.set()

    again = Recorder()
    live(log, {"it-manager": again})
    assert (again.told, log.committed) == (["a"], 1)


def test_nothing_more_is_fetched_while_too_much_is_under_way() -> None:
    released = Event()

    def waits(said: Notice) -> None:
        assert released.wait(20)

    class Patient(Log):
        def pause(self, full: bool) -> None:
            super().pause(full)
            if full:
                released.set()

    log = Patient(*(notice(str(n)) for n in range(12)))
    live(log, {"it-manager": Recorder(waits)})
    assert True in log.paused
    assert log.committed == 12

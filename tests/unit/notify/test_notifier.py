"""The notifier's loop between two logs in memory: who is told, what is written, and what a crash leaves."""

from collections.abc import Callable, Mapping, Sequence
from threading import Event

import pytest

from consumers.notify.channels.base import Channel, Transient
from consumers.notify.notices import Place, Taken
from consumers.notify.notifier import Delivery, Notifier, NotifierSettings
from consumers.notify.outcomes import about_outcome
from consumers.notify.progress import Standing
from consumers.notify.receivers import Outlet, Quiet, Receiver, Result
from consumers.notify.retry import RetryPolicy
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, WHEN, notice

HERE = Place("test.notices", 0)


class Log:
    """Notices in, outcomes out, and the offset committed; survives the notifiers that read it."""

    def __init__(self, *notices: Notice | None) -> None:
        self.notices = notices
        self.standing = Standing(-1)
        self.outcomes: list[tuple[Taken, Result]] = []
        self.paused: list[bool] = []
        self._position = 0

    def restart(self) -> None:
        self._position = self.committed
        self._told: Mapping[Place, Standing] | None = {HERE: self.standing}

    @property
    def committed(self) -> int:
        return max(self.standing.offset, 0)

    def assigned(self) -> Mapping[Place, Standing] | None:
        told, self._told = self._told, None
        return told

    def rebalance(self) -> None:
        """The group meets again, and the partition comes back to us: all that is not committed is read again."""
        self.restart()

    def fetch(self, timeout: float) -> Sequence[Taken]:
        new = [Taken(HERE, n, 0, said) for n, said in enumerate(self.notices) if n >= self._position]
        self._position = len(self.notices)
        return new

    def pause(self, full: bool) -> None:
        self.paused.append(full)

    def commit(self, commits: Mapping[Place, Standing]) -> bool:
        self.standing = commits[HERE]
        return True

    def write(self, results: Sequence[tuple[Taken, Result]]) -> None:
        self.outcomes += results

    def close(self) -> None: ...

    @property
    def ids(self) -> list[str]:
        return [about_outcome(taken, result, WHEN).id for taken, result in self.outcomes]


class Recorder:
    """A channel that remembers who was told what, and does first what it is given to do."""

    kind = "recorder"
    per_group = False

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
    channels: Mapping[str, Channel | Receiver],
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
        receivers={name: _receiver(channel) for name, channel in channels.items()},
        retry=RetryPolicy(attempts=2, first_wait=0.001),
        max_outstanding=10,
        grace_seconds=1,
    )
    log.restart()
    notifier = Notifier(settings, stop, count, log, log)
    notifier.run()
    return notifier


def _receiver(given: Channel | Receiver) -> Receiver:
    return given if isinstance(given, Receiver) else Receiver(outlets=[Outlet(given)])


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


def night(channel: Channel, quiet: Callable[[], bool]) -> Receiver:
    return Receiver(outlets=[Outlet(channel)], quiet=Quiet(quiet, below="critical"))


WARNING = DOWN.model_copy(update={"labels": {**DOWN.labels, "severity": "warning"}})


def test_what_waits_survives_a_crash_and_what_was_delivered_after_it_is_not_told_again() -> None:
    log = Log(notice("a", "night", alerts=(WARNING,)), notice("b", "day"), notice("c", "day"))
    sleeper, day = Recorder(), Recorder()
    live(log, {"night": night(sleeper, lambda: True), "day": day}, stop_after=2)
    assert (sleeper.told, day.told, log.committed) == ([], ["b", "c"], 0)

    live(log, {"night": night(sleeper, lambda: False), "day": day}, stop_after=1)
    assert (sleeper.told, day.told) == (["a"], ["b", "c"])
    assert (log.standing, log.ids) == (Standing(3), ["b/delivered", "c/delivered", "a/delivered"])


def test_what_was_held_back_is_told_together_and_each_has_its_outcome() -> None:
    hours = [True]
    log = Log(notice("a", "night", alerts=(WARNING,)), notice("b", "night", alerts=(WARNING,)), notice("c", "day"))
    sleeper = Recorder()
    live(
        log,
        {"night": night(sleeper, lambda: hours[0]), "day": Recorder(lambda said: hours.__setitem__(0, False))},
    )
    (told,) = sleeper.told
    assert told.startswith("held/")
    assert log.ids == ["c/delivered", "a/delivered", "b/delivered"]
    assert log.standing == Standing(3)


def test_when_the_group_meets_again_nothing_in_hand_is_told_twice() -> None:
    met = Event()

    def meets(said: Notice) -> None:
        if said.about.id == "b":
            assert met.wait(20)

    class Meeting(Log):
        turns_since = -1

        def pause(self, full: bool) -> None:
            super().pause(full)
            if self.turns_since >= 0:
                self.turns_since += 1
            elif self.outcomes:
                self.rebalance()
                self.turns_since = 0
            if self.turns_since == 5:
                met.set()

    log = Meeting(notice("a", "quick"), notice("b", "slow"), notice("c", "slow"))
    quick, slow = Recorder(), Recorder(meets)
    live(log, {"quick": quick, "slow": slow})
    assert (quick.told, slow.told, log.committed) == (["a"], ["b", "c"], 3)


def test_a_commit_that_is_refused_is_said_again() -> None:
    class Refusing(Log):
        refusals = 2

        def commit(self, commits: Mapping[Place, Standing]) -> bool:
            self.refusals -= 1
            return self.refusals < 0 and super().commit(commits)

    log = Refusing(notice("a"), notice("b"))
    turns = Event()

    def count(delivery: Delivery) -> None:
        if delivery.notice.about.id == "b":
            turns.set()

    class Stops(Event):
        def is_set(self) -> bool:
            return (turns.is_set() and log.committed == 2) or super().is_set()

    live(log, {"it-manager": Recorder()}, stop_after=99, deliver_log=count, stop=Stops())
    assert log.committed == 2


def test_a_thousand_receivers_are_told() -> None:
    log = Log(*(notice(f"{n}-{r}", f"r{r}") for n in range(3) for r in range(1000)))
    channels = {f"r{r}": Recorder() for r in range(1000)}
    live(log, channels)
    assert all(channel.told == [f"{n}-{name[1:]}" for n in range(3)] for name, channel in channels.items())
    assert log.committed == 3000

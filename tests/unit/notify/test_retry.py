"""Deliveries are tried again, not too soon, not too often, and not after we were told to stop."""

from threading import Event

import pytest

from consumers.notify.channels.base import Channel, Final, Transient
from consumers.notify.retry import Outcome, RetryPolicy, Sending, Stopped, send
from schemas.notices import Notice
from tests.unit.notify.hooks import notice


class Scripted:
    """A channel that raises what it is given, then delivers."""

    kind = "scripted"
    per_group = False

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.told: list[Notice] = []

    def deliver(self, notice: Notice) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.told.append(notice)

    def close(self) -> None: ...


class Sleeper:
    """Remembers the waits, and takes none."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


POLICY = RetryPolicy(attempts=4, first_wait=1, longest_wait=60)


def try_to_deliver(
    channel: Channel, said: Notice, policy: RetryPolicy, stop: Event, sleep: Sleeper | None = None
) -> Outcome:
    (outcome,) = send([Sending(channel, said)], policy, stop, sleep)
    return outcome


def deliver(*errors: BaseException, stop: Event | None = None) -> tuple[Outcome, list[float]]:
    sleeper = Sleeper()
    return try_to_deliver(Scripted(*errors), notice(), POLICY, stop or Event(), sleeper), sleeper.waits


def test_what_works_at_once_is_tried_once() -> None:
    assert deliver() == (Outcome("scripted", 1), [])


def test_a_hiccup_is_tried_again() -> None:
    outcome, waits = deliver(Transient("HTTP 503"), Transient("HTTP 503"))
    assert (outcome, len(waits)) == (Outcome("scripted", 3), 2)


def test_what_never_works_is_given_up() -> None:
    outcome, waits = deliver(*[Transient("HTTP 503")] * 9)
    assert outcome == Outcome("scripted", 4, "HTTP 503 after 4 attempts")
    assert len(waits) == 3


def test_what_is_final_is_tried_once() -> None:
    assert deliver(Final("HTTP 404")) == (Outcome("scripted", 1, "HTTP 404"), [])


def test_waits_are_random_below_a_bound_that_doubles() -> None:
    samples = [deliver(*[Transient("HTTP 503")] * 3)[1] for _ in range(50)]
    for n, bound in enumerate((1, 2, 4)):
        waits = [waits[n] for waits in samples]
        assert max(waits) <= bound
        assert len(set(waits)) > 1, "without jitter, all retry at the same moment"


def test_what_the_other_side_asks_for_is_honoured_up_to_a_cap() -> None:
    assert deliver(Transient("HTTP 429", retry_after=7), Transient("HTTP 429", retry_after=3600))[1] == [7, 60]


def test_a_stop_ends_the_wait_and_leaves_the_outcome_open() -> None:
    stop = Event()

    class StopsMeanwhile(Scripted):
        def deliver(self, notice: Notice) -> None:
            stop.set()
            super().deliver(notice)

    with pytest.raises(Stopped):
        try_to_deliver(StopsMeanwhile(Transient("HTTP 503")), notice(), RetryPolicy(first_wait=3600), stop)


def test_once_stopped_nothing_is_tried() -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        deliver(stop=stop)


def test_what_was_delivered_although_we_were_told_to_stop_counts() -> None:
    stop = Event()

    class StopsMeanwhile(Scripted):
        def deliver(self, notice: Notice) -> None:
            stop.set()

    assert try_to_deliver(StopsMeanwhile(), notice(), POLICY, stop) == Outcome("scripted", 1)


def test_a_fault_of_a_channel_is_a_failed_delivery(caplog: pytest.LogCaptureFixture) -> None:
    outcome, _ = deliver(ZeroDivisionError("oops"))
    assert outcome == Outcome("scripted", 1, "scripted: unexpected ZeroDivisionError (see the log)")
    assert "0-41-2" in caplog.text


def test_a_channel_that_is_down_keeps_no_other_one_waiting() -> None:
    """Each is tried once before anything waits, and what waits waits together."""
    log: list[str] = []

    class Named(Scripted):
        def __init__(self, name: str, *errors: BaseException) -> None:
            super().__init__(*errors)
            self.kind = name

        def deliver(self, notice: Notice) -> None:
            log.append(self.kind)
            super().deliver(notice)

    down = Named("pager", *[Transient("HTTP 503")] * 9)
    flaky = Named("chat", Transient("HTTP 429", retry_after=7))
    sendings = [Sending(channel, notice()) for channel in (down, flaky, Named("mail"))]
    sleeper = Sleeper()
    assert send(sendings, RetryPolicy(attempts=3), Event(), sleeper) == [
        Outcome("pager", 3, "HTTP 503 after 3 attempts"),
        Outcome("chat", 2),
        Outcome("mail", 1),
    ]
    assert log == ["pager", "chat", "mail", "pager", "chat", "pager"]
    assert sleeper.waits[0] == 7
    assert len(sleeper.waits) == 2

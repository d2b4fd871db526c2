"""A channel that keeps failing is left alone for a while, and then tried once."""

from threading import Event

import pytest

from consumers.notify.breaker import Breaker, BreakerPolicy
from consumers.notify.channels.base import DeliveryError, Final, NotTried, Transient
from consumers.notify.retry import Outcome, RetryPolicy
from tests.unit.notify.hooks import notice
from tests.unit.notify.test_retry import Scripted, Sleeper, try_to_deliver

DOWN = Transient("hook: HTTP 503")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Story:
    """A channel behind a breaker that opens after 3 failures, for 60 seconds."""

    def __init__(self, *errors: BaseException) -> None:
        self.clock = Clock()
        self.inner = Scripted(*errors)
        self.breaker = Breaker(self.inner, BreakerPolicy(failures=3, seconds=60), self.clock)

    def deliver(self) -> type[BaseException] | None:
        try:
            self.breaker.deliver(notice())
        except DeliveryError as error:
            self.said = str(error)
            return type(error)
        return None


def test_the_third_failure_in_a_row_opens_it_and_says_so() -> None:
    story = Story(DOWN, DOWN, DOWN)
    assert [story.deliver() for _ in range(3)] == [Transient, Transient, Final]
    assert story.said == "hook: HTTP 503, 3 times in a row"
    assert story.deliver() is NotTried
    assert story.said == "hook: HTTP 503, 3 times in a row; not tried for another 60 s"


def test_two_failures_and_a_success_are_forgotten() -> None:
    story = Story(DOWN, DOWN)
    assert [story.deliver() for _ in range(3)] == [Transient, Transient, None]
    story.inner.errors = [DOWN, DOWN]
    assert [story.deliver() for _ in range(3)] == [Transient, Transient, None]


def test_a_channel_that_refuses_is_well() -> None:
    story = Story(DOWN, DOWN, Final("hook: HTTP 400"), DOWN, DOWN)
    assert [story.deliver() for _ in range(6)] == [Transient, Transient, Final, Transient, Transient, None]


def test_it_is_left_alone_to_the_second_and_then_one_try_decides() -> None:
    story = Story(DOWN, DOWN, DOWN, DOWN)
    for _ in range(3):
        story.deliver()
    story.clock.now += 59.999
    assert story.deliver() is NotTried
    story.clock.now += 0.001
    assert story.deliver() is Final, "tried, and failed"
    assert story.inner.errors == []
    assert story.deliver() is NotTried
    story.clock.now += 60
    assert [story.deliver(), story.deliver()] == [None, None], "well again"


def test_a_notice_is_not_tried_again_once_it_is_open_and_tries_are_counted_as_made() -> None:
    story = Story(*[DOWN] * 10)
    sleeper = Sleeper()
    outcomes = [try_to_deliver(story.breaker, notice(), RetryPolicy(attempts=5), Event(), sleeper) for _ in range(2)]
    assert outcomes == [
        Outcome("scripted", 3, "hook: HTTP 503, 3 times in a row"),
        Outcome("scripted", 0, "hook: HTTP 503, 3 times in a row; not tried for another 60 s"),
    ]
    assert len(sleeper.waits) == 2, "nobody waits for a try that is not made"


def test_what_it_closes_is_its_channel() -> None:
    with pytest.raises(NotImplementedError, match="closed"):
        Breaker(Closing(), BreakerPolicy()).close()


class Closing(Scripted):
    def close(self) -> None:
        raise NotImplementedError("closed")

"""Retries: exponential back-off with full jitter, a bound on the attempts, and an end when we are asked to stop."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    stop_any,
    stop_when_event_set,
    wait_random_exponential,
)

from consumers.notify.channels.base import Channel, Final, NotTried, Transient
from schemas.notices import Notice

log = logging.getLogger(__name__)


class Stopped(Exception):
    """We were asked to stop before it was known whether the notice can be delivered."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a delivery is tried. All times in seconds."""

    attempts: int = 5
    """Tries in all."""
    first_wait: float = 1
    """Upper bound of the first wait; it doubles with each try. The wait is random below it."""
    longest_wait: float = 60
    """Upper bound of every wait, also of one that the other side asks for."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one notice on one channel. `error` None: delivered."""

    channel: str
    attempts: int
    error: str | None = None


@dataclass(slots=True)
class Sending:
    """One message on its way through one channel."""

    channel: Channel
    notice: Notice
    attempts: int = 0
    error: str | None = None
    settled: bool = False
    """Whether it is known what became of it."""
    retry_after: float | None = None
    """Seconds that the other side asked us to wait."""

    def attempt(self) -> None:
        """Tries once."""
        self.attempts += 1
        try:
            self.channel.deliver(self.notice)
        except NotTried as error:
            self.attempts -= 1
            self._settle(str(error))
        except Final as error:
            self._settle(str(error))
        except Transient as error:
            self.error, self.retry_after = str(error), error.retry_after
        except Exception as error:  # a fault of the channel must not hold up its receiver's other notices
            kind = self.channel.kind
            log.exception("notice %s: the %s channel failed unexpectedly", self.notice.about.id, kind)
            self._settle(f"{kind}: unexpected {type(error).__name__} (see the log)")
        else:
            self._settle(None)

    def _settle(self, error: str | None) -> None:
        self.error, self.settled = error, True

    @property
    def outcome(self) -> Outcome:
        given_up = "" if self.settled else f" after {self.attempts} attempts"
        return Outcome(self.channel.kind, self.attempts, self.error and f"{self.error}{given_up}")


def send(
    sendings: Sequence[Sending],
    policy: RetryPolicy,
    stop: Event,
    sleep: Callable[[float], None] | None = None,
) -> list[Outcome]:
    """Tries them all, then again those for which it is worth it: a channel that is down keeps no other one waiting.

    Waits on `stop`, so that a stop does not have to wait for it; tests give another `sleep`. Raises Stopped once
    `stop` is set and something is not certain yet.
    """

    def round_of_tries() -> None:
        if stop.is_set():
            raise Stopped
        for sending in sendings:
            if not sending.settled:
                sending.attempt()
        if left := [sending for sending in sendings if not sending.settled]:
            raise Transient("not yet", max((s.retry_after for s in left if s.retry_after is not None), default=None))

    retrying = Retrying(
        retry=retry_if_exception_type(Transient),
        stop=stop_any(stop_after_attempt(policy.attempts), stop_when_event_set(stop)),
        wait=_waiting(policy),
        sleep=sleep or sleep_using_event(stop),
        reraise=True,
    )
    try:
        retrying(round_of_tries)
    except Transient as error:
        if stop.is_set() and any(s.attempts < policy.attempts for s in sendings if not s.settled):
            raise Stopped from error
    return [sending.outcome for sending in sendings]


def _waiting(policy: RetryPolicy) -> Callable[[RetryCallState], float]:
    backoff = wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Transient) and error.retry_after is not None:
            return min(error.retry_after, policy.longest_wait)
        return backoff(state)

    return wait

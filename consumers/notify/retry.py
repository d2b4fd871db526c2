"""Retries: exponential back-off with full jitter, a bound on the attempts, and an end when we are asked to stop."""

import logging
from collections.abc import Callable
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


def try_to_deliver(
    channel: Channel,
    notice: Notice,
    policy: RetryPolicy,
    stop: Event,
    sleep: Callable[[float], None] | None = None,
) -> Outcome:
    """Delivers, trying again what is worth it. Raises Stopped once `stop` is set and nothing is certain yet.

    Waits on `stop`, so that a stop does not have to wait for it; tests give another `sleep`.
    """
    attempts = 0

    def attempt() -> None:
        nonlocal attempts
        if stop.is_set():
            raise Stopped
        attempts += 1
        channel.deliver(notice)

    retrying = Retrying(
        retry=retry_if_exception_type(Transient),
        stop=stop_any(stop_after_attempt(policy.attempts), stop_when_event_set(stop)),
        wait=_waiting(policy),
        sleep=sleep or sleep_using_event(stop),
        reraise=True,
    )
    try:
        retrying(attempt)
    except NotTried as error:
        return Outcome(channel.kind, attempts - 1, str(error))
    except Final as error:
        return Outcome(channel.kind, attempts, str(error))
    except Transient as error:
        if stop.is_set() and attempts < policy.attempts:
            raise Stopped from error
        return Outcome(channel.kind, attempts, f"{error} after {attempts} attempts")
    except Stopped:
        raise
    except Exception as error:  # a fault of the channel must not hold up its receiver's other notices
        log.exception("notice %s: the %s channel failed unexpectedly", notice.about.id, channel.kind)
        return Outcome(channel.kind, attempts, f"{channel.kind}: unexpected {type(error).__name__} (see the log)")
    return Outcome(channel.kind, attempts)


def _waiting(policy: RetryPolicy) -> Callable[[RetryCallState], float]:
    backoff = wait_random_exponential(multiplier=policy.first_wait, max=policy.longest_wait)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Transient) and error.retry_after is not None:
            return min(error.retry_after, policy.longest_wait)
        return backoff(state)

    return wait

"""A circuit breaker: a channel that keeps failing is left alone for a while, and then tried once."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from consumers.notify.channels.base import Channel, Final, NotTried, Transient
from schemas.notices import Notice


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a channel is left alone, and for how long."""

    failures: int = 10
    """Failed tries in a row."""
    seconds: float = 60
    """For so long nothing is tried; then one try decides."""


class Breaker:
    """A channel behind a breaker, itself a channel.

    Only failures that may pass count: a channel that refuses a notice is well. While it is open, notices fail at once,
    so that their receivers' other channels, their fallback and their escalation do not wait for it.
    """

    def __init__(self, channel: Channel, policy: BreakerPolicy, now: Callable[[], float] = time.monotonic) -> None:
        """`now` gives seconds."""
        self.kind = channel.kind
        self.per_group = channel.per_group
        self._channel = channel
        self._policy = policy
        self._now = now
        self._failures = 0
        self._open_until = 0.0
        self._last = ""

    @property
    def open(self) -> bool:
        """Whether a notice would fail without being tried."""
        return self._failures >= self._policy.failures and self._now() < self._open_until

    def deliver(self, notice: Notice) -> None:
        """Raises NotTried while it is open, Final when this try opens it, and whatever else the channel raises."""
        if self.open:
            raise NotTried(f"{self._last}; not tried for another {self._open_until - self._now():.0f} s")
        try:
            self._channel.deliver(notice)
        except Final:
            self._failures = 0
            raise
        except Transient as error:
            self._failed(error)
            raise
        self._failures = 0

    def _failed(self, error: Transient) -> None:
        """Raises Final when it was once too often: then another try of this notice would not be made either."""
        self._failures += 1
        self._open_until = self._now() + self._policy.seconds
        self._last = f"{error}, {self._failures} times in a row"
        if self.open:
            raise Final(self._last) from error

    def close(self) -> None:
        self._channel.close()

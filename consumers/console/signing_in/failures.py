"""Failed sign-ins: after some, nobody may try as this user, or from this address, for a while."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_BY_USER = 10
MOST_BY_ADDRESS = 30
"""Failures within `WITHIN`. Several people may share an address."""

WITHIN = 15 * 60.0
"""Seconds."""

MOST_REMEMBERED = 10_000


class Failures:
    """Counts by the name that was typed, whether there is such a user or not: the answer tells nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def wait(self, user: str, address: str) -> float:
        """Seconds until they may try again; 0: now."""
        return max(self._wait(("user", user), MOST_BY_USER), self._wait(("address", address), MOST_BY_ADDRESS))

    def failed(self, user: str, address: str) -> None:
        """Another one."""
        for key in (("user", user), ("address", address)):
            self._failed.setdefault(key, deque(maxlen=MOST_BY_ADDRESS)).append(self._clock())
            self._failed.move_to_end(key)
        while len(self._failed) > MOST_REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, user: str, address: str) -> None:
        """They know the password: what was mistyped before as this user does not count, nor does this attempt."""
        self._failed.pop(("user", user), None)
        if times := self._failed.get(("address", address)):
            times.pop()

    def _wait(self, key: tuple[str, str], most: int) -> float:
        times = self._failed.get(key)
        if times is None:
            return 0.0
        now = self._clock()
        while times and times[0] <= now - WITHIN:
            times.popleft()
        return times[-most] + WITHIN - now if len(times) >= most else 0.0

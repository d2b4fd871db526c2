"""Connections of all channels that speak HTTP: as many as are in use, and few that rest.

A client of its own for each of a thousand receivers would take a thousand open files, and read all certificates a
thousand times.
"""

from threading import Lock

import httpx

RESTING = 50
"""Connections that are kept for the next notice, over all receivers."""

RESTING_SECONDS = 30
"""After which one that rests is closed."""


class Pool:
    """One client for all who have borrowed it, closed when the last one gives it back. May be used in any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._client: httpx.Client | None = None

    def borrow(self) -> httpx.Client:
        with self._lock:
            self._users += 1
            if self._client is None:
                limits = httpx.Limits(
                    max_connections=None, max_keepalive_connections=RESTING, keepalive_expiry=RESTING_SECONDS
                )
                self._client = httpx.Client(limits=limits, follow_redirects=False)
            return self._client

    def give_back(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._client is not None:
                self._client.close()
                self._client = None


POOL = Pool()

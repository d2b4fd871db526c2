"""How much may wait for the broker's confirmation: back-pressure, which kafka-python leaves to its users."""

import threading

from producers.errors import BufferFull


class Bounded:
    """Counts records and bytes outstanding, and makes who wants to add more wait.

    A record larger than `max_bytes` is let in alone, so that nothing waits for ever.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        if max_records < 1 or max_bytes < 1:
            raise ValueError(f"a buffer holds at least one record and one byte, not {max_records} and {max_bytes}")
        self.max_records = max_records
        self.max_bytes = max_bytes
        self._records = 0
        self._bytes = 0
        self._changed = threading.Condition()

    @property
    def records(self) -> int:
        return self._records

    @property
    def bytes(self) -> int:
        return self._bytes

    def acquire(self, size: int, timeout: float) -> None:
        """Takes room for a record of `size` bytes; waits up to `timeout` seconds for it. Raises BufferFull."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(size), timeout):
                raise BufferFull(
                    f"{self._records} records ({self._bytes:,} bytes) wait for the broker's confirmation, and none was "
                    f"confirmed enough within {timeout:g} s to take {size:,} bytes more. The broker is slow or away: "
                    "look at its log, send more slowly, or allow more records or bytes outstanding."
                )
            self._records += 1
            self._bytes += size

    def release(self, size: int) -> None:
        """Gives back the room of a record of `size` bytes that is confirmed or given up."""
        with self._changed:
            self._records -= 1
            self._bytes -= size
            self._changed.notify_all()

    def wait_empty(self, timeout: float) -> bool:
        """True as soon as nothing is outstanding; False when something still is after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._records == 0, timeout)

    def _has_room(self, size: int) -> bool:
        if self._records == 0:
            return True
        return self._records < self.max_records and self._bytes + size <= self.max_bytes

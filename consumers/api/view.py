"""The live view: what stands on the topic `alerts`, for the thread that reads it and those that answer requests."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from consumers.api.standing import Standing
from schemas.envelope import Event

ALERTING = "/backoffice/processors/alerting"
"""The source of what alerting says."""

_CAUSED = re.compile(r"^\d+-(\d+)-\d+$")
"""The id of what a processor says: partition and offset of the record of its inbox it follows from, and a number."""


class Told(NamedTuple):
    """A record of the topic: an event, or, without one, that its key is no more."""

    key: bytes | None
    event: Event | None
    at: datetime


class View:
    """What stands now. Requests never wait for Kafka: they see what was read last."""

    def __init__(self, most_alerts: int) -> None:
        self._most_alerts = most_alerts
        self._changed = threading.Condition(threading.RLock())
        self._standing = Standing(most_alerts)
        self._seen_through = -1
        self.is_read = False
        """Whether it has been read to its end, ever since: what is shown may be old, but it is whole."""
        self._not_ready: str | None = "the topic of alerts has not been read to its end yet"
        self.latest: datetime | None = None
        """The timestamp of the newest record seen; None: there is none."""
        self._listeners: list[Callable[[], None]] = []

    @property
    def not_ready(self) -> str | None:
        """Why it does not show what is so; None: it does."""
        return self._not_ready

    def listen(self, changed: Callable[[], None]) -> None:
        """`changed` is called whenever something has, by the thread that reads the topic: it must not take long."""
        self._listeners.append(changed)

    @contextmanager
    def reading(self) -> Iterator[Standing]:
        """What stands, unchanging while the block runs."""
        with self._changed:
            yield self._standing

    def wait(self, holds: Callable[[Standing], bool], seconds: float) -> bool:
        """Returns once something holds of what stands, or false when it has not for so long."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self._standing), seconds)

    def wait_for_effect(self, offset: int, seconds: float) -> bool:
        """Returns once what alerting made of its inbox's record at this offset is seen, or false when it is not.

        What changes nothing has no effect to be seen: it is known to have passed with the next one that does.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._seen_through >= offset, seconds)

    def begins(self, told: Iterable[Iterable[Told]]) -> int:
        """Reads everything anew, and then shows it instead of what was shown before. Returns how many records."""
        standing, through, count, latest = Standing(self._most_alerts), -1, 0, self.latest
        for batch in told:
            for one in batch:
                standing.apply(one.key, one.event, one.at)
                through = max(through, _cause(one.event))
                latest = max(latest or one.at, one.at)
                count += 1
        with self._changed:
            self._standing, self._seen_through, self._not_ready = standing, through, None
            self.is_read, self.latest = True, latest
            self._changed.notify_all()
        self._tell()
        return count

    def follows(self, batch: Iterable[Told]) -> None:
        """Takes in what was said since."""
        with self._changed:
            for one in batch:
                self._standing.apply(one.key, one.event, one.at)
                self._seen_through = max(self._seen_through, _cause(one.event))
                self.latest = max(self.latest or one.at, one.at)
            self._changed.notify_all()
        self._tell()

    def stopped(self, why: str) -> None:
        """The topic is not read any more: what is shown grows old."""
        self._not_ready = why
        self._tell()

    def _tell(self) -> None:
        for changed in self._listeners:
            changed()


def _cause(event: Event | None) -> int:
    """The offset in alerting's inbox of the record that an event follows from; -1 when it does not say."""
    if event is None or event.about.source != ALERTING:
        return -1
    found = _CAUSED.match(event.about.id)
    return int(found[1]) if found else -1

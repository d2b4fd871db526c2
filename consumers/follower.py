"""Topics followed in a thread of its own, from their past on, whatever the broker does meanwhile."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from kafka.errors import KafkaError

from consumers.log import BEGINNING, Log, Record, Unreachable

log = logging.getLogger(__name__)

PAUSE = 5.0
"""Seconds before a broker that was away is asked again."""


class Follower:
    """Hands over what stands since an instant, and what comes after, in batches that are not empty.

    `begins` is called before the past is read, also when it is read anew after the broker was away.
    """

    def __init__(
        self,
        name: str,
        bootstrap_servers: str,
        topics: Sequence[str],
        take: Callable[[Sequence[Record]], object],
        begins: Callable[[], object] = lambda: None,
        since: datetime = BEGINNING,
    ) -> None:
        self._name = name
        self._bootstrap_servers = bootstrap_servers
        self._topics = topics
        self._take = take
        self._begins = begins
        self._since = since
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, within a second or so."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with Log(self._bootstrap_servers, self._topics) as topics:
                    self._begins()
                    self._follow(topics)
            except (Unreachable, KafkaError) as error:
                log.warning("%s cannot be read; it is tried again in %.0f s: %s", self._name, PAUSE, error)
                self._stop.wait(PAUSE)

    def _follow(self, topics: Log) -> None:
        for batches in (topics.since(self._since), topics.follow()):
            for batch in batches:
                if self._stop.is_set():
                    return
                if batch:
                    self._take(batch)

"""Reading the topic `alerts` into the view, for as long as the program runs."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence

from kafka.errors import KafkaError

from consumers.api.view import Told, View
from consumers.log import Log, Record, Unreachable
from schemas.alerts import Alert, Group, Silence
from schemas.codec import Decoder, Unreadable
from schemas.oncall import Absence, Override
from schemas.topics import Space

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
"""Seconds before a broker that was away is asked again."""


class Following:
    """Keeps a view up to date in a thread of its own. `records` counts what it has read, `bad` what it could not."""

    def __init__(self, bootstrap_servers: str, space: Space, view: View) -> None:
        self.records = 0
        self.bad = 0
        self._bootstrap_servers = bootstrap_servers
        self._topic = space.topic("alerts")
        self._view = view
        self._decoder = Decoder((Alert, Group, Silence, Override, Absence))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts reader", daemon=True)

    def read(self) -> None:
        """Reads the topic once, to its end, for who does not go on. Raises Unreachable, kafka.errors.KafkaError."""
        with Log(self._bootstrap_servers, [self._topic]) as topic:
            self._view.begins(self._told(batch) for batch in topic.since())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, within a second or so."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                with Log(self._bootstrap_servers, [self._topic]) as topic:
                    self._view.begins(self._told(batch) for batch in topic.since())
                    pause = FIRST_PAUSE
                    self._follow(topic.follow())
            except (Unreachable, KafkaError) as error:
                self._view.stopped(f"the topic {self._topic} cannot be read: {error}")
                log.warning("%s cannot be read; it is tried again in %.1f s: %s", self._topic, pause, error)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except BaseException as error:
                self._view.stopped(f"the reader of {self._topic} has ended: {error!r}")
                raise

    def _follow(self, batches: Iterable[Sequence[Record]]) -> None:
        for batch in batches:
            if self._stop.is_set():
                return
            if batch:
                self._view.follows(list(self._told(batch)))

    def _told(self, batch: Iterable[Record]) -> Iterator[Told]:
        for record in batch:
            self.records += 1
            if record.value is None:
                yield Told(record.key, None, record.timestamp)
                continue
            try:
                yield Told(record.key, self._decoder.decode(record.value, record.headers), record.timestamp)
            except Unreadable as error:
                self.bad += 1
                log.warning("%s[%d]@%d is left out: %s", record.topic, record.partition, record.offset, error)

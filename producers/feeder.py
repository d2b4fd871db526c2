"""The feeder of a replay space: time passes in slices, and no inbox runs ahead of another.

One feeder writes a slice of records into the entrances (the departments' inboxes), closes it with a tick in every
partition that has something to do by then, and starts the next when every inbox down the line is drained. A partition
has nothing to do into which nothing came and which waits for no deadline before the slice's end: its time stands still,
and no rule can tell. What enters an inbox, its ticks and how far
the feed has come are one Kafka transaction, so a feed that was interrupted goes on where it stood, in the middle of a
slice if need be; and a second feeder of the space fences the first.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.partitioner.default import murmur2

from producers.drain import Drain
from producers.slices import Fed, Slice
from producers.standing import Standing
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from schemas.topics import INBOX_MAX_BYTES, Space

SOURCE = "/backoffice/feeder"


@dataclass(frozen=True, slots=True)
class Line:
    """The inboxes in the order in which records flow, without the space: entrances, then those they feed."""

    entrances: tuple[str, ...]
    then: tuple[str, ...] = ("facts", "alerting")


class Feeder(AbstractContextManager["Feeder"]):
    """Feeds one replay space. Use it as a context manager; `admin` is a kafka-python admin client."""

    def __init__(
        self,
        bootstrap_servers: str,
        admin: Any,
        space: Space,
        line: Line,
        name: str,
        *,
        between: Callable[[], None] = lambda: None,
    ) -> None:
        """`between` is called again and again while the feeder waits: a supervisor looks after its workers in it."""
        if not space.replay:
            raise ValueError(f"space {space.name} is live: its time cannot be fed")
        self._space = space
        self._line = line
        self._name = name
        self._drain = Drain(admin, space.group, between)
        self._producer = KafkaProducer(
            bootstrap_servers=bootstrap_servers.split(","),
            transactional_id=f"{space.name}.feeder",
            compression_type="lz4",
            linger_ms=2,
            batch_size=256 * 1024,
            max_request_size=INBOX_MAX_BYTES,
            allow_auto_create_topics=False,
        )
        servers = bootstrap_servers.split(",")
        self._reader = KafkaConsumer(
            bootstrap_servers=servers, isolation_level="read_committed", enable_auto_commit=False
        )
        self._ends = KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)
        """Reads also what stands there without its transaction's marker yet: that may come after the commit."""
        self._producer.init_transactions()
        self._sent = 0
        self._standing = Standing()
        self._closed: Mapping[str, Any] | None = None
        self._left_open: str | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()
        self._ends.close()
        self._producer.close(timeout=5 if error is None else 0.5)

    def progress(self) -> dict[str, Any] | None:
        """How far an earlier run of this feed has come, as its last whole slice said; None when there was none.

        Must be asked before a feed goes on: a slice that was left open is then finished, not entered again.
        """
        where = TopicPartition(self._space.topic("feeds"), 0)
        self._reader.assign([where])
        self._reader.seek_to_beginning(where)
        end = self._reader.end_offsets([where])[where]
        found: dict[str, Any] | None = None
        while self._reader.position(where) < end:
            for record in (r for rs in self._reader.poll(timeout_ms=200).values() for r in rs):
                if record.key == self._name.encode():
                    found = json.loads(record.value)
        self._closed, self._left_open = (found["closed"], found["open"]) if found else (None, None)
        return dict(self._closed) if self._closed else None

    def tell(self, settings: Mapping[str, Mapping[str, Any]], inboxes: Mapping[str, str], at: datetime) -> None:
        """Puts settings on record in every partition of the inboxes they concern (processor → inbox)."""
        self._producer.begin_transaction()
        for processor, values in settings.items():
            for where in self._partitions(inboxes[processor]):
                self._control(where, SettingsChanged(processor=processor, settings=dict(values)), at)
        self._producer.commit_transaction()

    def feed(self, part: Slice) -> None:
        """One slice through the whole line; it returns when everything it caused has been processed.

        One without events lets time pass in every partition. Raises NotDrained when the processors make no
        progress, kafka.errors.KafkaError when the broker refuses.
        """
        entering = [fed for fed in part.fed if fed.event.topic not in self._line.then]
        if part.until.isoformat() == self._left_open:
            entering = []  # an earlier run has written them; it did not come to the inboxes after
        if not part.fed:
            self._standing.forget()
        whole, entered = _Note(part.progress, None), _Note(self._closed, part.until)
        self._write(self._line.entrances, entering, part.until, entered if self._line.then else whole)
        for n, inbox in enumerate(self._line.then, start=1):
            commands = [fed for fed in part.fed if fed.event.topic == inbox]
            last = n == len(self._line.then)
            self._write((inbox,), commands, part.until, whole if last else None)
            before = self._line.then[: n - 1 if last else n]  # correlation also answers itself
            while self._flowed_into((*self._line.entrances, *before)):
                for again in (self._line.entrances, *((one,) for one in self._line.then[:n])):
                    self._write(again, (), part.until)
        self._closed, self._left_open = part.progress, None

    def _write(self, inboxes: Iterable[str], fed: Iterable[Fed], until: datetime, note: "_Note | None" = None) -> None:
        """Events and the ticks that close the slice in these inboxes, as one transaction; waits for them to pass."""
        there = [where for inbox in inboxes for where in self._partitions(inbox)]
        ends = self._ends.end_offsets(there)
        self._producer.begin_transaction()
        entered = {self._send(each) for each in fed}
        sent = {
            where: self._control(where, Tick(partition=where.partition), until)
            for where in there
            if where in entered or self._standing.has_to_do(where, ends[where], until)
        }
        if note is not None:
            self._note(note, until)
        self._producer.commit_transaction()
        ticks: dict[TopicPartition, int] = {where: future.get(timeout=0).offset for where, future in sent.items()}
        self._standing.ticked(ticks, self._drain.wait_past(ticks))

    def _flowed_into(self, inboxes: Iterable[str]) -> bool:
        """Whether the line has put records behind the last ticks there.

        Facts may lead to facts, so an inbox in the middle may have flowed into itself; people and channels write to
        the last one.
        """
        there = [where for inbox in inboxes for where in self._partitions(inbox)]
        ends = self._ends.end_offsets(there)
        return any(self._standing.has_grown(where, ends[where]) for where in there)

    def _partitions(self, inbox: str) -> list[TopicPartition]:
        topic = self._space.topic(inbox)
        return [TopicPartition(topic, n) for n in sorted(self._producer.partitions_for(topic))]

    def _send(self, fed: Fed) -> TopicPartition:
        topic, key = self._space.topic(fed.event.topic), fed.about.subject.encode()
        partition = (murmur2(key) & 0x7FFFFFFF) % len(self._producer.partitions_for(topic))
        self._producer.send(
            topic,
            key=key,
            value=encode(fed.event, fed.about),
            headers=list(HEADERS),
            partition=partition,
            timestamp_ms=_ms(fed.about.time),
        )
        return TopicPartition(topic, partition)

    def _control(self, where: TopicPartition, event: Event, at: datetime) -> Any:
        self._sent += 1
        about = About(f"{self._name}-{_ms(at)}-{self._sent}", SOURCE, f"partition/{where.partition}", at)
        return self._producer.send(
            where.topic,
            value=encode(event, about),
            headers=list(HEADERS),
            partition=where.partition,
            timestamp_ms=_ms(at),
        )

    def _note(self, note: "_Note", until: datetime) -> None:
        value = {"closed": note.closed and dict(note.closed), "open": note.open and note.open.isoformat()}
        self._producer.send(
            self._space.topic("feeds"),
            key=self._name.encode(),
            value=json.dumps(value).encode(),
            timestamp_ms=_ms(until),
        )


class _Note(NamedTuple):
    """What a feed leaves on record: the progress of its last whole slice, and the end of one that has only entered."""

    closed: Mapping[str, Any] | None
    open: datetime | None


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)

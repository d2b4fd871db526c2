"""The feeder of a replay space: time passes in slices, and no inbox runs ahead of another.

One feeder writes a slice of records into the entrances (the departments' inboxes), closes it with a tick in every
partition, and starts the next when every inbox down the line is drained. What enters an inbox, its ticks and how far
the feed has come are one Kafka transaction, so a feed that was interrupted goes on where it stood, in the middle of a
slice if need be; and a second feeder of the space fences the first.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from producers.drain import Drain
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from schemas.topics import INBOX_MAX_BYTES, Space

SOURCE = "/backoffice/feeder"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fed:
    """One event of a feed, with its envelope; its time is the record's timestamp."""

    event: Event
    about: About


@dataclass(frozen=True, slots=True)
class Slice:
    """What happened before `until`, in order of time. `progress` is what a later run of the feed goes on from."""

    until: datetime
    fed: Sequence[Fed]
    progress: Mapping[str, Any]


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

        Raises NotDrained when the processors make no progress, kafka.errors.KafkaError when the broker refuses.
        """
        entering = [fed for fed in part.fed if fed.event.topic not in self._line.then]
        if part.until.isoformat() == self._left_open:
            entering = []  # an earlier run has written them; it did not come to the inboxes after
        whole, entered = _Note(part.progress, None), _Note(self._closed, part.until)
        ticks = self._write(self._line.entrances, entering, part.until, entered if self._line.then else whole)
        for n, inbox in enumerate(self._line.then, start=1):
            commands = [fed for fed in part.fed if fed.event.topic == inbox]
            last = n == len(self._line.then)
            closed = self._write((inbox,), commands, part.until, whole if last else None)
            while self._flowed_back(ticks if last else ticks | closed):  # correlation also answers itself
                ticks = self._write(self._line.entrances, (), part.until)
                for again in self._line.then[:n]:
                    closed = self._write((again,), (), part.until)
        self._closed, self._left_open = part.progress, None

    def _write(
        self, inboxes: Iterable[str], fed: Iterable[Fed], until: datetime, note: "_Note | None" = None
    ) -> dict[TopicPartition, int]:
        """Events and the ticks that close the slice in these inboxes, as one transaction; waits for them to pass."""
        self._producer.begin_transaction()
        for each in fed:
            self._send(each)
        sent = {
            where: self._control(where, Tick(partition=where.partition), until)
            for inbox in inboxes
            for where in self._partitions(inbox)
        }
        if note is not None:
            self._note(note, until)
        self._producer.commit_transaction()
        ticks: dict[TopicPartition, int] = {where: future.get(timeout=0).offset for where, future in sent.items()}
        self._drain.wait_past(ticks)
        return ticks

    def _flowed_back(self, ticks: Mapping[TopicPartition, int]) -> bool:
        """Whether the line has put records behind these ticks: each is followed by its commit marker, no more.

        Facts may lead to facts, so an inbox in the middle may have flowed into itself; people and channels write to
        the last one.
        """
        ends = self._ends.end_offsets(list(ticks))
        return any(ends[where] > tick + 2 for where, tick in ticks.items())

    def _partitions(self, inbox: str) -> list[TopicPartition]:
        topic = self._space.topic(inbox)
        return [TopicPartition(topic, n) for n in sorted(self._producer.partitions_for(topic))]

    def _send(self, fed: Fed) -> None:
        self._producer.send(
            self._space.topic(fed.event.topic),
            key=fed.about.subject.encode(),
            value=encode(fed.event, fed.about),
            headers=list(HEADERS),
            timestamp_ms=_ms(fed.about.time),
        )

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


def slices(
    feed: Iterable[tuple[Fed, Mapping[str, Any]]], length: timedelta, until: datetime | None = None
) -> Iterator[Slice]:
    """Cuts a feed (events in order of time, each with the progress it stands for) into slices of equal length.

    Slices in which nothing happens are passed over; the next one's tick lets their deadlines pass, in order. With
    `until`, a last empty slice lets time go on to then. An event earlier than the one before belongs to the open slice.
    """
    part: list[Fed] = []
    end: datetime | None = None
    progress: Mapping[str, Any] = {}
    for fed, where in feed:
        if end is not None and fed.about.time >= end:
            yield Slice(end, tuple(part), progress)
            part, end = [], None
        if end is None:
            end = _slice_end(fed.about.time, length)
        part.append(fed)
        progress = where
    if end is not None:
        yield Slice(end, tuple(part), progress)
    if until is not None and (end is None or end < until):
        yield Slice(until, (), progress)


def _slice_end(at: datetime, length: timedelta) -> datetime:
    """The end of the slice of equal lengths since the epoch that holds an instant."""
    whole = (at - _EPOCH) // length
    return _EPOCH + (whole + 1) * length

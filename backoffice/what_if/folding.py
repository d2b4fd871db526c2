"""One lane folded again: its inbox as a world has it, under the settings of that world."""

import pickle
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from backoffice.rebuilding.folding import in_turn, refold
from backoffice.what_if.episodes import Signal, signal_in
from backoffice.what_if.sayings import AS_RECORDED, Heard, Lane, Place, Revision, Said, digest
from backoffice.what_if.settings import checked, retold
from processors.causing import cause_of
from processors.engine.outbox import partition_of
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Output, Record
from processors.slices import closes
from processors.store import from_ms, to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import Tick

_LAST = (1 << 63) - 1
"""The offset of the tick with which a fold ends."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to fold. `until`: what came from then on, in milliseconds since the epoch, is left out, and in a live space
    time passes until then. `changed`: settings laid over those on the log; None: none are."""

    lane: Lane
    partitions: Mapping[str, int]
    """Of each inbox that lanes are heard in, without the space."""
    replay: bool
    until: int
    changed: Mapping[str, Any] | None = None
    revision: Revision = AS_RECORDED
    spool: Path | None = None
    """Where to write down what the lane says to others; None: nowhere."""


@dataclass(slots=True)
class Folded:
    """What came of it."""

    lane: Lane
    begin: int | None = None
    """The first offset that was there; None: none was."""
    end: int = 0
    """Everything before this offset was folded."""
    records: int = 0
    times: tuple[int, int] | None = None
    """The least and greatest timestamps of what is recorded there."""
    heard: dict[Lane, list[Heard]] = field(default_factory=dict)
    """What other lanes have said to it, as recorded."""
    said: "dict[Place, array[int]]" = field(default_factory=dict)
    """Digests of what it says to others."""
    signals: list[Signal] = field(default_factory=list)
    spool: Path | None = None

    def covers(self, offset: int) -> bool:
        """Whether a record at this offset lies in what was folded: no earlier than the log goes back, nor later."""
        return self.begin is not None and self.begin <= offset < self.end


def fold_again(job: Job, processor: Processor, records: Iterable[Record]) -> Folded:
    """`records`: the partition as recorded, from its beginning. Raises DoNotFit, and what `records` raises."""
    folded = Folded(job.lane, spool=job.spool)
    number = job.lane.partition
    fold = Fold(processor, number, partial(_belongs, job.partitions[processor.inbox]), forwards=False)
    recorded = _slices(records, job.until) if job.replay else _before(records, job.until)
    inbox = _with_time(woven(_noted(recorded, folded), job.revision, job.replay), processor, job)
    if job.changed is not None:
        changed = job.changed
        fold.changes_settings(checked(processor, {}, changed))
        inbox = (retold(record, processor, changed) for record in inbox)
    with _Spool(job.spool) as spool:
        for outputs in refold(fold, in_turn(inbox, job.replay)):
            spool.add(_listen(outputs, job, folded))
    return folded


def read_spool(path: Path) -> Iterator[Said]:
    """What a fold has written down."""
    with path.open("rb") as file:
        while file.peek(1):
            yield from pickle.load(file)


def woven(records: Iterable[Record], revision: Revision, replay: bool) -> Iterator[Record]:
    """An inbox as revised. What is put in stands behind everything of its time; in a replay space, within its slice."""
    waiting = list(reversed(revision.added))
    for record in records:
        if waiting and waiting[-1].timestamp < record.timestamp and (not replay or closes(record)):
            while waiting and waiting[-1].timestamp < record.timestamp:
                yield waiting.pop()
        if record.offset not in revision.dropped:
            yield record
    yield from reversed(waiting)


def _before(records: Iterable[Record], until: int) -> Iterator[Record]:
    """Of a live log, where time does not go back."""
    for record in records:
        if record.timestamp >= until:
            return
        yield record


def _slices(records: Iterable[Record], until: int) -> Iterator[Record]:
    """Of a log of slices, those that begin before `until` and were closed."""
    held: list[Record] = []
    closed: int | None = None
    for record in records:
        held.append(record)
        if closes(record):
            if closed is not None and closed >= until and record.timestamp > closed:
                return
            yield from held
            held.clear()
            closed = record.timestamp


def _noted(records: Iterable[Record], folded: Folded) -> Iterator[Record]:
    """As they are, while it is noted what there is and who of ours said it."""
    for record in records:
        offset, stamp = record.offset, record.timestamp
        folded.begin = offset if folded.begin is None else min(folded.begin, offset)
        folded.end = max(folded.end, offset + 1)
        folded.records += 1
        least, greatest = folded.times or (stamp, stamp)
        folded.times = min(least, stamp), max(greatest, stamp)
        if record.value is not None and (cause := cause_of(record.value)) is not None:
            heard = Heard(digest(record.key, record.value), offset, cause.offset)
            folded.heard.setdefault(Lane(cause.processor, cause.partition), []).append(heard)
        yield record


def _with_time(records: Iterable[Record], processor: Processor, job: Job) -> Iterator[Record]:
    """A last tick: time goes on until the end of what is looked at, and the last slice is closed."""
    closed = 0
    for record in records:
        closed = max(closed, record.timestamp)
        yield record
    at = closed if job.replay else job.until
    number = job.lane.partition
    value = encode(Tick(partition=number), About("time", "/backoffice/what-if", f"partition/{number}", from_ms(at)))
    yield Record(processor.inbox, number, _LAST, at, None, value, HEADERS)


def _listen(outputs: Iterable[Output], job: Job, folded: Folded) -> Iterator[Said]:
    """What a lane says to others, while it is noted what it says to alerting and to whom it says something."""
    for output in outputs:
        if output.topic == "alerting":
            if (signal := signal_in(output.value)) is not None:
                folded.signals.append(signal)
        elif output.topic in job.partitions and output.partition is None and output.value is not None:
            place = Place(output.topic, partition_of(output.key or b"", job.partitions[output.topic]))
            said = Said(place, digest(output.key, output.value), to_ms(output.at), output.key, output.value)
            folded.said.setdefault(place, array("Q")).append(said.digest)
            yield said


def _belongs(partitions: int, key: bytes) -> int:
    return partition_of(key, partitions)


class _Spool:
    """A file of what was said, a batch at a time: it may be more than memory should hold."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("wb")

    def __enter__(self) -> "_Spool":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, said: Iterable[Said]) -> None:
        batch = list(said)
        if batch and self._file is not None:
            pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)

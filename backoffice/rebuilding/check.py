"""The check of a whole space: every lane's state first, then what all of them said.

The order matters in a space at work. A lane's changelog is read first and says how far it is; its inbox is folded to
there; what it said until then is on record by the time the outputs are read. What came after is left out.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from backoffice.rebuilding.folding import Stand, in_turn, refold
from backoffice.rebuilding.standing import Rebuilt, differences, in_memory
from backoffice.rebuilding.streams import Expected, Finding, Log, Stream, digest, said_by
from backoffice.states import restored
from consumers.partition import Partitions, Stood
from processors.collection import UnreadableRow
from processors.engine.outbox import partition_of
from processors.fold import Fold
from processors.processor import Processor
from processors.records import DEAD_LETTERS, Output, Record
from processors.shelf import Shelf
from schemas.topics import Space

COMPACTED = ("alerts",)
ONLY_OURS = ("alerts", "notices", DEAD_LETTERS)
"""Topics that nobody but a processor writes to."""

SHOWN = 3
"""Differences of one stream, or of one lane's state, that are told; the others are counted."""


class Lane(NamedTuple):
    """One partition of a processor's inbox."""

    processor: str
    partition: int


@dataclass(slots=True)
class Report:
    """What was compared, and what differs. `differences` are the first of each place, `more` how many there are."""

    lanes: int = 0
    records: int = 0
    outputs: int = 0
    keys: int = 0
    differences: list[str] = field(default_factory=list)
    more: int = 0
    unchecked: list[str] = field(default_factory=list)
    """Lanes of which nothing can be said, and why."""

    def tell(self, place: str, found: Iterable[str]) -> None:
        for n, difference in enumerate(found):
            if n < SHOWN:
                self.differences.append(f"{place}: {difference}")
            else:
                self.more += 1


class Check:
    """`processors`: those of the space; `only` names the one whose states and outputs are checked, all if not given.

    `on_progress` hears what is looked at, the offset it has come to, and where it ends.
    """

    def __init__(
        self,
        bootstrap: str,
        space: Space,
        processors: Iterable[Processor],
        log: Partitions,
        on_progress: Callable[[str, int, int], None] = lambda what, done, of: None,
        only: str | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._space = space
        self._processors = {p.name: p for p in processors}
        self._log = log
        self._on_progress = on_progress
        self._only = only
        self._counts = {topic: len(log.of(space.topic(topic))) for topic in self._topics()}
        self._stands: dict[Lane, Stand] = {}
        self._expected: dict[Stream, Expected] = {}
        self._lost: dict[Stream, list[Finding]] = {}
        self.report = Report()

    def run(self) -> Report:
        """Raises consumers.log.Unreachable, kafka.errors.KafkaError."""
        for processor in self._processors.values():
            if self._only in (None, processor.name):
                for number in range(self._counts[processor.inbox]):
                    self._lane(processor, number)
        for topic in self._topics():
            for number in range(self._counts[topic]):
                self._recorded(topic, number)
        for stream, expected in self._expected.items():
            if lost := [*self._lost.get(stream, ()), *expected.ends()]:
                self._missing(stream, lost)
        return self.report

    def _topics(self) -> list[str]:
        inboxes = [p.inbox for p in self._processors.values()]
        return list(dict.fromkeys((*inboxes, "facts", "alerting", *ONLY_OURS)))

    # A lane: its state, and what it should have said.

    def _lane(self, processor: Processor, number: int) -> None:
        place, report = f"{processor.inbox}/{number}", self.report
        inbox = self._space.topic(processor.inbox)
        if (begins := self._log.beginning(inbox, number)) > 0:
            report.unchecked.append(f"{place} begins at {begins}: what made its state before is no longer on the log")
            return
        shelf, seen = in_memory()
        try:
            fold = restored(self._bootstrap, self._space, processor, number, shelf)
        except (ValueError, UnreadableRow) as error:
            report.tell(place, [f"its changelog cannot be read: {error}"])
            return
        lane, found = Lane(processor.name, number), Rebuilt(fold, shelf, seen)
        self._stands[lane] = Stand.of(fold)
        shelf, seen = in_memory()
        made = Rebuilt(self._fold(processor, number, shelf), shelf, seen)
        for stream, output in self._outputs(lane, made.fold):
            self._stream(stream).says(output.key, _digest(output), ceases=output.value is None)
        report.lanes += 1
        report.records += made.fold.counts["records"]
        report.keys += sum(1 for _ in made.shelf.keys())  # noqa: SIM118 - a shelf is no mapping
        report.tell(place, differences(made, found))

    def _fold(self, processor: Processor, number: int, shelf: Shelf | None = None) -> Fold:
        return Fold(processor, number, partial(_belongs, self._counts[processor.inbox]), shelf=shelf)

    def _outputs(self, lane: Lane, fold: Fold) -> Iterator[tuple[Stream, Output]]:
        """What the lane should have said up to where it stands. What it sent on is said by somebody else."""
        records = in_turn(self._records(fold.processor, lane.partition), self._space.replay)
        for outputs in refold(fold, records, self._stands[lane]):
            for output in outputs:
                if output.partition is None:
                    target = partition_of(output.key or b"", self._counts[output.topic])
                    yield Stream(*lane, output.topic, target), output

    def _records(self, processor: Processor, number: int) -> Iterator[Record]:
        inbox = self._space.topic(processor.inbox)
        end = self._log.end(inbox, number)
        if not self._space.replay:
            end = min(end, self._stands[Lane(processor.name, number)].next_offset)
        for batch in self._log.read(inbox, number, 0, end):
            for r in batch:
                yield Record(processor.inbox, number, r.offset, r.timestamp, r.key, r.value, r.headers)
            self._on_progress(f"{processor.inbox}/{number}", batch[-1].offset + 1, end)

    # What is recorded.

    def _stream(self, stream: Stream) -> Expected:
        if stream not in self._expected:
            log: Log = "whole"
            if stream.topic in COMPACTED:
                log = "compacted"
            elif self._log.beginning(self._space.topic(stream.topic), stream.partition) > 0:
                log = "cut"
            self._expected[stream] = Expected(log)
        return self._expected[stream]

    def _recorded(self, topic: str, number: int) -> None:
        name = self._space.topic(topic)
        end = self._log.end(name, number)
        for batch in self._log.read(name, number, end=end):
            for record in batch:
                self.report.tell(f"{topic}/{number}", self._judged(topic, record))
            self._on_progress(f"{topic}/{number}", batch[-1].offset + 1, end)

    def _judged(self, topic: str, record: Stood) -> Iterator[str]:
        """What is wrong with a record that is there."""
        cause = said_by(topic, record.value, record.headers)
        if cause is None or cause.processor not in self._processors:
            if topic in ONLY_OURS:
                yield f"the record at {record.offset} was not written by a processor: {_excerpt(record.value)}"
            return
        lane = Lane(cause.processor, cause.partition)
        if lane not in self._stands:
            if not 0 <= lane.partition < self._counts[self._processors[lane.processor].inbox]:
                yield f"the record at {record.offset} names a partition that there is not: {_excerpt(record.value)}"
            return
        self.report.outputs += 1
        stream = Stream(*lane, topic, record.partition)
        hashed = digest(topic, record.key, record.value, record.headers)
        for finding in self._stream(stream).meets(record.key, hashed, self._newer(lane, cause.offset)):
            if finding.kind == "extra":
                yield f"the record at {record.offset} is not of the fold: {_excerpt(record.value)}"
            else:
                self._lost.setdefault(stream, []).append(finding)

    def _newer(self, lane: Lane, offset: int) -> bool:
        """Whether what caused it came after what was folded, and is on the log."""
        if offset < self._stands[lane].next_offset:
            return False
        inbox = self._space.topic(self._processors[lane.processor].inbox)
        return offset < self._log.end(inbox, lane.partition)

    def _missing(self, stream: Stream, findings: list[Finding]) -> None:
        """Folds the lane once more, for what it should have said there."""
        wanted = {finding.nth: finding for finding in findings[:SHOWN]}
        processor = self._processors[stream.processor]
        lane = Lane(stream.processor, stream.lane)
        said = (o for s, o in self._outputs(lane, self._fold(processor, lane.partition)) if s == stream)
        for nth, output in enumerate(said):
            if nth in wanted:
                what = "is not the last of its key" if wanted[nth].kind == "outdated" else "is missing"
                self.report.differences.append(
                    f"{stream.topic}/{stream.partition}: {what}, by the fold of {processor.inbox}/{stream.lane}: "
                    f"{_excerpt(output.value)}"
                )
            if nth >= max(wanted):
                break
        self.report.more += max(0, len(findings) - SHOWN)


def _digest(output: Output) -> int:
    return digest(output.topic, output.key, output.value, output.headers)


def _belongs(partitions: int, key: bytes) -> int:
    return partition_of(key, partitions)


def _excerpt(value: bytes | None) -> str:
    return "nothing" if value is None else value[:300].decode(errors="replace")

"""An office in memory: every processor on a few partitions, real folds, and a clock that moves when told.

It is a replay space: each time something arrives is a slice, which goes through the line level by level as the feeder
lets it, and each partition applies its part in the order of a slice.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Self

from processors.fold import Fold
from processors.processor import Processor
from processors.records import Output, Record
from processors.slices import closes, in_order
from processors.step import Emission
from processors.store import to_ms
from schemas.alerts import Alert
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event
from schemas.notices import Notice
from schemas.processing import SettingsChanged, Tick
from schemas.signals import ConditionFired, ConditionResolved
from tests.happenings import recorded

When = str | date | datetime

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""A Monday morning."""


def instant(when: When) -> datetime:
    """`2026-01-05`, `2026-01-05T09:30`, a date or an instant; UTC where nothing is said."""
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@cache
def reader_of(types: tuple[type[Event], ...]) -> Decoder:
    """Of these types. Making one takes longer than most tests, and they ask for the same few."""
    return Decoder(types)


def _all_processors() -> Iterable[Processor]:
    from backoffice.registry import processors

    return processors()


class Office:
    """`Office().at("2026-01-05").receives(said(...)).passes("2026-01-09").firing()`.

    `receives` takes (subject, event) pairs, as `Emission`s or tuples. `at` and `passes` let time go by:
    every deadline before that instant fires, down the whole line. Settings are plain dicts per processor.
    """

    def __init__(
        self,
        *,
        partitions: int = 3,
        settings: Mapping[str, dict[str, Any]] | None = None,
        processors: Iterable[Processor] | None = None,
    ) -> None:
        self.now = START
        self.partitions = partitions
        self.processors = tuple(processors if processors is not None else _all_processors())
        self.folds: dict[str, list[Fold]] = {}
        self._log: dict[str, list[int]] = {}
        self._held: dict[str, dict[int, list[Record]]] = defaultdict(lambda: defaultdict(list))
        """What has arrived in each partition of an inbox and is not applied yet."""
        self.records: dict[str, list[Output]] = defaultdict(list)
        self.applied: dict[tuple[str, int], list[Record]] = defaultdict(list)
        """What each partition of an inbox has applied, in its order."""
        self._sent = 0
        for p in self.processors:
            n = 1 if p.single else partitions
            self.folds[p.inbox] = [Fold(p, i, self._partitioner(n)) for i in range(n)]
            self._log[p.inbox] = [0] * n
        for name, values in (settings or {}).items():
            self.told(name, values)

    @staticmethod
    def _partitioner(n: int) -> Any:
        return lambda key: zlib.crc32(key) % n

    def told(self, processor: str, settings: dict[str, Any]) -> Self:
        """The settings of a processor change, from here on, in all its partitions."""
        inbox = next(p.inbox for p in self.processors if p.name == processor)
        for i in range(len(self.folds[inbox])):
            self._put(inbox, SettingsChanged(processor=processor, settings=settings), f"partition/{i}", None, i)
        return self._drain()

    def at(self, when: When) -> Self:
        """Time passes until then."""
        self.now = max(self.now, instant(when))
        for n, level in enumerate(self._levels(), start=1):
            for inbox in level:
                for i in range(len(self.folds[inbox])):
                    self._put(inbox, Tick(partition=i), f"partition/{i}", None, i)
            self._drain(n)
        return self

    passes = at

    def _levels(self) -> list[list[str]]:
        """The inboxes in the order in which records flow."""
        then = ("facts", "alerting")
        entrances = [inbox for inbox in self.folds if inbox not in then]
        return [entrances, *([inbox] for inbox in then if inbox in self.folds)]

    def receives(
        self,
        *said: Emission | tuple[str, Event],
        id: str | None = None,
        time: When | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """Events arrive now. `time`: their own business time, when it differs."""
        for subject, event in ((s.subject, s.event) if isinstance(s, Emission) else s for s in said):
            self._put(event.topic, event, subject, id, None, time, traceparent)
            self._drain()
        return self

    def _put(
        self,
        inbox: str,
        event: Event,
        subject: str,
        id: str | None,
        partition: int | None,
        time: When | None = None,
        traceparent: str | None = None,
    ) -> None:
        self._sent += 1
        when = instant(time) if time else self.now
        about = About(id or f"test-{self._sent}", "/tests", subject, when, traceparent=traceparent)
        key = subject.encode() if partition is None else None
        said = encode(recorded(event, self._sent), about)
        self._route(Output(inbox, key, said, HEADERS, self.now, partition))

    def _route(self, output: Output) -> None:
        self.records[output.topic].append(output)
        folds = self.folds.get(output.topic)
        if folds:
            partition = output.partition
            if partition is None:
                partition = 0 if output.key is None else self._partitioner(len(folds))(output.key)
            offset = self._log[output.topic][partition]
            self._log[output.topic][partition] += 1
            record = Record(output.topic, partition, offset, to_ms(output.at), output.key, output.value, output.headers)
            self._held[output.topic][partition].append(record)

    def _drain(self, levels: int | None = None) -> Self:
        """Until nothing is held at the first levels; what flows back is let through before a later one goes on."""
        wanted = self._levels()[:levels]
        while level := next((level for level in wanted if any(self._held[inbox] for inbox in level)), None):
            for inbox in level:
                for partition, records in self._held.pop(inbox, {}).items():
                    self._apply(self.folds[inbox][partition], records)
        return self

    def _apply(self, fold: Fold, records: list[Record]) -> None:
        ticks = [record for record in records if closes(record)]
        for record in (*in_order(record for record in records if not closes(record)), *ticks):
            self.applied[fold.processor.inbox, fold.partition].append(record)
            for out in fold.apply(record):
                self._route(out)

    # What came of it.

    def said(self, *types: type[Event]) -> list[Event]:
        """Every event of these types that was sent, in order."""
        decoder = reader_of(types)
        found = []
        for output in self.records[types[0].topic]:
            if any(f'"{t.type}"'.encode() in (output.value or b"") for t in types):
                found.append(decoder.decode(output.value, output.headers))
        return found

    def signals(self, rule: str | None = None) -> list[ConditionFired | ConditionResolved]:
        found = self.said(ConditionFired, ConditionResolved)
        return [e for e in found if isinstance(e, ConditionFired | ConditionResolved) and rule in (None, e.rule)]

    def conditions(self) -> dict[tuple[str, str, tuple[tuple[str, str], ...]], ConditionFired]:
        """What holds now, by (rule, subject, distinguishing labels)."""
        holds: dict[tuple[str, str, tuple[tuple[str, str], ...]], ConditionFired] = {}
        for s in self.signals():
            where = (s.rule, s.about.subject, tuple(sorted(s.identity.items())))
            if isinstance(s, ConditionFired):
                holds[where] = s
            else:
                holds.pop(where, None)
        return holds

    def firing(self) -> set[str]:
        """The rules that fire now."""
        return {rule for rule, _, _ in self.conditions()}

    def ever_fired(self, rule: str) -> set[str]:
        """The ids of the subjects for which this rule ever fired."""
        return {s.about.subject.partition("/")[2] for s in self.signals(rule) if isinstance(s, ConditionFired)}

    def one(self, rule: str) -> ConditionFired:
        """The one condition of this rule that holds now."""
        (found,) = [c for (name, _, _), c in self.conditions().items() if name == rule]
        return found

    def state(self, subject: str) -> Any:
        """The state under a subject, wherever it lies; None when nothing is remembered."""
        for folds in self.folds.values():
            for fold in folds:
                if (state := fold.states().get(subject)) is not None:
                    return state
        return None

    def alerts(self) -> dict[str, Alert]:
        """The current state of each alert, by fingerprint."""
        return {a.fingerprint: a for a in self.said(Alert) if isinstance(a, Alert)}

    def notices(self) -> list[Notice]:
        return [n for n in self.said(Notice) if isinstance(n, Notice)]

    @property
    def dead_letters(self) -> list[Output]:
        return self.records["dead-letters"]

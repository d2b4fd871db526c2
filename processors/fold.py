"""The pure fold of one inbox partition: records in, outputs and changed rows out. No Kafka, no clock of its own.

The engine, the tests' office, rebuild and what-if all run this same code, so what the output topics
hold can be checked against it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError

from processors.causing import Causing
from processors.deadletter import dead_letter
from processors.processor import Processor
from processors.records import Output, Record
from processors.step import State
from processors.store import Entity, Row, Store, from_ms, read_row_key, to_ms
from schemas.codec import HEADERS, Decoder, Unreadable, encode, explain
from schemas.envelope import Event, Evidence
from schemas.processing import CONTROL, DeadlinePassed, SettingsChanged

SEEN_WINDOW = timedelta(days=7)
"""How long, by the partition's clock, a second event with the same source and id is recognised."""

META = ""
"""The changelog key of a partition's own row: where it stands."""

MOST_AT_ONCE = 1_000
"""Deadlines of one key that may pass while the clock stands still: beyond, they set off one another for ever."""


class Fold:
    """The state of one partition of one processor, and what each record makes of it."""

    def __init__(
        self,
        processor: Processor,
        partition: int = 0,
        belongs_to: Callable[[bytes], int] | None = None,
        seen_window: timedelta = SEEN_WINDOW,
    ) -> None:
        """`belongs_to` gives the partition of a key; without it every key belongs here."""
        self.processor = processor
        self.partition = partition
        self.store = Store(processor)
        self.clock = from_ms(0)
        self.next_offset = 0
        self.settings = processor.settings()
        self.counts: Counter[str] = Counter()
        self._decoder = decoder_of(processor.events)
        self._belongs_to = belongs_to
        self._seen_window = seen_window

    def apply(self, record: Record) -> list[Output]:
        """Everything one record does: deadlines that it lets pass, then the record itself.

        A record that cannot be read or applied becomes a dead letter among the outputs; nothing raises.
        """
        outputs: list[Output] = []
        horizon = max(self.clock, from_ms(record.timestamp))
        sent = Causing(self.processor.name, record)
        self._pass_deadlines(horizon, record, sent, outputs)
        self.clock = horizon
        self.next_offset = record.offset + 1
        self.counts["records"] += 1
        try:
            self._apply(record, sent, outputs)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises concerns this record only
            outputs.append(self._dead_letter(error, record))
        return outputs

    def _apply(self, record: Record, sent: Causing, outputs: list[Output]) -> None:
        if (home := self._elsewhere(record.key)) is not None:
            self._forward(record, record.key, home, outputs)
            return
        here = Evidence(record.topic, record.partition, record.offset, "")
        event = self._decoder.decode(record.value, record.headers, here)
        if isinstance(event, CONTROL):
            self._control(event)
            return
        subject = event.about.subject.encode()
        if record.key is None and (home := self._elsewhere(subject)) is not None:
            self._forward(record, subject, home, outputs)
            return
        if record.key is not None and record.key != subject and not self.processor.single:
            raise Unreadable(
                f"the key is {record.key!r}, but the subject is {event.about.subject!r}; they must be equal"
            )
        self._apply_event(event, sent, outputs)

    def _apply_event(self, event: Event, sent: Causing, outputs: list[Output]) -> None:
        key, aggregate = self.processor.locate(event.about.subject)
        entity = self.store.entity(key)
        event_id = f"{event.about.source} {event.about.id}"
        if event_id in entity.seen:
            self.counts["duplicates"] += 1
            return
        try:
            step = aggregate.step(self.given(entity), event, self.clock)
            encoded = sent.outputs(step.emit, event.about, self.clock)
        except BaseException:
            self.store.forget_if_empty(entity)
            raise
        self.store.absorb(entity, step.state)
        self.store.see(entity, event_id, self.clock + self._seen_window)
        outputs.extend(encoded)

    def given(self, entity: Entity) -> State:
        """The state with the settings of now."""
        if entity.layout.has_settings and getattr(entity.state, "settings") is not self.settings:  # noqa: B009 - not every state has them
            entity.state = entity.state.evolve(settings=self.settings)
        return entity.state

    def _pass_deadlines(self, horizon: datetime, record: Record, sent: Causing, outputs: list[Output]) -> None:
        """Fires every deadline due before `horizon`, in order of (due, key, name), new ones among them."""
        at_once: Counter[str] = Counter()
        while due := self.store.pop_due(horizon):
            self.counts["deadlines"] += 1
            if due.at > self.clock:
                self.clock = due.at
                at_once.clear()
            at_once[due.key] += 1
            about = sent.about(due.key, due.at)
            passed = DeadlinePassed(name=due.name, due=due.at)
            passed.with_about(about)
            entity = self.store.entities[due.key]
            try:
                outputs.extend(self._pass_deadline(entity, passed, at_once[due.key], sent))
            except Exception as error:  # noqa: BLE001 - as above: one key's trouble
                carried = record._replace(key=due.key.encode(), value=encode(passed, about), headers=HEADERS)
                outputs.append(self._dead_letter(error, record, carried))
            self.store.forget_if_empty(entity)

    def _pass_deadline(self, entity: Entity, passed: DeadlinePassed, at_once: int, sent: Causing) -> list[Output]:
        if at_once > MOST_AT_ONCE:
            raise RuntimeError(f"{at_once} deadlines of this key passed at one instant: they set off one another")
        _, aggregate = self.processor.locate(entity.state.key)
        step = aggregate.step(self.given(entity), passed, self.clock)
        if (again := step.state.deadlines.get(passed.name)) is not None and again <= passed.due:
            raise RuntimeError(f"the rule waits again for {passed.name!r} at {again}, which has passed")
        encoded = sent.outputs(step.emit, passed.about, self.clock)
        self.store.absorb(entity, step.state)
        return encoded

    def _elsewhere(self, key: bytes | None) -> int | None:
        """The partition a key belongs to, when that is not this one: some clients hash keys differently."""
        if key is None or self._belongs_to is None or self.processor.single:
            return None
        home = self._belongs_to(key)
        return home if home != self.partition else None

    def _forward(self, record: Record, key: bytes | None, home: int, outputs: list[Output]) -> None:
        self.counts["forwarded"] += 1
        at = from_ms(record.timestamp)
        outputs.append(Output(record.topic, key, record.value, record.headers, at, home))

    def _control(self, event: Event) -> None:
        self.counts["control"] += 1
        if isinstance(event, SettingsChanged) and event.processor == self.processor.name:
            self.settings = self._read_settings(event.settings)

    def _read_settings(self, settings: dict[str, Any]) -> Any:
        try:
            return self.processor.settings.model_validate_json(json.dumps(settings))
        except ValidationError as error:
            raise Unreadable(f"settings of {self.processor.name}: {explain(error)}") from error

    def _dead_letter(self, error: BaseException, record: Record, carried: Record | None = None) -> Output:
        self.counts["dead letters"] += 1
        return dead_letter(error, record, self.processor.name, carried)

    # The changelog: what a restart needs, no more.

    def take_changes(self) -> list[Row]:
        """Rows changed since the last call, and the row that says where this partition stands."""
        meta = {
            "next_offset": self.next_offset,
            "clock": to_ms(self.clock),
            "settings": self.settings.model_dump(mode="json", exclude_unset=True),
        }
        return [*self.store.take_changes(), Row(META.encode(), json.dumps(meta).encode(), None)]

    def restore(self, rows: Iterable[Row]) -> None:
        """Applies changelog rows in the log's order. Raises ValueError for a row that is not of this processor."""
        for row in rows:
            if row.key == META.encode():
                self._restore_meta(row.value or b"{}")
                continue
            try:
                self.store.load(*read_row_key(row.key), row.value, row.until)
            except (ValueError, KeyError) as error:
                raise ValueError(
                    f"changelog of {self.processor.name}, partition {self.partition}: "
                    f"the row {row.key!r} is not one of this processor's: {error}"
                ) from error

    def _restore_meta(self, value: bytes) -> None:
        meta = json.loads(value)
        self.next_offset = meta.get("next_offset", 0)
        self.clock = from_ms(meta.get("clock", 0))
        self.settings = self._read_settings(meta.get("settings", {}))


@cache
def decoder_of(events: tuple[type[Event], ...]) -> Decoder:
    """The decoder of an inbox; making one takes a tenth of a second, and every partition needs the same."""
    return Decoder((*events, *CONTROL))

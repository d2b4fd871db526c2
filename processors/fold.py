"""The pure fold of one inbox partition: records in, outputs and changed rows out. No Kafka, no clock of its own.

The engine, the tests' office, rebuild and what-if all run this same code, so what the output topics
hold can be checked against it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from processors.agenda import Due
from processors.causing import Causing, fits
from processors.collection import UnreadableRow
from processors.deadletter import dead_letter
from processors.processor import Processor
from processors.records import Output, Record
from processors.seen import MINUTE
from processors.shelf import Shelf
from processors.standing import Standing
from processors.step import State
from processors.store import Entity, from_ms, to_ms
from schemas.codec import HEADERS, Decoder, Unreadable, encode
from schemas.envelope import Event
from schemas.processing import CONTROL, DeadlinePassed, SettingsChanged

SEEN_WINDOW = timedelta(days=7)
"""How long, by the partition's clock, a second event with the same source and id is recognised."""

MOST_AT_ONCE = 1_000
"""Deadlines that passing ones of a key may set for the same instant: beyond, they set off one another for ever."""

_NOTHING: Sequence[Output] = ()


class Interrupted(BaseException):
    """Somebody ended a rule from outside (`engine/budget.py`). No `Exception`: a rule must not swallow it."""


class Fold(Standing):
    """Where one partition of one processor stands, and what each record makes of it."""

    def __init__(
        self,
        processor: Processor,
        partition: int = 0,
        belongs_to: Callable[[bytes], int] | None = None,
        seen_window: timedelta = SEEN_WINDOW,
        shelf: Shelf | None = None,
        forwards: bool = True,
    ) -> None:
        """`belongs_to` gives the partition of a key; without it every key belongs here.

        A `seen_window` of zero applies an event as often as it comes. `shelf`: in memory if not given.
        Without `forwards` a record in the wrong partition changes nothing: who reads a log that was processed before
        finds it a second time, where it was sent on to.
        """
        super().__init__(processor, shelf)
        self.partition = partition
        self.weighs = True
        """Whether each step's rows are weighed at once; `take_changes` weighs those that are left in any case."""
        self.in_rule = False
        """Whether a rule is running: only then may somebody interrupt it."""
        self.rules_run = 0
        self._decoder = decoder_of(processor.events)
        self._belongs_to = None if processor.single else belongs_to
        self._forwards = forwards
        self._seen_window = seen_window // timedelta(milliseconds=1)
        self._only_key = processor.locate("")[0] if processor.single else ""
        self._at_once: Counter[str] = Counter()
        self._causing: Causing | None = None
        """That of the record whose deadlines pass."""

    def apply(self, record: Record) -> Sequence[Output]:
        """Everything one record does: deadlines that it lets pass, then the record itself.

        A record that cannot be read or applied becomes a dead letter among the outputs. Raises only when
        the state itself cannot be read (`UnreadableRow`).
        """
        if not self.lets_pass(record):
            return self.apply_itself(record)
        before = [output for outputs in self.passing(record) for output in outputs]
        return [*before, *self.apply_itself(record)]

    def lets_pass(self, record: Record) -> bool:
        """Whether deadlines are due before this record."""
        if record.timestamp > self._clock_ms:
            return self.store.agenda.next_at < from_ms(record.timestamp)
        return self.store.agenda.next_at < self.clock

    def passing(self, record: Record) -> Iterator[Sequence[Output]]:
        """Fires every deadline due before a record, in order of (due, key, name), new ones among them.

        One tick may let hundreds of thousands pass: who has other work can do it between two of them. `apply_itself`
        of the same record comes next.
        """
        horizon = max(self.clock, from_ms(record.timestamp))
        self._causing = causing = Causing(self.processor.name, record)
        self._at_once.clear()
        while due := self.store.pop_due(horizon):
            yield self._fire(due, record, causing)

    def apply_itself(self, record: Record) -> Sequence[Output]:
        """What a record does besides letting deadlines pass, which it has done. Raises as `apply` does."""
        causing = self._causing or Causing(self.processor.name, record)
        self._causing = None
        if record.timestamp > self._clock_ms:
            self.clock, self._clock_ms = from_ms(record.timestamp), record.timestamp
            if self._clock_ms >= self._minute_ends:
                self._forget_seen()
        if record.completes:
            self.next_offset, self.applied = record.offset + 1, 0
        else:
            self.applied += 1
        self.counts["records"] += 1
        try:
            outputs = self._apply(record, causing)
        except UnreadableRow:
            raise
        except (Exception, Interrupted) as error:  # noqa: BLE001 - whatever a rule raises concerns this record only
            outputs = [self._dead_letter(error, record)]
        return outputs

    def rollback(self) -> None:
        super().rollback()
        self._causing = None

    def _apply(self, record: Record, causing: Causing) -> Sequence[Output]:
        key = record.key
        if key is not None and (home := self._elsewhere(key)) is not None:
            return self._forward(record, key, home)
        event = self._decoder.decode(record.value, record.headers, record)
        if type(event) in CONTROL:
            return self._control(event)
        subject = event.about.subject
        if key is None:
            if (home := self._elsewhere(subject.encode())) is not None:
                return self._forward(record, subject.encode(), home)
        elif key != subject.encode() and not self.processor.single:
            raise Unreadable(f"the key is {key!r}, but the subject is {subject!r}; they must be equal")
        return self._apply_event(event, causing)

    def _apply_event(self, event: Event, causing: Causing) -> Sequence[Output]:
        about = event.about
        entity = self.store.entity(self._only_key or about.subject)
        event_id = ""
        if self._seen_window:
            event_id = f"{entity.state.key}\n{about.source}\n{about.id}"
            if event_id in self.store.shelf.seen:
                self.counts["duplicates"] += 1
                return _NOTHING
        outputs = self._step(entity, event, causing)
        if event_id:
            self.store.shelf.seen.add(event_id, self._clock_ms // MINUTE)
        if type(event) in self._streams.until and (told := self._streams.heard(event, self.clock, self.settings)):
            return [*outputs, *causing.outputs((told,), about, self.clock)]
        return outputs

    def _step(self, entity: Entity, event: Event, causing: Causing) -> Sequence[Output]:
        """The one place where rules run. Nothing of a step that raises is kept."""
        about = event.about
        self.rules_run += 1
        self.in_rule = True
        try:
            step = entity.step(self.given(entity), event, self.clock)
        finally:
            self.in_rule = False
        if type(event) is DeadlinePassed:
            _refuse_again(step.state, event)
            self._at_once[about.subject] += _at_once(step.state, self.clock)
        outputs = causing.outputs(step.emit, about, self.clock) if step.emit else _NOTHING
        if self.weighs:
            self.store.weigh(entity, step.state)
        self.store.absorb(entity, step.state)
        return outputs

    def _forget_seen(self) -> None:
        """Once a minute of the partition's clock."""
        minute = self._clock_ms // MINUTE
        self._minute_ends = (minute + 1) * MINUTE
        # Counted from the minute's beginning, so that a restart within it forgets no more than was forgotten.
        self.store.shelf.seen.expire((minute * MINUTE - self._seen_window) // MINUTE)

    def given(self, entity: Entity) -> State:
        """The state under the settings of now."""
        if entity.layout.has_settings:
            state: Any = entity.state
            if (state.told_settings or state.settings) is not self.settings:
                entity.state = state.under(self.settings)
        return entity.state

    def states(self) -> dict[str, State]:
        """Every key of which something is remembered, in order, with its state."""
        return {key: self.given(self.store.entity(key)) for key in self.store.keys()}  # noqa: SIM118

    def _fire(self, due: Due, record: Record, causing: Causing) -> Sequence[Output]:
        """One deadline passes, at its own time."""
        self.counts["deadlines"] += 1
        if due.at > self.clock:
            self.clock, self._clock_ms = due.at, to_ms(due.at)
            self._at_once.clear()
        about = causing.about(due.key, due.at)
        passed = DeadlinePassed(name=due.name, due=due.at)
        passed.with_about(about)
        try:
            return self._pass_deadline(passed, causing)
        except UnreadableRow:
            raise
        except (Exception, Interrupted) as error:  # noqa: BLE001 - as above: one key's trouble
            carried = record._replace(key=due.key.encode(), value=encode(passed, about), headers=HEADERS)
            return [self._dead_letter(error, record, carried)]

    def _pass_deadline(self, passed: DeadlinePassed, causing: Causing) -> Sequence[Output]:
        key = passed.about.subject
        if self._at_once[key] > MOST_AT_ONCE:
            raise RuntimeError(f"{self._at_once[key]} deadlines of this key at one instant: they set off one another")
        return self._step(self.store.entity(key), passed, causing)

    def _elsewhere(self, key: bytes) -> int | None:
        """The partition a key belongs to, when that is not this one: some clients hash keys differently."""
        if self._belongs_to is None or (home := self._belongs_to(key)) == self.partition:
            return None
        return home

    def _forward(self, record: Record, key: bytes, home: int) -> Sequence[Output]:
        if not self._forwards:
            self.counts["elsewhere"] += 1
            return _NOTHING
        self.counts["forwarded"] += 1
        if record.key is None:
            fits(self.processor.inbox, key, record.value or b"")
        at = from_ms(record.timestamp)
        return (Output(self.processor.inbox, key, record.value, record.headers, at, home),)

    def _control(self, event: Event) -> Sequence[Output]:
        self.counts["control"] += 1
        if isinstance(event, SettingsChanged) and event.processor == self.processor.name:
            self.changes_settings(event.settings)
        return _NOTHING

    def _dead_letter(self, error: BaseException, record: Record, carried: Record | None = None) -> Output:
        self.counts["dead letters"] += 1
        return dead_letter(error, record, self.processor.name, carried)


def _refuse_again(state: State, passed: DeadlinePassed) -> None:
    """A rule that waits again for what has passed would do so for ever."""
    if (again := state.deadlines.get(passed.name)) is not None and again <= passed.due:
        raise RuntimeError(f"the rule waits again for {passed.name!r} at {again}, which has passed")


def _at_once(state: State, now: datetime) -> int:
    """How many deadlines a step has just set that pass while the clock stands still."""
    return sum(1 for write in state.deadlines.changes.values() if write.row is not None and write.row <= now)


@cache
def decoder_of(events: tuple[type[Event], ...]) -> Decoder:
    """The decoder of an inbox; making one takes a tenth of a second, and every partition needs the same."""
    return Decoder((*events, *CONTROL))

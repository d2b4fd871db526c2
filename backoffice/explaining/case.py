"""An alert derived again: from everything its processor heard of the subject, and from its evidence alone. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from backoffice.explaining.naming import carries, identity
from backoffice.rebuilding.standing import changes
from processors.fold import Fold, decoder_of
from processors.layout import layout_of
from processors.processor import Processor
from processors.records import Output, Record
from processors.rows import Rows
from processors.settings import RuleSettings
from processors.step import MEASURED
from processors.store import from_ms, to_ms
from schemas.codec import HEADERS, Decoder, Unreadable, encode
from schemas.envelope import About, Event, Evidence
from schemas.processing import SettingsChanged, Tick
from schemas.signals import ConditionFired, ConditionResolved

_SIGNALS = Decoder((ConditionFired, ConditionResolved))


class Step(NamedTuple):
    """What a record did to the subject's state; `changed`: field or row, its JSON before and after."""

    record: Record
    event: Event | None
    changed: list[tuple[str, str, str]]
    evidence: bool


class _Whole(NamedTuple):
    """What was said of a condition; and by offset, the settings that held for its subject then, by its labels of then.

    Settings are given: they come from the organisation, not from what the alert is about.
    """

    said: list[ConditionFired | ConditionResolved | None]
    settings: dict[int, Any]


@dataclass(frozen=True)
class Case:
    """A signal, and what its processor had heard of the subject until then.

    `history`: in the order in which they were applied, the records of the subject and those that tell settings, up to
    the record that let the condition fire, which may be about something else. Each is stamped with the partition's
    clock as it was then, which others may have moved.
    """

    processor: Processor
    partition: int
    signal: ConditionFired
    history: tuple[Record, ...]

    @property
    def subject(self) -> str:
        return self.signal.about.subject

    @property
    def cause(self) -> Record:
        return self.history[-1]

    @cached_property
    def evidence(self) -> dict[Evidence, tuple[Record, ...]]:
        """Each record the signal names, with those of the history that are it, or that are facts of it."""
        return {named: tuple(r for r in self.history if carries(r, named)) for named in self.signal.evidence}

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(record.offset for records in self.evidence.values() for record in records)

    def derived(self, records: Iterable[Record]) -> list[ConditionFired]:
        """The condition as it stands once these are applied and time has come to where it fired; nothing: it does not.
        At one instant it may be said in several ways, one after the other.

        Where the last of them is the very record that let it fire, what that one says counts, and no later instant.
        """
        applied = tuple(records)
        if not applied or applied[-1].offset != self.cause.offset:
            applied = (*applied, self._time())
        fold, found = Fold(self.processor, self.partition), list[ConditionFired]()
        for record in applied:
            fold.settings = self._whole.settings[record.offset]
            found = _after(found, [self._about_it(output) for output in fold.apply(record)])
        return found

    @cached_property
    def _whole(self) -> "_Whole":
        """What all that was heard gives."""
        fold, said, settings = Fold(self.processor, self.partition), list[Any](), dict[int, Any]()
        before = fold.settings
        for record in self.history:
            before = _held_for(fold, self.subject)
            said.extend(self._about_it(output) for output in fold.apply(record))
            settings[record.offset] = _held_for(fold, self.subject)
        by_deadline = self.signal.about.time < from_ms(self.cause.timestamp)
        settings[self._time().offset] = before if by_deadline else settings[self.cause.offset]
        return _Whole(said, settings)

    def from_history(self) -> bool:
        """Whether all that was heard gives this very signal."""
        return self.signal in self._whole.said

    @cached_property
    def alone(self) -> ConditionFired | None:
        """The condition as the evidence gives it, under the settings of the time, and nothing else."""
        return next((each for each in self.derived(self._without(frozenset())) if self._is_it(each)), None)

    def _is_it(self, found: ConditionFired) -> bool:
        return (found.severity, found.labels) == (self.signal.severity, self.signal.labels)

    def from_evidence(self) -> bool:
        """Whether the evidence gives it: its identity, severity and labels."""
        return self.alone is not None

    def needless(self) -> list[Evidence]:
        """Evidence that makes no difference: without it the rest of it gives the very same answer, and so does all
        else that was heard. (Where one record says again what another took back, only the latter tells.)"""
        left_out = {named: frozenset(self._offsets(records)) for named, records in self.evidence.items()}
        return [n for n, offsets in left_out.items() if self._alone_without(offsets) and self._heard_without(offsets)]

    def _offsets(self, records: Iterable[Record]) -> Iterator[int]:
        """Those of these records, and of every duplicate of them: an event that comes twice is one."""
        for record in records:
            yield from self._same.get(identity(record) or record.offset, (record.offset,))

    @cached_property
    def _same(self) -> dict[Any, list[int]]:
        """The records of each event of the history."""
        same = dict[Any, list[int]]()
        for record in self.history:
            same.setdefault(identity(record) or record.offset, []).append(record.offset)
        return same

    @property
    def measured(self) -> str | None:
        """The figure that it rests on, where that is taken from more records than an alert names."""
        return self.signal.annotations.get(MEASURED)

    def _alone_without(self, offsets: frozenset[int]) -> bool:
        """Whether the evidence but for these gives what all of it gives. Of a figure it gives nothing by itself."""
        if self.measured is not None:
            return True
        found = self.derived(self._without(offsets))
        return any(_answer(each) == _answer(self.alone) for each in found) if self.alone else not found

    def _heard_without(self, offsets: frozenset[int]) -> bool:
        """Whether all that was heard but for these gives the same signal, at the same time."""
        fold = Fold(self.processor, self.partition)
        heard = (*(record for record in self.history if record.offset not in offsets), self._time())
        said = [self._about_it(output) for record in heard for output in fold.apply(record)]
        fired = (each for each in said if isinstance(each, ConditionFired))
        ours = self.signal
        return any(
            each.about.time == ours.about.time and each.model_copy(update={"evidence": ours.evidence}) == ours
            for each in fired
        )

    def steps(self) -> Iterator[Step]:
        """The evidence, and what let the condition fire, each with what it did to the state."""
        fold, decoder = Fold(self.processor, self.partition), decoder_of(self.processor.events)
        for record in self.history:
            evidence = record.offset in self._named
            if not evidence and record is not self.cause:
                fold.apply(record)
                continue
            before = fold.given(fold.store.entity(self.subject))
            rows = _held(before)
            fold.apply(record)
            after = fold.given(fold.store.entity(self.subject))
            yield Step(record, _read(decoder, record), changes(rows, after), evidence)

    def _without(self, offsets: frozenset[int]) -> Iterator[Record]:
        """The evidence but for these."""
        yield from (r for r in self.history if r.offset in self._named and r.offset not in offsets)

    def _time(self) -> Record:
        """A tick of the instant at which the condition fired, or just after the deadline that let it."""
        at = min(self.cause.timestamp, to_ms(self.signal.about.time) + 1)
        about = About("time", "/backoffice/explain", f"partition/{self.partition}", from_ms(at))
        value = encode(Tick(partition=self.partition), about)
        return Record(self.processor.inbox, self.partition, self.cause.offset + 1, at, None, value, HEADERS)

    def _about_it(self, output: Output) -> ConditionFired | ConditionResolved | None:
        """What an output says of this condition."""
        if output.topic != "alerting" or output.key != self.subject.encode():
            return None
        try:
            said: Any = _SIGNALS.decode(output.value, output.headers)
        except Unreadable:
            return None
        return said if (said.rule, said.identity) == (self.signal.rule, self.signal.identity) else None


def _held_for(fold: Fold, subject: str) -> Any:
    """The settings of now, as they hold for a subject with these labels."""
    if not isinstance(fold.settings, RuleSettings) or not fold.settings.overrides:
        return fold.settings
    return fold.settings.holding_for(fold.given(fold.store.entity(subject)).labels)


def _after(
    found: list[ConditionFired], said: Iterable[ConditionFired | ConditionResolved | None]
) -> list[ConditionFired]:
    """The condition after what one record let be said of it. What holds for that instant only has held."""
    here = list[ConditionFired]()
    for each in said:
        if isinstance(each, ConditionFired):
            here.append(each)
        elif each is not None:
            found, here = [], [fired for fired in here if fired.starts_at == each.ends_at]
    return here or found[-1:]


def _answer(found: ConditionFired | None) -> Any:
    """What people are told: how bad it is, of what, in which words."""
    return found and (found.severity, found.labels, found.summary, found.annotations)


def tells_settings(record: Record) -> bool:
    return record.key is None and SettingsChanged.type.encode() in (record.value or b"")


def _read(decoder: Decoder, record: Record) -> Event | None:
    try:
        return decoder.decode(record.value, record.headers)
    except Unreadable:
        return None


def _held(state: Any) -> Any:
    """The state as it is now: its collections are views of what comes after, too."""
    names = layout_of(type(state)).collections
    return state.evolve(**{name: Rows(dict(getattr(state, name))) for name in names})

"""What fired in a test, each with the history of its subject, as `backoffice explain` reads it from the log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from backoffice.explaining.case import Case
from processors.causing import Causing, cause_of
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Output, Record
from processors.store import Entity, to_ms
from schemas.codec import HEADERS, Decoder, encode
from schemas.envelope import About, Event
from schemas.processing import DeadlinePassed, SettingsChanged, Tick
from schemas.signals import AlertingEvent, ConditionFired, ConditionResolved
from tests.happenings import BEGIN, Happening, recorded
from tests.office import Office

MOST_NAMED = 20
"""An alert that rests on a figure names at most this many records."""

MOST_OFFICES, MOST_CASES = 30, 60
"""How many offices of one test are looked at, and how many alerts."""

_SIGNALS = Decoder((ConditionFired, ConditionResolved))


def record(processor: Processor, n: int, event: Event, subject: str, at: datetime | None = None) -> Record:
    """The n-th record of a log of one partition, a minute after the one before unless `at` says when."""
    at = at or BEGIN + timedelta(minutes=n)
    about = About(f"e{n}", "/tests", subject, at)
    return _record(processor, n, event, about, at)


def log_of(processor: Processor, story: Iterable[Happening], settings: dict[str, Any] | None = None) -> list[Record]:
    """A story as the log of one partition, and a last tick a year later, which lets every deadline pass."""
    log, now = list[Record](), BEGIN
    if settings:
        about = About("settings", "/tests", "partition/0", BEGIN)
        log.append(_record(processor, 0, SettingsChanged(processor=processor.name, settings=settings), about, BEGIN))
    for n, told in enumerate(story, start=len(log)):
        now += told.after
        about = About(f"e{n}", "/tests", told.subject, now - told.late)
        log.append(_record(processor, n, recorded(told.event, n), about, now))
    end = now + timedelta(days=400)
    about = About("end", "/tests", "partition/0", end)
    return [*log, _record(processor, len(log), Tick(partition=0), about, end)]


def _record(processor: Processor, n: int, event: Event, about: About, at: datetime) -> Record:
    key = None if isinstance(event, Tick | SettingsChanged) else about.subject.encode()
    return Record(processor.inbox, 0, n, to_ms(at), key, encode(event, about), HEADERS)


def cases(processor: Processor, log: list[Record]) -> Iterator[Case]:
    """Every signal that fires in this log."""
    fold = Fold(processor)
    for n, heard in enumerate(log):
        for output in fold.apply(heard):
            if (signal := _fired(output)) is not None:
                yield Case(processor, 0, signal, _history(log[: n + 1], output.key))


def cases_in(office: Office) -> Iterator[Case]:
    """Every signal that fired in an office, whoever said it."""
    by_name = {processor.name: processor for processor in office.processors}
    for output in office.records[AlertingEvent.topic]:
        signal, cause = _fired(output), cause_of(output.value)
        if signal is None or cause is None:
            continue
        processor = by_name[cause.processor]
        log = office.applied[processor.inbox, cause.partition]
        n = next(n for n, heard in enumerate(log) if heard.offset == cause.offset)
        yield Case(processor, cause.partition, signal, _history(log[: n + 1], output.key))


def wrong(case: Case, any_order: bool = False) -> str | None:
    """What is wrong with the evidence of an alert; None: nothing is. `any_order`: it may name more than it needs."""
    where = f"{case.signal.rule} of {case.subject}, {case.signal.summary!r}"
    named = ", ".join(f"{each.topic}@{each.offset}" for each in case.signal.evidence) or "nothing"
    rule = next(rule for rule in case.processor.rules if rule.name == case.signal.rule)
    if not case.from_history():
        return f"{where}: not derived from all that was heard of its subject"
    if case.measured is None and not case.from_evidence():
        return f"{where}: not derived from what it names alone ({named})"
    if case.measured is not None and not (rule.measure and 0 < len(case.signal.evidence) <= MOST_NAMED):
        return f"{where}: rests on a figure ({case.measured}), and names {len(case.signal.evidence)} records"
    if not any_order and (needless := case.needless()):
        return f"{where}: names {named}, and is the same without {', '.join(str(each.offset) for each in needless)}"
    return None


@pytest.fixture(autouse=True)
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever ends by something that was said names a record; what ends because time has passed has none to name."""
    unnamed = list[str]()
    applied = Fold._step

    def applies(fold: Fold, entity: Entity, event: Event, causing: Causing) -> Sequence[Output]:
        outputs = applied(fold, entity, event, causing)
        for signal in map(_signal, () if isinstance(event, DeadlinePassed) else outputs):
            if isinstance(signal, ConditionResolved) and not signal.evidence:
                unnamed.append(f"{signal.rule} of {entity.state.key}: {signal.because!r} names no record")
        return outputs

    monkeypatch.setattr(Fold, "_step", applies)
    yield
    if unnamed:
        pytest.fail("\n".join(dict.fromkeys(unnamed)))


@pytest.fixture
def offices(monkeypatch: pytest.MonkeyPatch) -> list[Office]:
    """Those that a test opens."""
    found, opened = list[Office](), Office.__init__

    def opens(office: Office, **told: Any) -> None:
        opened(office, **told)
        found.append(office)

    monkeypatch.setattr(Office, "__init__", opens)
    return found


@pytest.fixture(autouse=True)
def explained(offices: list[Office], request: pytest.FixtureRequest) -> Iterator[None]:
    """Holds whatever fires in a test's offices against its evidence; of many alerts, some.

    Where the same is told in any order or more than once, one record may say what another has said: what is named is
    to be enough then.
    """
    shuffled = "seed" in getattr(getattr(request.node, "callspec", None), "params", ())
    any_order = shuffled or request.node.get_closest_marker("told_again") is not None
    yield
    found = [case for office in offices[:MOST_OFFICES] for case in cases_in(office)]
    few = found[:: len(found) // MOST_CASES + 1]
    if problems := [problem for case in few if (problem := wrong(case, any_order))]:
        pytest.fail("\n".join(dict.fromkeys(problems)))


def _signal(output: Output) -> ConditionFired | ConditionResolved | None:
    if output.topic != AlertingEvent.topic or b'"alerting.condition.' not in (output.value or b""):
        return None
    signal = _SIGNALS.decode(output.value, output.headers)
    assert isinstance(signal, ConditionFired | ConditionResolved)
    return signal


def _fired(output: Output) -> ConditionFired | None:
    signal = _signal(output)
    return signal if isinstance(signal, ConditionFired) else None


def _history(log: list[Record], key: bytes | None) -> tuple[Record, ...]:
    """What the key heard, settings, and the last record, each stamped with the partition's clock."""
    clock, kept = 0, list[Record]()
    for heard in log:
        clock = max(clock, heard.timestamp)
        if heard.key in (key, None) or heard is log[-1]:
            kept.append(heard._replace(timestamp=clock))
    return tuple(kept)

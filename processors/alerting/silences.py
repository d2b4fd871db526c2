"""Silences: alerts whose labels match tell nobody between two instants. Some days later they are forgotten."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from processors.alerting.state import Alerting, SilenceRow
from processors.instants import after
from processors.matchers import Matcher, matcher
from processors.step import Step, Tombstone
from schemas.alerts import Silence, SilenceMatcher
from schemas.commands import SilenceExpire, SilenceSet

DEADLINE = "silence"

Silenced = Callable[[Mapping[str, str]], bool]
"""Whether an alert with these labels is silenced."""


def set_(step: Step[Alerting], event: SilenceSet, at: datetime) -> Step[Alerting]:
    """A silence, new or changed. Raises ValueError for one that would silence nothing, or everything."""
    matchers = tuple(map(_read, event.matchers))
    if event.ends_at <= event.starts_at:
        raise ValueError(f"the silence {event.silence} ends before it begins")
    if all(one.operator[0] == "=" and one.matches({}) for one in matchers):  # Alertmanager's `validateSilence`
        raise ValueError(f"the silence {event.silence} would match an alert without labels: one must have to be there")
    row = SilenceRow(
        matchers=matchers,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        created_by=event.by,
        comment=event.comment,
        updated_at=at,
    )
    return _put(step, event.silence, row, at)


def expire(step: Step[Alerting], event: SilenceExpire, at: datetime) -> Step[Alerting]:
    """It ends now; one that has not begun never will."""
    row = step.state.silences.get(event.silence)
    if row is None or row.ends_at <= at:
        return step
    return _put(step, event.silence, replace(row, starts_at=min(row.starts_at, at), ends_at=at, updated_at=at), at)


def deadline_passed(step: Step[Alerting], silence: str, at: datetime) -> Step[Alerting]:
    """It begins, ends, or has ended some days ago."""
    row = step.state.silences.get(silence)
    if row is None:
        return step
    if at >= _forgotten_at(step.state, row):
        state = step.state.evolve(silences=step.state.silences.drop(silence))
        return Step(state, (*step.emit, Tombstone(f"{DEADLINE}/{silence}", Silence.topic)))
    return Step(_stands(step.state, silence, row, at), step.emit)


def silenced(state: Alerting, at: datetime) -> Silenced:
    """Who is silenced at this instant."""
    rows = [state.silences[name] for name in state.standing_silences]
    active = [row.matchers for row in rows if row.starts_at <= at < row.ends_at]
    return lambda labels: any(_match(matchers, labels) for matchers in active)


def silenced_by(silences: Iterable[Silence], labels: Mapping[str, str], at: datetime) -> tuple[str, ...]:
    """The silences, of these, under which an alert with these labels is silent at this instant."""
    return tuple(
        silence.silence
        for silence in silences
        if silence.starts_at <= at < silence.ends_at and _match(map(_read, silence.matchers), labels)
    )


def event_of(silence: str, row: SilenceRow) -> Silence:
    """The silence as consumers see it."""
    return Silence(
        silence=silence,
        matchers=tuple(
            SilenceMatcher(name=m.name, value=m.value, is_regex="~" in m.operator, is_equal=m.operator[0] == "=")
            for m in row.matchers
        ),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_by=row.created_by,
        comment=row.comment,
        updated_at=row.updated_at,
    )


def _put(step: Step[Alerting], silence: str, row: SilenceRow, at: datetime) -> Step[Alerting]:
    state = step.state.evolve(silences=step.state.silences.put(silence, row))
    return Step(_stands(state, silence, row, at), step.emit)


def _stands(state: Alerting, silence: str, row: SilenceRow, at: datetime) -> Alerting:
    """What it says may hold from now on, or no longer."""
    others = tuple(name for name in state.standing_silences if name != silence)
    standing = (*others, silence) if at < row.ends_at else others
    turns = (row.starts_at, row.ends_at, _forgotten_at(state, row))
    next_at = next((turn for turn in turns if turn > at), turns[-1])
    return state.evolve(standing_silences=standing, noise=state.noise + 1).awaits(f"{DEADLINE}/{silence}", next_at)


def _forgotten_at(state: Alerting, row: SilenceRow) -> datetime:
    return after(row.ends_at, timedelta(days=state.settings.silence_retention_days))


def _read(said: SilenceMatcher) -> Matcher:
    """Raises ValueError for a regular expression that is none."""
    operator = ("=~" if said.is_equal else "!~") if said.is_regex else ("=" if said.is_equal else "!=")
    return matcher(said.name, operator, said.value)


def _match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(one.matches(labels) for one in matchers)

"""Silences on the console: made, ended, and as the page shows them with how many alerts each mutes."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from consumers.api.errors import Problem
from consumers.api.ports import Said
from consumers.api.service import Service
from consumers.api.suppression import state
from consumers.api.v2.wire import in_order
from consumers.console import BY_WAY_OF
from consumers.console.actions import Done
from consumers.console.board import Board
from consumers.console.signing_in.people import Person
from schemas.alerts import Alert, Silence, SilenceMatcher
from schemas.commands import SilenceExpire, SilenceSet

LONGEST_AHEAD = timedelta(days=366)
"""From now until a silence begins."""


class Line(NamedTuple):
    """A silence. `state`: `active`, `pending` or `expired`; `mutes`: firing alerts, of one to come those it would."""

    silence: Silence
    state: str
    mutes: int


def lines(service: Service, board: Board) -> list[Line]:
    """All that are remembered: those in force that end first, then those to come, then those that ended last."""
    muted = Counter(id for row in board.rows for id in row.status.silenced_by)
    found = []
    with service.view.reading() as standing:
        for held in in_order(list(standing.silences.values()), board.at):
            silence, now = held.event, state(held.event, board.at)
            mutes = muted[silence.silence]
            if now == "pending":
                matchers = [service.rules.silence_matcher(matcher) for matcher in silence.matchers]
                mutes = sum(1 for _ in standing.matching(matchers))
            found.append(Line(silence, now, mutes))
    return found


def muted_by(service: Service, matchers: Sequence[SilenceMatcher]) -> list[Alert]:
    """The alerts that fire now and that a silence would mute. Raises Problem where it is not one."""
    try:
        asked = [service.rules.silence_matcher(matcher) for matcher in matchers]
    except ValueError as error:
        raise Problem(str(error)) from error
    if not any(not (matcher.matches({}) and said.is_equal) for matcher, said in zip(asked, matchers, strict=True)):
        raise Problem("it would mute everything: at least one condition must not hold where the label is missing")
    with service.view.reading() as standing:
        return [held.event for held in standing.matching(asked)]


def silence(
    service: Service,
    who: Person,
    matchers: Sequence[SilenceMatcher],
    minutes: float,
    comment: str,
    begins: datetime | None = None,
) -> Done:
    """Makes a silence that begins now, or then. Raises Problem, NotWritten."""
    if not 0 < minutes <= 60 * 24 * 365:
        raise Problem("a silence lasts more than 0 minutes and at most a year")
    if not comment.strip():
        raise Problem("say why, for whoever wonders later")
    count, now = len(muted_by(service, matchers)), service.now()
    if begins is not None and not now <= begins <= now + LONGEST_AHEAD:
        raise Problem("it begins from now on, and within a year")
    starts_at = begins or now
    wanted = SilenceSet(
        by=who.name,
        silence=str(uuid4()),
        matchers=tuple(matchers),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        comment=comment.strip(),
    )
    said = _said(wanted)
    applied = service.do([said], BY_WAY_OF).applied
    back = Said(SilenceExpire(by=who.name, silence=wanted.silence), said.subject)
    return Done("Silenced from then on" if begins else "Silenced", 0 if begins else count, 0, applied, (back,))


def expire(service: Service, who: Person, id: str) -> Done:
    """Ends a silence now; taking that back makes another one like it. Raises Problem, NotWritten."""
    with service.view.reading() as standing:
        held = standing.silences.get(id)
    if held is None:
        raise Problem(f"there is no silence {id!r}", 404)
    ended, now = held.event, service.now()
    if state(ended, now) == "expired":
        raise Problem("it is over already")
    again = SilenceSet(
        by=who.name,
        silence=str(uuid4()),
        matchers=ended.matchers,
        starts_at=max(ended.starts_at, now),
        ends_at=ended.ends_at,
        comment=ended.comment,
    )
    said = Said(SilenceExpire(by=who.name, silence=id), f"silence/{id}")
    applied = service.do([said], BY_WAY_OF).applied
    return Done("Silence ended", 0, 0, applied, (_said(again),))


def _said(wanted: SilenceSet) -> Said:
    return Said(wanted, f"silence/{wanted.silence}")

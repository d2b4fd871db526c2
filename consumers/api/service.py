"""What every request is answered with: the view, the rules, the log, and the clock."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from consumers.api.errors import Problem
from consumers.api.meters import Meters
from consumers.api.ports import Calendars, NotWritten, Outbox, Rules, Said
from consumers.api.tokens import Caller
from consumers.api.view import View
from schemas.audit import ActionRecorded
from schemas.commands import Command
from schemas.envelope import Event

Check = Callable[[], str | None]
"""What is wrong, as a sentence; None when nothing is."""

LONGEST_NAME = 200
"""Characters. A name becomes the key of a record."""

MOST_WAITING = 20
"""How many answers wait for an effect at once."""


def _now() -> datetime:
    return datetime.now(UTC)


class Given(NamedTuple):
    """Commands that are on the log: where the last stands in alerting's inbox, and whether its effect was seen."""

    offset: int
    applied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One API. `apply_seconds` bounds how long an answer waits for what was asked to take effect."""

    view: View
    rules: Rules
    outbox: Outbox
    meters: Meters
    calendars: Calendars | None = None
    link_key: str | None = None
    apply_seconds: float = 5
    now: Callable[[], datetime] = field(default=_now)
    also_wanted: tuple[Check, ...] = ()
    """What must be well, besides the view, for it to be ready: a broker that answers."""
    waiting: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_WAITING))

    @property
    def checks(self) -> tuple[Check, ...]:
        """What must be well for it to be ready."""
        return (lambda: self.view.not_ready, *self.also_wanted)

    def give(self, commands: Sequence[Said], by_way_of: str) -> int:
        """Puts commands on the log, with an audit of who gave them; returns where the last stands in alerting's inbox.

        Raises Problem when nobody can be called so, NotWritten.
        """
        audits = [_audit(said, by_way_of) for said in commands]
        return self.outbox.write([*commands, *audits])[len(commands) - 1]

    def do(self, commands: Sequence[Said], by_way_of: str, effect: Callable[[int], bool] | None = None) -> Given:
        """Gives commands and waits for their effect, which is counted and timed. Raises as `give` does.

        `effect` waits, given where the last of them stands, for what is known by other signs than `applied` goes by.
        """
        began = time.perf_counter()
        try:
            offset = self.give(commands, by_way_of)
        except (Problem, NotWritten) as error:
            self._count(commands, by_way_of, "refused" if isinstance(error, Problem) else "not written")
            raise
        seen = (effect or self.applied)(offset)
        self._count(commands, by_way_of, "seen" if seen else "written")
        if seen:
            self.meters.effect.labels(_way(by_way_of)).observe(time.perf_counter() - began)
        return Given(offset, seen)

    def _count(self, commands: Sequence[Said], by_way_of: str, outcome: str) -> None:
        for said in commands:
            self.meters.commands.labels(_way(by_way_of), _verb(said.event), outcome).inc()

    def applied(self, offset: int) -> bool:
        """Waits until what a record of alerting's inbox makes of the alerts is seen; false when it is not in time.

        Not more than `MOST_WAITING` do: while no worker answers, there must be threads left for those who only look.
        """
        if not self.waiting.acquire(blocking=False):
            return self.view.wait_for_effect(offset, 0)
        try:
            return self.view.wait_for_effect(offset, self.apply_seconds)
        finally:
            self.waiting.release()


def _way(by_way_of: str) -> str:
    """Without whose token it was."""
    return by_way_of.partition(",")[0]


def _verb(command: Event) -> str:
    """`alert.acknowledge`."""
    return command.type.removeprefix("alerting.")


def _audit(said: Said, by_way_of: str) -> Said:
    """What the audit has of a command. Raises Problem."""
    command = said.event
    assert isinstance(command, Command)
    if not command.by.isprintable() or len(command.by) > LONGEST_NAME:
        raise Problem(f"who does it is to be named in at most {LONGEST_NAME} printable characters")
    note = getattr(command, "note", "") or getattr(command, "comment", "")
    done = ActionRecorded(action=_verb(command), on=said.subject, note=note, by_way_of=by_way_of)
    return Said(done, f"person/{command.by}", said.id and f"{said.id}/audit")


def by_way_of(caller: Caller) -> str:
    """Through which part of the program somebody acts, as the audit says it."""
    return f"API, token {caller.name}" if caller.known else "API"


async def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


async def _reading(request: Request) -> Service:
    """Raises Problem until there is something to read."""
    found = await _service(request)
    if not found.view.is_read:
        raise Problem("not ready yet: the alerts there are have not been read to the end", 503)
    return found


AnyTime = Annotated[Service, Depends(_service)]
"""For what needs nothing of what stands."""

Serving = Annotated[Service, Depends(_reading)]
"""For everything else."""

"""What every request is answered with: the view, the rules, the log, and the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import Depends, Request

from consumers.api.errors import Problem
from consumers.api.meters import Meters
from consumers.api.ports import Outbox, Rules, Said
from consumers.api.tokens import Caller
from consumers.api.view import View
from schemas.audit import ActionRecorded
from schemas.commands import Command

LONGEST_NAME = 200
MOST_WAITING = 20


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One API. `apply_seconds` bounds how long an answer waits for what was asked to take effect."""

    view: View
    rules: Rules
    outbox: Outbox
    meters: Meters
    link_key: str | None = None
    apply_seconds: float = 5
    now: Callable[[], datetime] = field(default=_now)
    waiting: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_WAITING))

    def command(
        self, command: Command, subject: str, by_way_of: str, id: str | None = None, more: Sequence[Said] = ()
    ) -> int:
        """Puts a command on the log, with an audit of who gave it, and returns where it stands in alerting's inbox.

        `more` goes before it. Raises Problem when nobody can be called so, NotWritten.
        """
        if not command.by.isprintable() or len(command.by) > LONGEST_NAME:
            raise Problem(f"who does it is to be named in at most {LONGEST_NAME} printable characters")
        *_, offset = self.outbox.write([*more, Said(command, subject, id)])
        self.outbox.write([_audit(command, subject, by_way_of, id)])
        return offset

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


def _audit(command: Command, subject: str, by_way_of: str, id: str | None) -> Said:
    verb = command.type.removeprefix("alerting.")
    note = getattr(command, "note", "") or getattr(command, "comment", "")
    done = ActionRecorded(action=verb, on=subject, note=note, by_way_of=by_way_of)
    return Said(done, f"person/{command.by}", id and f"{id}/audit")


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

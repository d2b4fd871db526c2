"""What somebody decides at the command line, on its way to the log: with who it was, and a tick in a replay space."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from consumers.api.meters import Meters
from consumers.api.ports import NotTaken, NotWritten, Rules, Said
from consumers.api.service import Service
from consumers.api.view import View
from producers.client import Client
from producers.errors import NotSent, Refused
from schemas.processing import Tick
from schemas.topics import Space

SOURCE = "urn:backoffice:cli"

BY_WAY_OF = "command line"

WRITE_TIMEOUT = 30.0
"""Seconds a decision may take to be on the log."""


class Ledger:
    """The log as decisions reach it. See `consumers.api.ports.Outbox`."""

    def __init__(self, client: Client, space: Space, now: Callable[[], datetime]) -> None:
        self._client = client
        self._space = space
        self._now = now

    def write(self, said: Sequence[Said]) -> Sequence[int]:
        at = self._now()
        try:
            sent = [self._client.send(one.event, one.subject, source=SOURCE, id=one.id, time=at) for one in said]
            offsets = [receipt.result(WRITE_TIMEOUT).offset for receipt in sent]
            if self._space.replay:  # nobody else may close the slice: the feed is over, as a rule
                tick, where = Tick(partition=0), "partition/0"
                self._client.send(tick, where, source=SOURCE, time=at, topic="alerting", partition=0).result(
                    WRITE_TIMEOUT
                )
        except Refused as error:
            raise NotTaken(str(error)) from error
        except (NotSent, TimeoutError) as error:
            raise NotWritten(str(error)) from error
        return offsets


@contextmanager
def deciding(
    bootstrap: str, space: Space, view: View, rules: Rules, now: Callable[[], datetime], apply_seconds: float = 10
) -> Iterator[Service]:
    """The service that takes decisions, connected while the block runs. Raises producers.errors.NotSent."""
    with Client(bootstrap, space, delivery_timeout=WRITE_TIMEOUT) as client:
        yield Service(
            view=view,
            rules=rules,
            outbox=Ledger(client, space, now),
            meters=Meters(),
            apply_seconds=apply_seconds,
            now=now,
        )

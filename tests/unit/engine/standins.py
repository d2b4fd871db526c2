"""What stands in for the broker around a lane: an outbox that remembers, a changelog in a list, a fetch position."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import TopicPartition

from processors.engine import changelog, lane
from processors.engine.lane import Lane
from processors.engine.settings import EngineSettings
from processors.fold import Fold
from processors.records import Output
from processors.store import Row
from schemas.codec import HEADERS
from schemas.topics import Space
from tests.unit.core.library import library

LIVE = Space("backoffice")
REPLAY = Space("trial", replay=True)
INBOX = TopicPartition("backoffice.events.library", 2)
SETTINGS = EngineSettings("broker:9092", Path("/nowhere"))


class Came(NamedTuple):
    """A record as aiokafka fetches it."""

    offset: int
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = tuple(HEADERS)
    partition: int = INBOX.partition


class Committed(NamedTuple):
    outputs: list[Output]
    rows: list[Row]
    next_offset: int | None


@dataclass
class World:
    """Everything outside one lane."""

    changelog: list[list[Row]] = field(default_factory=list)
    group_offset: int | None = None
    happened: list[object] = field(default_factory=list)
    """opened, restored, sought, ready, Committed, closed - in the order in which they happened."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Transactions take as long as it is closed."""
    refuses: BaseException | None = None

    @property
    def commits(self) -> list[Committed]:
        return [each for each in self.happened if isinstance(each, Committed)]

    async def seek(self, tp: TopicPartition, offset: int) -> None:
        self.happened.append(("sought", tp, offset))

    async def committed_offset(self, tp: TopicPartition) -> int | None:
        return self.group_offset

    def on_ready(self) -> None:
        self.happened.append("ready")
        self.ready.set()

    def lane(self, space: Space = LIVE, kept: Fold | None = None, **settings: Any) -> Lane:
        told = replace(SETTINGS, **settings)
        return Lane(library, INBOX, space, lambda topic: 4, told, self.seek, self.committed_offset, self.on_ready, kept)

    async def eventually(self, n: int) -> None:
        """Waits for so many commits."""
        async with asyncio.timeout(5):
            while len(self.commits) < n:
                self.committed.clear()
                await self.committed.wait()


def surrounded(monkeypatch: pytest.MonkeyPatch) -> World:
    """A lane made from here on has this world around it."""
    world = World()
    world.gate.set()

    class Outbox:
        def __init__(self, *told: object) -> None:
            pass

        async def open(self) -> None:
            world.happened.append("opened")

        async def close(self) -> None:
            world.happened.append("closed")

        async def commit(self, outputs: Iterable[Output], rows: Iterable[Row], next_offset: int | None) -> None:
            await world.gate.wait()
            if world.refuses:
                raise world.refuses
            world.happened.append(Committed(list(outputs), list(rows), next_offset))
            world.committed.set()

    async def read(servers: str, topic: str, partition: int) -> AsyncIterator[list[Row]]:
        world.happened.append(("read", servers, topic, partition))
        for rows in world.changelog:
            yield rows

    monkeypatch.setattr(lane, "Outbox", Outbox)
    monkeypatch.setattr(changelog, "read", read)
    return world

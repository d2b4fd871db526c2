"""What stands in for the broker around a lane: an outbox that remembers, a changelog in a list, a fetch position."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from aiokafka import TopicPartition

from processors.engine import changelog, lane
from processors.engine.budget import Budget
from processors.engine.lane import Host, Lane
from processors.engine.outbox import partition_of
from processors.engine.progress import Progress
from processors.engine.settings import EngineSettings
from processors.fold import Fold
from processors.processor import Processor
from processors.records import Output, Record
from processors.row import Row
from processors.store import to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.topics import Space
from tests.unit.core.library import OPENING, library

LIVE = Space("backoffice")
REPLAY = Space("trial", replay=True)
INBOX = TopicPartition("backoffice.events.library", 2)
SETTINGS = EngineSettings("broker:9092", Path("/nowhere"), rule_budget=0.0, recorded=True)
"""Without a time budget, whose signal handler is the whole process's. What comes is applied as it comes."""
PARTITIONS = 4

MEMBER = next(n for n in (f"member/{m}" for m in range(100)) if partition_of(n.encode(), PARTITIONS) == INBOX.partition)
"""Whose key belongs into the lane's partition."""


def came(offset: int, event: Event, at: datetime = OPENING, member: str = MEMBER) -> Record:
    """An event as it is fetched."""
    value = encode(event, About(f"e{offset}", "/tests", member, at))
    return Record("events.library", INBOX.partition, offset, to_ms(at), member.encode(), value, HEADERS)


def garbage(offset: int) -> Record:
    """A record that nobody can read."""
    return Record("events.library", INBOX.partition, offset, to_ms(OPENING), MEMBER.encode(), b"garbage", HEADERS)


def never(lane: Lane, error: BaseException) -> None:
    raise AssertionError(f"the lane failed: {error}")


class Failures(list[BaseException]):
    """What a lane failed with."""

    def __init__(self) -> None:
        super().__init__()
        self.some = asyncio.Event()

    def __call__(self, lane: Lane, error: BaseException) -> None:
        self.append(error)
        self.some.set()


class Committed(NamedTuple):
    outputs: list[Output]
    rows: list[Row]
    next_offset: int | None
    note: str = ""


@dataclass
class World:
    """Everything outside one lane."""

    changelog: list[list[Row]] = field(default_factory=list)
    group_offset: int | None = None
    told: list[int] = field(default_factory=list)
    """What the group was told of where the partition stands."""
    tells_in: float = 60.0
    """Seconds until an outbox would tell it by itself."""
    refuses_to_be_told: BaseException | None = None
    happened: list[object] = field(default_factory=list)
    """opened, read, sought, ready, Committed, closed - in the order in which they happened."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    committed: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Transactions take as long as it is closed."""
    refuses: BaseException | None = None
    processor: Processor = library
    progress: Progress = field(default_factory=Progress)

    @property
    def commits(self) -> list[Committed]:
        return [each for each in self.happened if isinstance(each, Committed)]

    @property
    def committed_records(self) -> float:
        """As the metrics tell it."""
        told = self.progress.meters.registry.get_sample_value("backoffice_batch_records_sum", {"processor": "library"})
        return told or 0.0

    async def seek(self, tp: TopicPartition, offset: int) -> None:
        self.happened.append(("sought", tp, offset))

    async def committed_offset(self, tp: TopicPartition) -> int | None:
        return self.group_offset

    def on_ready(self) -> None:
        self.happened.append("ready")
        self.ready.set()

    def lane(
        self,
        space: Space = LIVE,
        kept: Fold | None = None,
        seek: Callable[..., Any] | None = None,
        committed: Callable[..., Any] | None = None,
        on_room: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> Lane:
        told = replace(SETTINGS, **settings)
        host = Host(
            space=space,
            settings=told,
            partitions=lambda topic: PARTITIONS,
            seek=seek or self.seek,
            committed=committed or self.committed_offset,
            on_ready=self.on_ready,
            on_room=on_room,
            budget=Budget(told.rule_budget),
        )
        return Lane(self.processor, INBOX, host, self.progress.lane(self.processor.name, INBOX), kept)

    async def begun(self, *args: Any, **settings: Any) -> Lane:
        """A lane that is ready, and must not fail."""
        lane = self.lane(*args, **settings)
        lane.start(never)
        await self.ready.wait()
        return lane

    async def eventually(self, n: int) -> None:
        """Waits for so many commits."""
        async with asyncio.timeout(60):
            while len(self.commits) < n:
                self.committed.clear()
                await self.committed.wait()


@dataclass
class Log:
    """A changelog that is open for reading: one offset per row, and one for a marker after each list."""

    world: World
    where: TopicPartition
    beginning: int = 0
    position: int = 0

    @property
    def end(self) -> int:
        return sum(len(rows) + 1 for rows in self.world.changelog)

    async def rows(self, start: int | None = None) -> AsyncIterator[list[Row]]:
        self.world.happened.append(("from", start))
        for rows in self.world.changelog:
            self.position += len(rows) + 1
            yield rows


class Outbox:
    """An outbox that writes into its world what it is asked for."""

    def __init__(self, world: World, *told: object) -> None:
        self.world = world
        self.untold: int | None = None

    def stands_at(self, offset: int) -> None:
        self.untold = offset

    def tells_in(self) -> float | None:
        return None if self.untold is None else self.world.tells_in

    async def tell(self) -> None:
        if self.world.refuses_to_be_told:
            raise self.world.refuses_to_be_told
        if self.untold is not None:
            self.world.group_offset, self.untold = self.untold, None
            self.world.told.append(self.world.group_offset)

    async def open(self) -> None:
        self.world.happened.append("opened")

    async def close(self) -> None:
        self.world.happened.append("closed")

    async def commit(
        self, outputs: Iterable[Output], rows: Iterable[Row], next_offset: int | None, note: str = ""
    ) -> int | None:
        await self.world.gate.wait()
        if self.world.refuses:
            raise self.world.refuses
        self.untold = self.untold if next_offset is None else next_offset
        commit = Committed(list(outputs), list(rows), next_offset, note)
        self.world.happened.append(commit)
        self.world.committed.set()
        return 100 * len(self.world.commits) if commit.rows else None


def surrounded(monkeypatch: pytest.MonkeyPatch) -> World:
    """A lane made from here on has this world around it."""
    world = World()
    world.gate.set()

    @asynccontextmanager
    async def opened(servers: str, topic: str, partition: int) -> AsyncIterator[Log]:
        world.happened.append(("read", servers, topic, partition))
        yield Log(world, TopicPartition(topic, partition))

    monkeypatch.setattr(lane, "Outbox", partial(Outbox, world))
    monkeypatch.setattr(changelog, "opened", opened)
    return world

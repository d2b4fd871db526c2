"""How the program itself does: who works, how far behind, which topics there are; sampled once for all pages."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from nicegui import Client, run

log = logging.getLogger(__name__)

WATCHED, UNWATCHED = 5.0, 60.0
"""Seconds between two samples while somebody looks, and while nobody does: the history has no holes."""

KEPT = 720
"""Samples of the history: an hour of looking, half a day of not."""


class Worker(NamedTuple):
    """A process in a group. `state`: Kafka's word for the group's."""

    does: str
    member: str
    host: str
    state: str
    partitions: tuple[str, ...]


class Behind(NamedTuple):
    """A partition that is read by somebody: how many records wait, and for how long the oldest has, in seconds."""

    reader: str
    topic: str
    partition: int
    records: int
    seconds: float | None


class TopicLine(NamedTuple):
    """A topic, without its space. `size` in bytes, of all copies; None where the broker does not tell."""

    name: str
    partitions: int
    replication: int
    size: int | None


class Transaction(NamedTuple):
    """A transaction that is open, or was the last of its lane."""

    id: str
    state: str
    since: datetime | None


class Vital(NamedTuple):
    """What a worker tells of itself. `wrong`: why it does not."""

    source: str
    lanes: int = 0
    restored_rows: int = 0
    restore_seconds: float = 0.0
    transactions: int = 0
    transaction_ms: float = 0.0
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is so at an instant. `wrong`: what could not be asked, and why."""

    at: datetime
    workers: tuple[Worker, ...] = ()
    behind: tuple[Behind, ...] = ()
    topics: tuple[TopicLine, ...] = ()
    drift: tuple[str, ...] = ()
    """How the topics differ from what is specified."""
    transactions: tuple[Transaction, ...] = ()
    vitals: tuple[Vital, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()


class Lagged(NamedTuple):
    """A point of the history: how many records waited, by who reads them."""

    at: datetime
    records: Mapping[str, int]


Show = Callable[[Snapshot], None]


class Sampler:
    """Samples for as long as the program runs, more often while a page shows it."""

    def __init__(self, take: Callable[[], Snapshot]) -> None:
        self._take = take
        self._pages: list[tuple[Client, Show]] = []
        self._watched = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.last: Snapshot | None = None
        self.history: deque[Lagged] = deque(maxlen=KEPT)

    def watch(self, client: Client, show: Show) -> None:
        """Shows a page what was seen last, and what is seen from now on."""
        page = (client, show)
        self._pages.append(page)
        client.on_delete(lambda: self._pages.remove(page) if page in self._pages else None)
        self._watched.set()
        if self.last is not None:
            show(self.last)

    async def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._watched.clear()
            seen = await run.io_bound(self._take)
            if seen is None:
                return  # the program ends
            self.last = seen
            self.history.append(Lagged(seen.at, _summed(seen)))
            self._push(seen)
            await self._pause()

    async def _pause(self) -> None:
        if self._pages:
            await asyncio.sleep(WATCHED)
            return
        try:
            await asyncio.wait_for(self._watched.wait(), UNWATCHED)
        except TimeoutError:
            return

    def _push(self, seen: Snapshot) -> None:
        for client, show in list(self._pages):
            try:
                with client:
                    show(seen)
            except Exception:
                log.exception("the page %s could not show how the system does", client.page.path)


def _summed(seen: Snapshot) -> Mapping[str, int]:
    records: dict[str, int] = {}
    for one in seen.behind:
        records[one.reader] = records.get(one.reader, 0) + one.records
    return records


def in_bytes(size: int | None) -> str:
    """`12.3 MiB`."""
    if size is None:
        return "unknown"
    amount = float(size)
    for unit in ("B", "KiB", "MiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GiB"

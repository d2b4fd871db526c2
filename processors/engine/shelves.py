"""Which shelf a partition's rows rest on: in memory, or in RocksDB when there are more than memory holds."""

import asyncio
from datetime import UTC, datetime
from threading import Lock

from processors.engine.changelog import Changelog
from processors.engine.settings import EngineSettings
from processors.processor import Processor
from processors.shelf import MemoryShelf, Shelf
from schemas.topics import CHANGELOG_DELETE_RETENTION, Space
from schemas.topics import changelog as changelog_of


class TopicIds:
    """What tells a changelog from one of the same name that was deleted. Asked once for all lanes of an assignment."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ids: dict[str, str] = {}

    def of(self, bootstrap_servers: str, space: Space, topic: str) -> str:
        """From any thread. Raises kafka.errors.KafkaError."""
        with self._lock:
            if topic not in self._ids:
                self._ids = _topic_ids(bootstrap_servers, space.topic(changelog_of("")))
            return self._ids[topic]


def _topic_ids(bootstrap_servers: str, prefix: str) -> dict[str, str]:
    """The ids of all topics whose names begin like this; aiokafka does not ask for them."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","))
    try:
        names = [topic for topic in admin.list_topics() if topic.startswith(prefix)]
        return {topic["name"]: str(topic["topic_id"]) for topic in admin.describe_topics(names)}
    finally:
        admin.close()


async def open_shelf(
    settings: EngineSettings, space: Space, processor: Processor, log: Changelog, ids: TopicIds
) -> tuple[Shelf, int | None]:
    """The shelf of a changelog's partition, and the offset from which that is to be read on (None: its beginning).

    Raises StateDirectory when the disk will not have it.
    """
    if settings.store == "memory":
        return MemoryShelf(), None
    opening = asyncio.ensure_future(asyncio.to_thread(_on_disk, settings, space, processor, log, ids))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        shelf, _ = await opening  # a thread cannot be stopped, and left open the next lane would not get the directory
        shelf.close()
        raise


async def keep(shelf: Shelf, position: int | None) -> None:
    """What was put stays. A disk may be slow: the other lanes go on meanwhile."""
    if isinstance(shelf, MemoryShelf):
        shelf.commit(position)
    else:
        await asyncio.to_thread(shelf.commit, position)


def _on_disk(
    settings: EngineSettings, space: Space, processor: Processor, log: Changelog, ids: TopicIds
) -> tuple[Shelf, int | None]:
    from processors.engine.rocks import RocksShelf, memory_of  # loaded only where it is wanted

    folder = settings.state_dir / space.name / processor.name / str(log.where.partition)
    topic = ids.of(settings.bootstrap_servers, space, log.where.topic)
    identity = f"{topic}/{processor.name}/{processor.version}"
    shelf = RocksShelf.open(folder, identity, memory_of(settings.state_memory))
    if why := shelf.outdated(log.beginning, log.end, CHANGELOG_DELETE_RETENTION, datetime.now(UTC)):
        shelf.wipe(why)
    return shelf, shelf.position

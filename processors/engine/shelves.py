"""Which shelf a partition's rows rest on: in memory, or in RocksDB when there are more than memory holds."""

import asyncio
from datetime import UTC, datetime

from processors.engine.changelog import Changelog
from processors.engine.settings import EngineSettings
from processors.processor import Processor
from processors.shelf import MemoryShelf, Shelf
from schemas.topics import CHANGELOG_DELETE_RETENTION, Space


async def open_shelf(
    settings: EngineSettings, space: Space, processor: Processor, log: Changelog
) -> tuple[Shelf, int | None]:
    """The shelf of a changelog's partition, and the offset from which that is to be read on (None: its beginning).

    Raises StateDirectory when the disk will not have it.
    """
    if settings.store == "memory":
        return MemoryShelf(), None
    opening = asyncio.ensure_future(asyncio.to_thread(_on_disk, settings, space, processor, log))
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


def _on_disk(settings: EngineSettings, space: Space, processor: Processor, log: Changelog) -> tuple[Shelf, int | None]:
    from processors.engine.rocks import RocksShelf, memory_of  # loaded only where it is wanted

    folder = settings.state_dir / space.name / processor.name / str(log.where.partition)
    identity = f"{_topic_id(settings.bootstrap_servers, log.where.topic)}/{processor.name}/{processor.version}"
    shelf = RocksShelf.open(folder, identity, memory_of(settings.state_memory))
    if why := shelf.outdated(log.beginning, log.end, CHANGELOG_DELETE_RETENTION, datetime.now(UTC)):
        shelf.wipe(why)
    return shelf, shelf.position


def _topic_id(bootstrap_servers: str, topic: str) -> str:
    """What tells a topic from one of the same name that was deleted; aiokafka does not ask for it."""
    from kafka import KafkaAdminClient

    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","))
    try:
        (described,) = admin.describe_topics([topic])
        return str(described["topic_id"])
    finally:
        admin.close()

"""Which shelf a partition's rows rest on, what is read again after a restart, and that a lane lets go of its own."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from processors.engine import shelves
from processors.engine.rocks import RocksShelf
from processors.engine.settings import EngineSettings
from processors.engine.shelves import TopicIds, open_shelf
from processors.engine.state_directory import StateDirectory
from processors.row import ROOT, Row
from processors.shelf import MemoryShelf, Shelf
from tests.unit.core.library import BookLent, BookReturned, Member, library, minutes
from tests.unit.engine.standins import INBOX, LIVE, MEMBER, REPLAY, SETTINGS, Failures, World, came, surrounded

WHERE = TopicPartition("backoffice.changelog.library", INBOX.partition)


class Log:
    """A changelog of which only the ends matter."""

    def __init__(self, beginning: int = 0, end: int = 100) -> None:
        self.where = WHERE
        self.beginning = beginning
        self.end = end


@pytest.fixture
def topic_ids(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the broker says: a topic that was deleted and made again has another id."""
    ids = {WHERE.topic: "first", "trial.changelog.library": "trial"}
    monkeypatch.setattr(shelves, "_topic_ids", lambda servers, prefix: ids)
    return ids


@pytest.fixture
def on_disk(tmp_path: Path, topic_ids: dict[str, str]) -> EngineSettings:
    return replace(SETTINGS, data_dir=tmp_path, store="rocksdb", state_memory=4 * 1024 * 1024)


def opened(settings: EngineSettings, log: Any = None, **changed: Any) -> tuple[Shelf, int | None]:
    processor = replace(library, **changed)
    return asyncio.run(open_shelf(settings, LIVE, processor, log or Log(), TopicIds()))  # type: ignore[arg-type]


def written(settings: EngineSettings, position: int = 60) -> None:
    """A disk with one row that stands at an offset of the changelog."""
    shelf, _ = opened(settings)
    shelf.put(MEMBER, ROOT, "", b"{}", None)
    shelf.commit(position)
    shelf.close()


def found(settings: EngineSettings, log: Any = None, **changed: Any) -> tuple[bytes | None, int | None]:
    """The row and the offset that a next run finds."""
    shelf, start = opened(settings, log, **changed)
    try:
        return shelf.get(MEMBER, ROOT, ""), start
    finally:
        shelf.close()


def test_the_ids_of_all_changelogs_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(servers: str, prefix: str) -> dict[str, str]:
        asked.append(prefix)
        return {f"{prefix}hr": "one", f"{prefix}it": "two"}

    monkeypatch.setattr(shelves, "_topic_ids", answer)
    ids = TopicIds()
    assert [ids.of("broker:9092", LIVE, LIVE.topic(f"changelog.{name}")) for name in ("hr", "it")] == ["one", "two"]
    assert asked == ["backoffice.changelog."]


def test_in_memory_the_changelog_is_read_from_its_beginning() -> None:
    shelf, start = opened(SETTINGS)
    assert isinstance(shelf, MemoryShelf)
    assert start is None


def test_memory_leaves_the_disk_alone(tmp_path: Path) -> None:
    opened(replace(SETTINGS, data_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_new_disk_is_filled_from_the_beginning(on_disk: EngineSettings) -> None:
    shelf, start = opened(on_disk)
    assert isinstance(shelf, RocksShelf)
    assert start is None
    shelf.close()
    assert (on_disk.state_dir / "backoffice" / "library" / "2").is_dir()


def test_a_disk_goes_on_from_where_it_stands(on_disk: EngineSettings) -> None:
    written(on_disk, 60)
    assert found(on_disk) == (b"{}", 60)


@pytest.mark.parametrize(
    "log", [Log(0, 59), Log(61, 100)], ids=["ahead of its changelog", "behind what its changelog still has"]
)
def test_a_disk_that_its_changelog_does_not_lead_to_is_emptied(on_disk: EngineSettings, log: Log) -> None:
    written(on_disk, 60)
    assert found(on_disk, log) == (None, None)


def test_a_disk_of_a_topic_that_was_deleted_is_emptied(on_disk: EngineSettings, topic_ids: dict[str, str]) -> None:
    written(on_disk)
    topic_ids[WHERE.topic] = "second"
    assert found(on_disk) == (None, None)


def test_a_disk_of_an_earlier_version_of_the_rules_is_emptied(on_disk: EngineSettings) -> None:
    written(on_disk)
    assert found(on_disk, version=library.version + 1) == (None, None)


def test_spaces_and_partitions_do_not_meet_on_a_disk(on_disk: EngineSettings) -> None:
    written(on_disk)
    shelf, start = asyncio.run(open_shelf(on_disk, REPLAY, library, Log(), TopicIds()))  # type: ignore[arg-type]
    assert (shelf.get(MEMBER, ROOT, ""), start) == (None, None)
    shelf.close()


def test_a_disk_that_cannot_be_used_is_an_error(on_disk: EngineSettings) -> None:
    on_disk.state_dir.write_text("a file where a directory should be")
    with pytest.raises(StateDirectory, match="state directory"):
        opened(on_disk)


# In a lane


async def _lent(world: World, on_disk: EngineSettings, *books: str) -> None:
    """A lane lends books, commits them one by one and ends."""
    lane = await world.begun(LIVE, store="rocksdb", data_dir=on_disk.data_dir, state_memory=on_disk.state_memory)
    for book in books:
        at, commits = lane.position, len(world.commits)
        lane.feed([came(at, BookLent(book=book, due=minutes(10_000_000)))], at, at + 1)
        await world.eventually(commits + 1)
    await lane.stop()
    assert lane.fold is None, "a closed shelf is of no use to the next lane"
    world.ready.clear()


def test_a_lane_ends_with_its_disk_free_for_the_next(on_disk: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        await _lent(world, on_disk, "dune", "emma")
        assert world.happened[-1] == "closed"
        world.changelog = [[Row(b"rows that need not be read", b"", None)] * 200]
        shelf, start = await open_shelf(on_disk, LIVE, library, Log(0, 1_000), TopicIds())  # type: ignore[arg-type]
        assert start == 200, "the end of the rows of its last transaction, as the outbox told it"
        assert set(shelf.entries(MEMBER, "loans")) == {"dune", "emma"}
        shelf.close()

    asyncio.run(story(surrounded(monkeypatch)))


def test_a_lane_reads_only_what_its_disk_does_not_have(
    on_disk: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(world: World) -> None:
        await _lent(world, on_disk, "dune")
        world.changelog = [[] for _ in range(150)]
        world.happened.clear()
        lane = await world.begun(LIVE, store="rocksdb", data_dir=on_disk.data_dir, state_memory=on_disk.state_memory)
        assert ("from", 100) in world.happened
        assert (lane.position, lane.restored_rows) == (1, 0)
        lane.feed([came(1, BookReturned(book="dune"))], 1, 2)
        await world.eventually(1)
        assert lane._fold is not None
        member = lane._fold.states()[MEMBER]
        assert isinstance(member, Member)
        assert not member.loans
        await lane.stop()

    asyncio.run(story(surrounded(monkeypatch)))


@pytest.mark.parametrize("where", ["restoring", "committing"])
def test_a_lane_that_fails_lets_go_of_its_disk(
    on_disk: EngineSettings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """And what was not committed is not on it."""

    async def story(world: World) -> None:
        failures = Failures()
        lane = world.lane(LIVE, store="rocksdb", data_dir=on_disk.data_dir, state_memory=on_disk.state_memory)
        if where == "restoring":
            world.changelog = [[Row(b"foreign", b"{}", None)]]
        world.refuses = RuntimeError("fenced")
        lane.start(failures)
        if where == "committing":
            await world.ready.wait()
            lane.feed([came(0, BookLent(book="dune", due=minutes(60)))], 0, 1)
        await failures.some.wait()
        await lane.stop()
        shelf, start = await open_shelf(on_disk, LIVE, library, Log(), TopicIds())  # type: ignore[arg-type]
        assert (list(shelf.keys()), start) == ([], None)
        shelf.close()

    asyncio.run(story(surrounded(monkeypatch)))


def test_a_disk_that_cannot_be_used_ends_the_lane(on_disk: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(world: World) -> None:
        on_disk.state_dir.write_text("a file where a directory should be")
        failures = Failures()
        lane = world.lane(LIVE, store="rocksdb", data_dir=on_disk.data_dir)
        lane.start(failures)
        await failures.some.wait()
        assert isinstance(failures[0], StateDirectory)
        await lane.stop()
        assert world.happened[-1] == "closed"

    asyncio.run(story(surrounded(monkeypatch)))


def test_a_disk_is_opened_beside_the_event_loop(on_disk: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recovery of a large one takes seconds, in which the other lanes go on."""
    where: list[threading.Thread] = []
    original = RocksShelf.open.__func__  # type: ignore[attr-defined]

    def told(cls: type[RocksShelf], *args: Any) -> Any:
        where.append(threading.current_thread())
        return original(cls, *args)

    monkeypatch.setattr(RocksShelf, "open", classmethod(told))
    opened(on_disk)[0].close()
    assert where != [threading.main_thread()]
    assert len(where) == 1

"""Reading a changelog back: to where the position is at its end, for the last thing in it is a transaction marker."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from aiokafka import TopicPartition

from processors.engine import changelog
from processors.store import Row
from tests.unit.core.library import minutes

WHERE = TopicPartition("backoffice.changelog.library", 2)


class Consumer:
    """A group-less consumer of one partition with records at some offsets and markers at the others."""

    made: ClassVar["list[Consumer]"] = []
    begins, ends = 0, 0
    fetches: ClassVar[list[tuple[list[int], int]]] = []
    """What each fetch gives: the offsets of records, and the position after it."""

    def __init__(self, **told: Any) -> None:
        self.told, self.at, self.stopped = told, 0, False
        self.left = list(type(self).fetches)
        self.made.append(self)

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        self.stopped = True

    def assign(self, partitions: list[TopicPartition]) -> None:
        assert partitions == [WHERE]

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {WHERE: self.ends}

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {WHERE: self.begins}

    def seek(self, where: TopicPartition, offset: int) -> None:
        self.at = offset

    async def position(self, where: TopicPartition) -> int:
        return self.at

    async def getmany(self, where: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        offsets, self.at = self.left.pop(0)
        rows = [SimpleNamespace(key=b"%d" % n, value=b"x", headers=(("until", b"1767600000000"),)) for n in offsets]
        return {WHERE: rows} if rows else {}


def read(monkeypatch: pytest.MonkeyPatch, begins: int, ends: int, *fetches: tuple[list[int], int]) -> list[list[Row]]:
    Consumer.begins, Consumer.ends, Consumer.fetches = begins, ends, list(fetches)
    Consumer.made.clear()
    monkeypatch.setattr(changelog, "AIOKafkaConsumer", Consumer)

    async def story() -> list[list[Row]]:
        return [rows async for rows in changelog.read("broker:9092", *WHERE)]

    found = asyncio.run(story())
    (consumer,) = Consumer.made
    assert consumer.stopped
    assert consumer.told["isolation_level"] == "read_committed"
    assert not consumer.told["enable_auto_commit"]
    assert "group_id" not in consumer.told
    assert consumer.left == [], "it stopped too early"
    return found


def test_it_reads_over_the_marker_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, 0, 5, ([0, 1], 2), ([], 3), ([3], 5))
    assert [[row.key for row in rows] for rows in found] == [[b"0", b"1"], [], [b"3"]]


def test_an_empty_changelog_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, 0, 0) == []
    assert read(monkeypatch, 7, 7) == []


def test_it_begins_where_the_broker_still_has_something(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(read(monkeypatch, 4, 6, ([4], 6))) == 1
    assert Consumer.made[0].at == 6


def test_a_row_says_when_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, 0, 1, ([0], 1)) == [[Row(b"0", b"x", minutes(0))]]


def test_the_consumer_is_stopped_when_reading_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    Consumer.begins, Consumer.ends, Consumer.fetches = 0, 5, [([0], 1)]
    Consumer.made.clear()
    monkeypatch.setattr(changelog, "AIOKafkaConsumer", Consumer)

    async def story() -> None:
        async for _ in changelog.read("broker:9092", *WHERE):
            pass

    with pytest.raises(IndexError):  # the stand-in has nothing more to give
        asyncio.run(story())
    assert Consumer.made[0].stopped

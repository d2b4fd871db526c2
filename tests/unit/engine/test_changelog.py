"""Reading a changelog back: to where the position is at its end, for the last thing in it is a transaction marker."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from aiokafka import TopicPartition

from processors.engine import changelog
from processors.engine.changelog import Changelog
from processors.row import Row
from tests.unit.core.library import minutes

WHERE = TopicPartition("backoffice.changelog.library", 2)


class Consumer:
    """A group-less consumer of one partition with records at some offsets and markers at the others."""

    made: ClassVar["list[Consumer]"] = []
    begins, ends = 0, 0
    fetches: ClassVar[list[tuple[list[int], int]]] = []
    """What each fetch gives: the offsets of records, and the position after it."""

    def __init__(self, **told: Any) -> None:
        self.told, self.at, self.stopped = told, -1, False
        self.sought: list[int] = []
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
        self.sought.append(offset)
        self.at = offset

    async def position(self, where: TopicPartition) -> int:
        return self.at

    async def getmany(self, where: TopicPartition, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        offsets, self.at = self.left.pop(0)
        rows = [SimpleNamespace(key=b"%d" % n, value=b"x", headers=(("until", b"1767600000000"),)) for n in offsets]
        return {WHERE: rows} if rows else {}


class Reading:
    """What was read, and where it stood after each list."""

    def __init__(self, log: Changelog) -> None:
        self.log = log
        self.rows: list[list[Row]] = []
        self.positions: list[int] = []


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    Consumer.made.clear()
    monkeypatch.setattr(changelog, "AIOKafkaConsumer", Consumer)


def read(begins: int, ends: int, *fetches: tuple[list[int], int], start: int | None = None) -> Reading:
    Consumer.begins, Consumer.ends, Consumer.fetches = begins, ends, list(fetches)

    async def story() -> Reading:
        async with changelog.opened("broker:9092", *WHERE) as log:
            reading = Reading(log)
            async for rows in log.rows(start):
                reading.rows.append(rows)
                reading.positions.append(log.position)
            return reading

    found = asyncio.run(story())
    consumer = Consumer.made[-1]
    assert consumer.stopped
    assert consumer.left == [], "it stopped too early"
    return found


pytestmark = pytest.mark.usefixtures("prepared")


def test_it_reads_over_the_marker_at_the_end() -> None:
    found = read(0, 5, ([0, 1], 2), ([], 3), ([3], 5))
    assert [[row.key for row in rows] for rows in found.rows] == [[b"0", b"1"], [], [b"3"]]


def test_after_each_list_its_position_is_what_comes_next() -> None:
    found = read(0, 5, ([0, 1], 2), ([], 3), ([3], 5))
    assert found.positions == [2, 3, 5]
    assert found.log.position == 5


def test_it_tells_where_the_log_begins_and_ends() -> None:
    log = read(4, 6, ([4], 6)).log
    assert (log.where, log.beginning, log.end) == (WHERE, 4, 6)


def test_an_empty_changelog_is_not_waited_for() -> None:
    for where in (0, 7):
        found = read(where, where)
        assert (found.rows, found.log.position) == ([], where)


def test_it_begins_where_the_broker_still_has_something() -> None:
    assert len(read(4, 6, ([4], 6)).rows) == 1
    assert Consumer.made[0].sought == [4]


def test_it_reads_on_from_where_a_disk_stands() -> None:
    found = read(0, 9, ([6, 7], 9), start=6)
    assert [row.key for row in found.rows[0]] == [b"6", b"7"]
    assert Consumer.made[0].sought == [6]


def test_a_disk_that_has_everything_asks_for_nothing() -> None:
    found = read(0, 9, start=9)
    assert (found.rows, found.log.position) == ([], 9)


def test_a_row_says_when_it_expires() -> None:
    assert read(0, 1, ([0], 1)).rows == [[Row(b"0", b"x", minutes(0))]]


@pytest.mark.parametrize("headers", [(), [], (("trace", b"1"),)], ids=["none", "none in a list", "others"])
def test_a_row_without_that_header_stays(headers: Any) -> None:
    record = SimpleNamespace(key=b"k", value=None, headers=headers)
    assert changelog._rows([record]) == [Row(b"k", None, None)]


def test_only_what_was_committed_is_read_and_nobody_is_told() -> None:
    read(0, 1, ([0], 1))
    told = Consumer.made[0].told
    assert told["isolation_level"] == "read_committed"
    assert not told["enable_auto_commit"]
    assert "group_id" not in told


def test_the_consumer_is_stopped_when_reading_is_given_up() -> None:
    with pytest.raises(IndexError):  # the stand-in has nothing more to give
        read(0, 5, ([0], 1))
    assert Consumer.made[0].stopped


def test_the_consumer_is_stopped_when_the_broker_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(consumer: Consumer, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        raise ConnectionError("the broker is away")

    monkeypatch.setattr(Consumer, "beginning_offsets", away)
    with pytest.raises(ConnectionError):
        read(0, 5)
    assert Consumer.made[0].stopped

"""What is changed in aiokafka, each with its reason. Both concern this whole process, which is a worker's own."""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.producer import sender

from processors.records import Record
from schemas.topics import Space

CONCURRENT_TRANSACTIONS_BACKOFF = 0.002
"""Seconds. The broker answers CONCURRENT_TRANSACTIONS while it writes the markers of a producer's last transaction,
which takes a millisecond or two; aiokafka's hard-coded wait is 20 ms."""


_new = tuple.__new__


def install(space: Space) -> None:
    """Makes the overrides; what is fetched from now on comes as `Record`, named within this space."""
    sender.BACKOFF_OVERRIDE = CONCURRENT_TRANSACTIONS_BACKOFF
    fetcher.PartitionRecords = type("Records", (_Records,), {"space": space})


class _Records(fetcher.PartitionRecords):  # type: ignore[misc]
    """Makes our records at once: aiokafka's have eleven fields, most of which nobody asks for."""

    space: Space

    def __init__(self, tp: Any, *rest: Any, **named: Any) -> None:
        super().__init__(tp, *rest, **named)
        self._topic = self.space.short(tp.topic)

    def __iter__(self) -> Iterator[Record]:
        """The generator itself: aiokafka asks it through a method of its own, once per record."""
        records: Iterator[Record] = self._records_iterator
        return records

    def _consumer_record(self, tp: Any, record: Any) -> Record:
        fields = (self._topic, tp[1], record.offset, record.timestamp, record.key, record.value, record.headers, True)
        return _new(Record, fields)  # what Record(...) does, at half of its cost

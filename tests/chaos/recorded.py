"""The recorded log of an inbox, written again: the same partitions, offsets, times, keys, values and headers.

Offsets without a record (markers of transactions, what was aborted) are made again as well: ids are made of offsets.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from confluent_kafka import Producer

from schemas.topics import Space
from tests.chaos.spaces import end_offsets
from tests.kafka.program import eventually
from tests.kafka.topics import Stood, records


class Run(NamedTuple):
    """Records without a hole between them, and how many offsets without a record follow."""

    partition: int
    records: list[Stood]
    hole: int


def runs(log: Sequence[Stood]) -> list[Run]:
    """One partition's log, from its beginning, as runs; the first has no records when the log begins with a hole."""
    found = [Run(log[0].partition, [], 0)]
    expected = 0
    for record in log:
        if record.offset != expected:
            found[-1] = found[-1]._replace(hole=record.offset - expected)
            found.append(Run(record.partition, [], 0))
        found[-1].records.append(record)
        expected = record.offset + 1
    return found


def copy(bootstrap: str, source: Space, target: Space, inboxes: Iterable[str]) -> None:
    """Writes these inboxes of one space into the empty ones of a replay space; returns once the logs are equal."""
    copier = _Copier(bootstrap, target)
    for inbox in inboxes:
        log = _read(bootstrap, source, inbox)
        copier.write(inbox, [runs(list(part)) for _, part in groupby(log, key=lambda r: r.partition)])
        eventually(lambda inbox=inbox: _read(bootstrap, target, inbox), lambda made, log=log: _same(made, log))  # type: ignore[misc]


def _read(bootstrap: str, space: Space, inbox: str) -> list[Stood]:
    return sorted(records(bootstrap, space.topic(inbox)), key=lambda r: (r.partition, r.offset))


def _same(made: Sequence[Stood], log: Sequence[Stood]) -> bool:
    """Whether they differ in nothing but the space. Raises AssertionError when waiting will not make it so."""
    assert all(m[1:] == r[1:] for m, r in zip(made, log, strict=False) if m[1:3] == r[1:3]), "the copy is another log"
    return [m[1:] for m in made] == [r[1:] for r in log]


class _Copier:
    """A hole of one offset is the marker of a committed transaction; a larger one, records that were aborted."""

    def __init__(self, bootstrap: str, target: Space) -> None:
        self._bootstrap = bootstrap
        self._target = target
        self._plain = Producer({"bootstrap.servers": bootstrap})
        self._transactional = Producer({"bootstrap.servers": bootstrap, "transactional.id": f"{target.name}.copier"})
        self._transactional.init_transactions(60)

    def write(self, inbox: str, partitions: Sequence[Sequence[Run]]) -> None:
        """The n-th runs of all partitions together: a transaction may be in many."""
        topic = self._target.topic(inbox)
        for row in zip_longest(*partitions):
            present = [run for run in row if run is not None]
            large = [run for run in present if run.hole > 1]
            self._commit(topic, [run for run in present if run.hole <= 1])
            if large:
                self._settle(topic, large)
                self._send(self._plain, topic, large)
                assert self._plain.flush(60) == 0
                self._abort(topic, large)

    def _commit(self, topic: str, runs: Sequence[Run]) -> None:
        """Each run, and the marker behind it; behind the last of a partition one more than there was does no harm."""
        if runs:
            self._transactional.begin_transaction()
            self._send(self._transactional, topic, runs)
            self._transactional.commit_transaction(60)

    def _abort(self, topic: str, runs: Sequence[Run]) -> None:
        self._transactional.begin_transaction()
        for run in runs:
            for _ in range(run.hole - 1):
                self._transactional.produce(topic, b"aborted", partition=run.partition)
        assert self._transactional.flush(60) == 0
        self._transactional.abort_transaction(60)

    def _settle(self, topic: str, runs: Sequence[Run]) -> None:
        """A marker is written some time after its transaction was committed; only transactions wait for it."""
        wanted = {(topic, run.partition): run.records[0].offset for run in runs if run.records}
        eventually(lambda: end_offsets(self._bootstrap, [topic]), lambda ends: wanted.items() <= ends.items())

    @staticmethod
    def _send(producer: Producer, topic: str, runs: Iterable[Run]) -> None:
        for r in (record for run in runs for record in run.records):
            producer.produce(topic, r.value, r.key, r.partition, timestamp=r.timestamp, headers=list(r.headers))
            producer.poll(0)

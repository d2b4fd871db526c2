"""Waiting until the processors have passed certain records: by the offsets their group has committed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from kafka import TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)

PATIENCE = 90.0
"""Seconds without any progress after which waiting has no sense: longer than a crashed worker takes to be back."""

PATIENCE_WITH_WORKERS = 900.0
"""The same while workers are there: a record that lets very many deadlines pass is one transaction, and takes long."""

POLL = 0.005

NO_COORDINATOR = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
"""A fresh broker makes its topic of offsets when the first group comes; later the coordinator may move."""


class NotDrained(Exception):
    """The processors make no progress; the text says where they stand."""


class Drain:
    """Watches one consumer group through an admin client (kafka-python's)."""

    def __init__(
        self,
        admin: Any,
        group: str,
        between: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
        with_workers: float = PATIENCE_WITH_WORKERS,
    ) -> None:
        """`between` is called before each look; patience in seconds, while nobody works and while somebody does."""
        self._admin = admin
        self._group = group
        self._between = between
        self._patience = patience
        self._with_workers = with_workers

    def _standing(self) -> dict[TopicPartition, Any]:
        """Offset and note of each partition; nothing while the group has no coordinator."""
        try:
            return dict(self._admin.list_group_offsets({self._group: None})[self._group])
        except NO_COORDINATOR:
            return {}

    def wait_past(self, records: Mapping[TopicPartition, int]) -> dict[TopicPartition, str]:
        """Returns once the group has committed beyond each of these offsets: the note beside each that is known.

        Raises NotDrained.
        """
        waiting = dict(records)
        stands: dict[TopicPartition, Any] = {}
        seen: dict[TopicPartition, Any] = {}
        moved_at = time.monotonic()
        while waiting:
            self._between()
            stands = self._standing()
            committed = {tp: found.offset for tp, found in stands.items()}
            waiting = {tp: offset for tp, offset in waiting.items() if committed.get(tp, 0) <= offset}
            if not waiting:
                break
            if stands != seen:  # within a slice only the note moves
                seen, moved_at = stands, time.monotonic()
            elif self._too_long(stood := time.monotonic() - moved_at):
                raise NotDrained(self._explain(waiting, committed, stood))
            time.sleep(POLL)
        return {tp: found.metadata or "" for tp, found in stands.items()}

    def _too_long(self, stood: float) -> bool:
        return stood > self._patience and (stood > self._with_workers or not self._has_workers())

    def _has_workers(self) -> bool:
        try:
            return bool(self._admin.describe_groups([self._group])[self._group].get("members"))
        except KafkaError:
            return False

    def _explain(
        self, waiting: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, int], stood: float
    ) -> str:
        where = ", ".join(
            f"{tp.topic}/{tp.partition} stands at {committed.get(tp, 0)} of {offset + 1}"
            for tp, offset in sorted(waiting.items())[:4]
        )
        return (
            f"no progress for {stood:.0f} s: {where}. Is a worker running for group {self._group}? "
            "Its log says why it ended, if it did."
        )

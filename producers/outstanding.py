"""What was handed to a producer and is neither confirmed nor given up: bounded, and settled once each."""

import time

from producers.buffer import Bounded
from producers.delivery import Delivered, OnDelivery, Outgoing, Receipt
from producers.errors import NotSent


class Pending:
    """One record on its way. `producer` is the number of the producer that has it, `since` when it was given to it
    (seconds, monotonic)."""

    __slots__ = ("number", "on_delivery", "producer", "receipt", "record", "since", "size")

    def __init__(self, number: int, record: Outgoing, on_delivery: OnDelivery | None, producer: int) -> None:
        self.number = number
        self.record = record
        self.size = record.size
        self.receipt = Receipt(record.id)
        self.on_delivery = on_delivery
        self.producer = producer
        self.since = time.monotonic()


class Outstanding:
    """Records on their way, in the order sent. Room is taken before one is added and given back when it is settled.

    `add` is called by one thread at a time; the rest by any, also by the producer's own.
    """

    def __init__(self, max_records: int, max_bytes: int) -> None:
        self.room = Bounded(max_records, max_bytes)
        self._pending: dict[int, Pending] = {}
        self._added = 0
        self._unreported: list[Receipt] = []

    def __len__(self) -> int:
        return self.room.records

    def add(self, record: Outgoing, on_delivery: OnDelivery | None, producer: int) -> Pending:
        self._added += 1
        pending = self._pending[self._added] = Pending(self._added, record, on_delivery, producer)
        return pending

    def withdraw(self, pending: Pending) -> None:
        """As if it had never been added; its room is still taken."""
        del self._pending[pending.number]

    def has(self, pending: Pending) -> bool:
        return pending.number in self._pending

    def left(self) -> list[Pending]:
        """All of them, in the order sent."""
        return [pending for _, pending in sorted(self._pending.items())]

    def settle(self, pending: Pending, outcome: Delivered | NotSent) -> None:
        """The outcome of a record, and its room for another; only the first outcome counts."""
        if self._pending.pop(pending.number, None) is None:
            return
        try:
            if isinstance(outcome, Delivered):
                pending.receipt.set_result(outcome)
            else:
                pending.receipt.set_exception(outcome)
                if pending.on_delivery is None:
                    self._unreported.append(pending.receipt)
            if pending.on_delivery is not None:
                pending.on_delivery(pending.receipt)
        finally:
            self.room.release(pending.size)

    def take_problems(self) -> list[NotSent]:
        """What failed and was looked at by nobody since this was last asked."""
        unreported, self._unreported = self._unreported, []
        return [problem for r in unreported if not r.looked_at and isinstance(problem := r.exception(), NotSent)]

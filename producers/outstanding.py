"""What was handed to a producer and is neither confirmed nor given up: bounded, and settled once each."""

import logging
import time
from typing import Any

from producers.buffer import Bounded
from producers.delivery import Delivered, OnDelivery, Outgoing, Receipt, delivered
from producers.errors import NotSent

_log = logging.getLogger(__name__)


class Pending:
    """One record on its way. `future` is kafka-python's, `since` when the record was given to a producer (seconds,
    monotonic)."""

    __slots__ = ("future", "number", "on_delivery", "receipt", "record", "since", "size")

    def __init__(self, number: int, record: Outgoing, on_delivery: OnDelivery | None, future: Any) -> None:
        self.number = number
        self.record = record
        self.size = record.size
        self.receipt = Receipt(record.id)
        self.on_delivery = on_delivery
        self.future = future
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

    def add(self, record: Outgoing, on_delivery: OnDelivery | None, future: Any) -> Pending:
        self._added += 1
        pending = self._pending[self._added] = Pending(self._added, record, on_delivery, future)
        return pending

    def left(self) -> list[Pending]:
        """All of them, in the order sent."""
        return [pending for _, pending in sorted(self._pending.items())]

    def unconfirmed(self) -> list[Pending]:
        """Those of them that the broker is not known to have: a confirmation may be about to be settled."""
        return [pending for pending in self.left() if not pending.future.succeeded()]

    def confirmed(self, pending: Pending, metadata: object) -> None:
        """As a callback of kafka-python's: `metadata` says where the record stands."""
        self.settle(pending, delivered(metadata))

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
        except Exception:  # noqa: BLE001 - the sender's own; the records behind this one must be settled all the same
            _log.exception("on_delivery of %s failed", pending.record)
        finally:
            self.room.release(pending.size)

    def take_problems(self) -> list[NotSent]:
        """What failed and was looked at by nobody since this was last asked."""
        unreported, self._unreported = self._unreported, []
        return [problem for r in unreported if not r.looked_at and isinstance(problem := r.exception(), NotSent)]

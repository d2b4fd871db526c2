"""The answer, worked out from what was generated and nothing else: which events alert, how many are invalid."""

from collections import Counter
from dataclasses import dataclass, field

from benchmarks.invoices import Sent
from benchmarks.job import AFTER, FACTOR


@dataclass(slots=True)
class _Vendor:
    count: int = 0
    total: int = 0
    seen: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Expected:
    """What a right contender says of a log: `alerts` counts (subject, event id) pairs, `dead` counts values.

    With `drop_duplicates` a second event with the same id changes nothing.
    """

    drop_duplicates: bool
    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    dead: Counter[bytes] = field(default_factory=Counter)
    _vendors: dict[str, _Vendor] = field(default_factory=dict)

    def note(self, sent: Sent) -> None:
        """One more event of the log, in its order."""
        if sent.cents is None:
            self.dead[sent.value] += 1
            return
        vendor = self._vendors.setdefault(sent.key, _Vendor())
        if self.drop_duplicates:
            if sent.id in vendor.seen:
                return
            vendor.seen.add(sent.id)
        if vendor.count >= AFTER and sent.cents * vendor.count > FACTOR * vendor.total:
            self.alerts[sent.key, sent.id] += 1
        vendor.count += 1
        vendor.total += sent.cents

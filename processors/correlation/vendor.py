"""A vendor's purchases as several departments tell them: who did what, and who might approve."""

from dataclasses import dataclass, field
from datetime import datetime

from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.reviews import Reviewed
from processors.rows import Rows
from schemas.envelope import Evidence
from schemas.facts import PurchaseDuty


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did in a purchase, as one department tells it; `holds` False: it was somebody else."""

    duty: PurchaseDuty
    by_accounting: bool
    """Whether accounting tells it, and so may find a clash by itself."""
    holds: bool
    revision: int
    record: Evidence | None
    place: int = 0
    """Among the acts of the same tally that hold, from 1 on; 0: it does not hold, or is not counted."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a person did a duty for this vendor, by who tells it."""

    duty: PurchaseDuty
    by_accounting: bool
    times: int
    record: Evidence | None = None
    """Of an act that holds: the one at the last place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a person might approve an invoice when `approver` did."""

    question: int
    """The revision of the question: answers to different ones cannot be compared."""
    revision: int
    at: datetime
    holds: bool
    eligible: bool
    why: str
    delegate: str | None
    record: Evidence | None
    because: Evidence | None


@dataclass(frozen=True, kw_only=True)
class Vendor(Reviewed):
    """The duties done for a vendor, and the approvals of its invoices. Each purchase is a row of its own."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    acts: Rows[tuple[Act, ...]] = field(default_factory=Rows)
    """By `entry(purchase, person)`: at most one act for each duty and teller."""
    creations: Rows[tuple[Act, ...]] = field(default_factory=Rows)
    """Who created the vendor, by person."""
    tallies: Rows[tuple[Tally, ...]] = field(default_factory=Rows)
    """By person: what concerns the vendor as a whole is found without looking at every purchase."""
    places: Rows[str] = field(default_factory=Rows)
    """The purchase of each act that a tally counts, by `entry(person, duty, teller, place)`."""
    approvers: Rows[tuple[str, ...]] = field(default_factory=Rows)
    """Who approved, by invoice."""
    answers: Rows[Answer] = field(default_factory=Rows)
    """By `entry(invoice, approver, person)`."""
    asked: Rows[int] = field(default_factory=Rows)
    """The revision of the question that went to a stand-in, by the same entry."""


def entry(*ids: str) -> str:
    """A row's entry made of ids, which cannot hold the separator."""
    return "\x1f".join(ids)

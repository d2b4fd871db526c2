"""An account: its balance, limits, dues and statements, as they were last told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from processors.calendar import Calendar
from processors.departments.finance.settings import DEFAULTS, FinanceSettings
from processors.departments.reviews import Reviewed, is_reviewed
from processors.instants import after
from processors.rows import Rows
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.money import Money


@dataclass(frozen=True, slots=True)
class Sum:
    """Several amounts of one currency; unlike `Money`, as large as it gets."""

    currency: str
    amount: Decimal

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction as it was last told. It may be reversed before it is told."""

    amount: Money | None = None
    at: datetime | None = None
    method: str = ""
    entered_by: str | None = None
    released_by: str | None = None
    record: Evidence | None = None
    reversed_at: datetime | None = None
    accused: str | None = None
    """Who is said to have both entered and released it."""

    @property
    def reversed(self) -> bool:
        return self.reversed_at is not None

    @property
    def counts(self) -> bool:
        return self.amount is not None and not self.reversed


@dataclass(frozen=True, slots=True)
class Limits:
    """Within which the balance is to stay."""

    lowest: Money | None
    highest: Money | None
    set_at: datetime
    record: Evidence | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A payment that is owed. It may be received before it is told."""

    amount: Money | None = None
    due_on: date | None = None
    told_at: datetime | None = None
    cancelled_at: datetime | None = None
    received: tuple[Sum, ...] = ()
    record: Evidence | None = None

    @property
    def is_open(self) -> bool:
        """Told, not cancelled since, and not received in full. Only what came in its own currency counts."""
        if self.amount is None or self.told_at is None:
            return False
        if self.cancelled_at is not None and self.cancelled_at >= self.told_at:
            return False
        return total(self.received, self.amount.currency) < self.amount.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came for which payment. It may be returned before it is told."""

    payment: str = ""
    amount: Money | None = None
    returned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement. Its lines may be matched before it is told."""

    lines: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    all_matched: bool = False
    """Matched as a whole."""
    received_at: datetime | None = None
    told_at: datetime | None = None
    first: Evidence | None = None
    """The record that told of it first: from then on its time runs."""
    record: Evidence | None = None
    """The latest one."""
    first_has_lines: bool = False

    @property
    def because(self) -> tuple[Evidence | None, ...]:
        """What says that lines of it are to be matched, and since when."""
        return (self.first,) if self.first_has_lines else (self.first, self.record)

    @property
    def open(self) -> tuple[str, ...]:
        """Lines that nobody has matched."""
        if self.all_matched:
            return ()
        matched = frozenset(self.matched)
        return tuple(line for line in self.lines if line not in matched)


@dataclass(frozen=True, slots=True)
class Near:
    """A transaction below the reporting threshold. `chain`: the first one of the structuring it belongs to, if any."""

    transaction: str
    amount: Decimal
    at: datetime
    record: Evidence | None
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """An amount of the account's latest ones, without its sign."""

    transaction: str
    amount: Decimal


NO_TRANSACTION, NO_DUE, NO_RECEIPT, NO_STATEMENT = Transaction(), Due(), Receipt(), Statement()
"""What is known of one that was never heard of."""


@dataclass(frozen=True, kw_only=True)
class Account(Reviewed):
    """Everything known of an account."""

    label_fields = ("currency",)

    settings: FinanceSettings = field(default=DEFAULTS)
    currency: str | None = None
    """The one currency it is kept in, where that was declared."""
    opened_at: datetime | None = None
    opened: Evidence | None = None
    """What declared it."""
    balance: tuple[Sum, ...] = ()
    """Per currency."""
    limits: Limits | None = None
    transactions: Rows[Transaction] = field(default_factory=Rows)
    dues: Rows[Due] = field(default_factory=Rows)
    receipts: Rows[Receipt] = field(default_factory=Rows)
    statements: Rows[Statement] = field(default_factory=Rows)
    near: Rows[tuple[Near, ...]] = field(default_factory=Rows)
    """Per direction, the transactions that may add up to the reporting threshold."""
    usual: Rows[tuple[Usual, ...]] = field(default_factory=Rows)
    """Per currency and direction, the latest amounts."""

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    def transaction(self, name: str) -> Transaction:
        return self.transactions.get(name, NO_TRANSACTION)

    def with_transaction(self, name: str, transaction: Transaction, at: datetime) -> "Account":
        """Remembers it for some time from now on, or from its own time where that is later."""
        memory = timedelta(days=self.settings.transaction_memory_days)
        until = after(max(at, transaction.at or at), memory)
        return self.evolve(transactions=self.transactions.put(name, transaction, until))


def total(sums: tuple[Sum, ...], currency: str) -> Decimal:
    return next((s.amount for s in sums if s.currency == currency), Decimal(0))


def add(sums: tuple[Sum, ...], money: Money | None, sign: int = 1) -> tuple[Sum, ...]:
    """The sums, one per currency, with this amount more (or less)."""
    if money is None:
        return sums
    others = tuple(s for s in sums if s.currency != money.currency)
    amount = total(sums, money.currency) + sign * money.amount
    return (*others, Sum(money.currency, amount)) if amount else others


R = TypeVar("R", bound=Reviewed)


def fires(
    now: Step[R],
    rule: Rule,
    at: datetime,
    summary: str,
    *,
    because: Iterable[Event | Evidence | None],
    labels: Mapping[str, str],
    severity: Severity | None = None,
    annotations: Mapping[str, str] | None = None,
    due: datetime | None = None,
    measured: str | None = None,
) -> Step[R]:
    """`Step.fires`, unless somebody has settled this very finding."""
    if is_reviewed(now.state, rule, **{name: labels[name] for name in rule.distinguish}):
        return now
    return now.fires(
        rule,
        at,
        summary,
        because=(record for record in because if record is not None),
        labels=labels,
        severity=severity,
        annotations=annotations,
        due=due,
        measured=measured,
    )

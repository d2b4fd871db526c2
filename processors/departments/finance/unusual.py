"""Unusual amounts: far from what an account usually moves.

Distance from the median in units of the median absolute deviation, scaled to a standard deviation (F. Hampel, 1974).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from processors.departments.finance.account import Account, Transaction, Usual, fires
from processors.departments.finance.settings import FinanceSettings
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.finance import FindingReviewed, TransactionPosted, TransactionReversed

UNUSUAL = Rule(
    "finance.unusual_amount",
    "warning",
    "an amount is more than 6 robust deviations (MAD) from the median of the account's last 100 in its direction",
    "reviewed, reversed, or corrected to a usual one",
    distinguish=("transaction",),
    settings=("unusual_deviations", "unusual_min_transactions", "unusual_floor_percent"),
    measure="the account's last 100 amounts in this direction",
)

LAST = 100
"""So many amounts are compared."""

CONSISTENT = Decimal("1.4826")
"""Makes the median absolute deviation of a normal distribution its standard deviation."""


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case TransactionPosted() | TransactionReversed():
            return _judge(now, event, event.transaction, at)
        case FindingReviewed(rule=UNUSUAL.name):
            return review(now, event, at, UNUSUAL)
    return now


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some amounts, and how far from it they usually lie."""

    middle: Decimal
    deviation: Decimal
    amounts: int

    def is_left_by(self, amount: Decimal, deviations: Decimal) -> bool:
        return abs(amount - self.middle) > deviations * self.deviation


def spread(usual: list[Decimal], settings: FinanceSettings) -> Spread | None:
    """Where most amounts are the same, the floor is the deviation. None: they are too few to say."""
    if len(usual) < settings.unusual_min_transactions:
        return None
    middle = median(usual)
    deviation = CONSISTENT * median(abs(u - middle) for u in usual)
    return Spread(middle, max(deviation, abs(middle) * settings.unusual_floor_percent / 100), len(usual))


def _judge(now: Step[Account], event: Event, name: str, at: datetime) -> Step[Account]:
    """Against those before it; then it is one of them, unless it was reversed."""
    account, transaction = now.state, now.state.transaction(name)
    kind = _kind(transaction)
    if kind is None or transaction.amount is None:
        return now
    now = _without(now, name, kind)
    known = now.state.usual.get(kind, ())
    amount = abs(transaction.amount.amount)
    usual = spread([u.amount for u in known], account.settings)
    if transaction.counts:
        now = now.evolve(usual=now.state.usual.put(kind, (*known, Usual(name, amount))[-LAST:]))
    far = usual is not None and usual.is_left_by(amount, account.settings.unusual_deviations)
    if usual is None or not (far and transaction.counts):
        return now.resolves(UNUSUAL, at, "it was reversed or corrected", by=[event], transaction=name)
    summary = f"Transaction {name} of account {account.id} is far from what the account usually moves"
    return fires(
        now,
        UNUSUAL,
        at,
        summary,
        because=[transaction.record],
        labels={"transaction": name},
        measured=f"{amount:,.2f}, against {usual.middle:,.2f} give or take {usual.deviation:,.2f} of {usual.amounts}",
    )


def _kind(transaction: Transaction) -> str | None:
    """Currency and direction: a salary is not compared with groceries."""
    money = transaction.amount
    return None if money is None else f"{money.currency}{'-' if money.amount < 0 else '+'}"


def _without(now: Step[Account], name: str, kind: str) -> Step[Account]:
    """What was remembered of this transaction before, in either direction of its currency."""
    for other in (f"{kind[:3]}+", f"{kind[:3]}-"):
        known = now.state.usual.get(other, ())
        if any(u.transaction == name for u in known):
            left = tuple(u for u in known if u.transaction != name)
            now = now.evolve(usual=now.state.usual.put(other, left))
    return now

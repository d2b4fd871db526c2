"""Limits: a balance stays within them, and an account within its currency."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from processors.departments.finance.account import Account, Sum, fires, total
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.finance import AccountOpened, FindingReviewed, LimitSet, TransactionPosted, TransactionReversed
from schemas.money import Money

BREACHED = Rule(
    "finance.limit_breached",
    "critical",
    "the balance of an account is beyond its limit, also when the limit was moved",
    "back inside, or the limit is moved again",
    distinguish=("limit",),
    measure="the balance: everything that was ever posted on the account",
)
CURRENCY = Rule(
    "finance.currency_mismatch",
    "error",
    "a transaction is in another currency than the account is kept in: it counts for no limit of it",
    "reversed, corrected, or reviewed",
    distinguish=("transaction",),
)


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case TransactionPosted() | TransactionReversed():
            return _balance(_currency(now, event, event.transaction, at), event, at)
        case LimitSet() | AccountOpened():
            return _balance(now, event, at)
        case FindingReviewed(rule=CURRENCY.name):
            return review(now, event, at, CURRENCY)
    return now


def _balance(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    limits = now.state.limits
    now = _judge(now, event, "lowest", limits.lowest if limits else None, at)
    return _judge(now, event, "highest", limits.highest if limits else None, at)


def _judge(
    now: Step[Account], event: Event, which: Literal["lowest", "highest"], limit: Money | None, at: datetime
) -> Step[Account]:
    balance = total(now.state.balance, limit.currency) if limit else Decimal(0)
    beyond = limit is not None and (balance < limit.amount if which == "lowest" else balance > limit.amount)
    if limit is None or not beyond:
        return now.resolves(BREACHED, at, "the balance is inside", by=[event], limit=which)
    limits = now.state.limits
    side = "below" if which == "lowest" else "above"
    records = [limits.record if limits else None, event.about.record]
    return fires(
        now,
        BREACHED,
        at,
        f"Account {now.state.id} is {side} its limit of {limit}",
        because=dict.fromkeys(records),
        labels={"limit": which},
        annotations={"balance": str(Sum(limit.currency, balance))},
        measured=f"a balance of {Sum(limit.currency, balance)}",
    )


def _currency(now: Step[Account], event: Event, name: str, at: datetime) -> Step[Account]:
    """A declared currency holds from its declaration on; before it, each currency has a balance of its own."""
    account, transaction = now.state, now.state.transaction(name)
    money = transaction.amount
    if isinstance(event, TransactionPosted) and transaction.record != event.about.record:
        return now  # an older word on it, which changes nothing
    if account.currency is None or money is None or transaction.reversed or money.currency == account.currency:
        return now.resolves(CURRENCY, at, "it was reversed or corrected", by=[event], transaction=name)
    summary = f"Transaction {name} is in {money.currency}, and account {account.id} is kept in {account.currency}"
    records = (account.opened, transaction.record)
    return fires(now, CURRENCY, at, summary, because=records, labels={"transaction": name})

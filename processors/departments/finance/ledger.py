"""The ledger of an account: what each event changes in it, before any rule reads it."""

from dataclasses import replace
from datetime import datetime

from processors.departments.finance.account import (
    NO_DUE,
    NO_RECEIPT,
    NO_STATEMENT,
    Account,
    Limits,
    Receipt,
    Statement,
    Transaction,
    add,
)
from schemas.envelope import Event
from schemas.finance import (
    AccountOpened,
    LimitSet,
    PaymentCancelled,
    PaymentDue,
    PaymentReceived,
    PaymentReturned,
    StatementReceived,
    StatementReconciled,
    TransactionPosted,
    TransactionReversed,
)

MAX_MATCHED = 1_000
"""Matched lines that are remembered of a statement, the latest."""


def record(account: Account, event: Event, at: datetime) -> Account:
    """The account after this event."""
    time, here = event.about.time, event.about.record
    match event:
        case AccountOpened() if account.opened_at is None or account.opened_at <= time:
            return account.evolve(currency=event.currency, opened_at=time, opened=here)
        case TransactionPosted() | TransactionReversed():
            return _booked(account, event, at)
        case LimitSet() if account.limits is None or account.limits.set_at <= time:
            return account.evolve(limits=Limits(event.lowest, event.highest, time, here))
        case PaymentDue() | PaymentCancelled():
            return _owed(account, event)
        case PaymentReceived() | PaymentReturned():
            return _paid(account, event)
        case StatementReceived() | StatementReconciled():
            return _stated(account, event)
    return account


def _booked(account: Account, event: TransactionPosted | TransactionReversed, at: datetime) -> Account:
    """The last word on a transaction takes the place of the one before, in the balance too."""
    before = account.transaction(event.transaction)
    if isinstance(event, TransactionReversed):
        now = replace(before, reversed_at=event.about.time)
    elif before.at is not None and event.about.time < before.at:
        return account
    else:
        now = Transaction(
            amount=event.amount,
            at=event.about.time,
            method=event.method,
            entered_by=event.entered_by,
            released_by=event.released_by,
            record=event.about.record,
            reversed_at=before.reversed_at,
            accused=before.accused,
        )
    balance = add(account.balance, before.amount if before.counts else None, -1)
    balance = add(balance, now.amount if now.counts else None)
    return account.evolve(balance=balance).with_transaction(event.transaction, now, at)


def _owed(account: Account, event: PaymentDue | PaymentCancelled) -> Account:
    time, known = event.about.time, account.dues.get(event.payment, NO_DUE)
    if isinstance(event, PaymentCancelled):
        known = replace(known, cancelled_at=max(time, known.cancelled_at or time))
    elif known.told_at is None or known.told_at <= time:
        known = replace(known, amount=event.amount, due_on=event.due_on, told_at=time, record=event.about.record)
    return account.evolve(dues=account.dues.put(event.payment, known))


def _paid(account: Account, event: PaymentReceived | PaymentReturned) -> Account:
    """Counts a receipt for its payment, and no longer what was counted of it before."""
    before = account.receipts.get(event.receipt, NO_RECEIPT)
    if isinstance(event, PaymentReturned):
        now = replace(before, returned=True)
    else:
        now = Receipt(payment=event.payment, amount=event.amount, returned=before.returned)
    dues = account.dues
    for receipt, sign in ((before, -1), (now, 1)):
        if receipt.amount is not None and not receipt.returned:
            due = dues.get(receipt.payment, NO_DUE)
            dues = dues.put(receipt.payment, replace(due, received=add(due.received, receipt.amount, sign)))
    return account.evolve(dues=dues, receipts=account.receipts.put(event.receipt, now))


def _stated(account: Account, event: StatementReceived | StatementReconciled) -> Account:
    time, known = event.about.time, account.statements.get(event.statement, NO_STATEMENT)
    if isinstance(event, StatementReceived):
        now = known if known.told_at is not None and time < known.told_at else _lines(known, event)
    elif event.lines:
        matched = tuple(dict.fromkeys((*known.matched, *event.lines)))
        now = replace(known, matched=matched[-MAX_MATCHED:])
    else:
        now = replace(known, all_matched=True)
    return account.evolve(statements=account.statements.put(event.statement, now))


def _lines(known: Statement, event: StatementReceived) -> Statement:
    """A correction changes the lines, not the clock."""
    time, lines = event.about.time, tuple(dict.fromkeys(line.line for line in event.lines))
    received_at = min(time, known.received_at or time)
    told = replace(known, lines=lines, told_at=time, received_at=received_at, record=event.about.record)
    if known.told_at is not None:
        return told
    return replace(told, first=event.about.record, first_has_lines=bool(lines))

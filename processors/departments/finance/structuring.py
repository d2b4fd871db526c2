"""Structuring: sums kept below the reporting threshold that add up to it within a day.

As the Bank Secrecy Act describes it (31 U.S.C. 5324); deposits and withdrawals each by themselves.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from processors.departments.finance.account import Account, Near, Transaction, fires
from processors.departments.reviews import is_reviewed, review
from processors.grounds import least
from processors.rule import Rule
from processors.step import Step, firing_of
from schemas.envelope import Event, Evidence
from schemas.finance import FindingReviewed, TransactionPosted, TransactionReversed

STRUCTURING = Rule(
    "finance.structuring",
    "error",
    "cash sums below the reporting threshold add up to it within 24 h",
    "reviewed, or so much is reversed or corrected that they no longer add up",
    distinguish=("first",),
    settings=("reporting_threshold", "structuring_hours", "structuring_methods"),
)

MAX_NEAR = 200
"""Transactions of one direction that are compared, the latest."""


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case TransactionPosted() | TransactionReversed():
            transaction = now.state.transaction(event.transaction)
            for direction, sign in (("in", 1), ("out", -1)):
                now = _compare(now, event, event.transaction, _near(now.state, transaction, sign), direction, at)
        case FindingReviewed(rule=STRUCTURING.name):
            return review(now, event, at, STRUCTURING)
    return now


def _near(account: Account, transaction: Transaction, sign: int) -> Decimal | None:
    """The amount, if it is one that is watched in this direction."""
    threshold, money = account.settings.reporting_threshold, transaction.amount
    if money is None or transaction.reversed or transaction.method not in account.settings.structuring_methods:
        return None
    amount = sign * money.amount
    return amount if money.currency == threshold.currency and 0 < amount < threshold.amount else None


def _compare(
    now: Step[Account], event: Event, name: str, amount: Decimal | None, direction: str, at: datetime
) -> Step[Account]:
    known = now.state.near.get(direction, ())
    before = next((n for n in known if n.transaction == name), None)
    if before is None and amount is None:
        return now
    nears = [n for n in known if n.transaction != name]
    transaction = now.state.transaction(name)
    if amount is not None and transaction.at is not None:
        chain = before.chain if before else ""
        nears.append(Near(name, amount, transaction.at, transaction.record, chain))
    nears = _remembered(nears, now.state)
    if before is not None and before.chain and not _adds_up(now.state, nears, before.chain):
        now = now.resolves(STRUCTURING, at, "what is left does not add up", by=[event], first=before.chain)
        nears = [replace(n, chain="") if n.chain == before.chain else n for n in nears]
    return _find(now, nears, name, direction, at)


def _remembered(nears: list[Near], account: Account) -> list[Near]:
    """In order of time; kept for twice the window, so that one told late still meets its neighbours."""
    nears = sorted(nears, key=lambda n: (n.at, n.transaction))[-MAX_NEAR:]
    window = _window(account)
    return [n for n in nears if nears[-1].at - n.at <= 2 * window]


def _window(account: Account) -> timedelta:
    return timedelta(hours=account.settings.structuring_hours)


def _find(now: Step[Account], nears: list[Near], name: str, direction: str, at: datetime) -> Step[Account]:
    """Looks at each window that holds the new transaction for sums that reach the threshold together."""
    account, threshold = now.state, now.state.settings.reporting_threshold
    for n in nears:
        held = _held(account, nears, n)
        if all(h.transaction != name for h in held) or sum(h.amount for h in held) < threshold.amount:
            continue
        chain = next((h.chain for h in held if h.chain), held[0].transaction)
        together = {h.transaction for h in held}
        nears = [replace(m, chain=chain) if m.transaction in together else m for m in nears]
        now = fires(
            now,
            STRUCTURING,
            at,
            f"Cash of account {account.id} since {held[0].transaction} adds up to {threshold}, kept below it",
            because=_grounds(account, held, chain),
            labels={"first": chain},
        )
        break
    return now.evolve(near=now.state.near.put(direction, tuple(nears)))


def _held(account: Account, nears: list[Near], first: Near) -> list[Near]:
    """Those within the window that begins with `first`, its end included; not those that somebody has settled."""
    window = _window(account)
    return [
        n
        for n in nears
        if timedelta() <= n.at - first.at <= window
        and not (n.chain and is_reviewed(account, STRUCTURING, first=n.chain))
    ]


def _grounds(account: Account, held: list[Near], chain: str) -> Iterator[Evidence]:
    """Its first transaction, and as many of the others as reach the threshold; later ones only make it longer."""
    if (known := firing_of(account, STRUCTURING, first=chain)) is not None:
        yield from known.evidence
        return
    first, *others = held
    missing = account.settings.reporting_threshold.amount - first.amount
    needed = least(sorted(others, key=lambda n: n.amount), lambda some: sum(n.amount for n in some) >= missing)
    yield from (n.record for n in held if n.record and (n is first or n in needed))


def _adds_up(account: Account, nears: list[Near], chain: str) -> bool:
    """After a correction: whether what is left of the chain still does."""
    links = [n for n in nears if n.chain == chain]
    sums = (sum(h.amount for h in _held(account, links, n)) for n in links)
    return any(each >= account.settings.reporting_threshold.amount for each in sums)

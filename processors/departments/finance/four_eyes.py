"""Four eyes: who enters something does not release it, on accounts and on applications."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from processors.departments.finance.account import Account, R, fires
from processors.departments.reviews import review
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.finance import FindingReviewed, TransactionPosted, TransactionReversed

FOUR_EYES = Rule(
    "finance.four_eyes",
    "critical",
    "the same person entered and released a transaction, or took part in an application and released its approval",
    "reviewed; of a transaction also when it is reversed or corrected",
    distinguish=("item", "person"),
    settings=("entering_stages", "automatic_users"),
)


def check(now: Step[Account], event: Event, at: datetime) -> Step[Account]:
    match event:
        case TransactionPosted() | TransactionReversed():
            return _judge(now, event, event.transaction, at)
        case FindingReviewed(rule=FOUR_EYES.name):
            return review(now, event, at, FOUR_EYES)
    return now


def _judge(now: Step[Account], event: Event, name: str, at: datetime) -> Step[Account]:
    account, transaction = now.state, now.state.transaction(name)
    person, accused = transaction.entered_by, transaction.accused
    alone = person is not None and person == transaction.released_by and not transaction.reversed
    guilty = person if alone and person not in account.settings.automatic_users else None
    if accused is not None and accused != guilty:
        now = now.resolves(FOUR_EYES, at, "it was reversed or corrected", by=[event], item=name, person=accused)
    if accused != guilty:
        now = Step(now.state.with_transaction(name, replace(transaction, accused=guilty), at), now.emit)
    if guilty is None:
        return now
    return accuse(now, at, name, f"transaction {name} of account {account.id}", guilty, [transaction.record])


def accuse(
    now: Step[R], at: datetime, item: str, what: str, person: str, records: Sequence[Evidence | None]
) -> Step[R]:
    """Says that one person did both."""
    summary = f"{person} entered and released {what}"
    return fires(now, FOUR_EYES, at, summary, because=records, labels={"item": item, "person": person})

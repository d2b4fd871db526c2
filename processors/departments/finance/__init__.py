"""Finance: accounts stay within their limits, clients pay and are answered in time, nothing is moved unseen."""

from datetime import datetime

from processors.departments.finance import (
    four_eyes,
    ledger,
    limits,
    payments,
    reconciliation,
    structuring,
    unusual,
)
from processors.departments.finance.account import Account
from processors.departments.finance.application import Application
from processors.departments.finance.application_rules import OVERDUE, application_step
from processors.departments.finance.measures import MEASURES
from processors.departments.finance.settings import FinanceSettings
from processors.processor import Aggregate, Processor
from processors.step import Step
from schemas.envelope import Event
from schemas.finance import EVENTS

CHECKS = (
    limits.check,
    payments.check,
    structuring.check,
    unusual.check,
    reconciliation.check,
    four_eyes.check,
)


def account_step(account: Account, event: Event, at: datetime) -> Step[Account]:
    """Books the event, then asks each rule in turn."""
    now = Step(ledger.record(account, event, at))
    for check in CHECKS:
        now = check(now, event, at)
    return now


department = Processor(
    name="finance",
    inbox="events.finance",
    events=EVENTS,
    aggregates={
        "account": Aggregate(Account, account_step),
        "application": Aggregate(Application, application_step),
    },
    settings=FinanceSettings,
    rules=(
        limits.BREACHED,
        limits.CURRENCY,
        payments.MISSED,
        structuring.STRUCTURING,
        unusual.UNUSUAL,
        reconciliation.UNRECONCILED,
        OVERDUE,
        four_eyes.FOUR_EYES,
    ),
    measures=MEASURES,
)

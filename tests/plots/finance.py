"""Plots of Finance."""

from decimal import Decimal

from schemas.finance import (
    AccountOpened,
    ApplicationDecided,
    ApplicationSubmitted,
    FindingReviewed,
    LimitSet,
    PaymentDue,
    PaymentReceived,
    StatementLine,
    StatementReceived,
    StatementReconciled,
    TransactionPosted,
    TransactionReversed,
)
from schemas.money import Money
from tests.plots.telling import DAY, Plot, day, eur, plot, settled

ACCOUNT, APPLICATION = "account/K-1", "application/L-1"


def posted(name: str, amount: str, currency: str = "EUR") -> TransactionPosted:
    return TransactionPosted(transaction=name, amount=Money(amount=Decimal(amount), currency=currency), method="cash")


def seen(rule: str, **identity: str) -> FindingReviewed:
    return settled(FindingReviewed, f"finance.{rule}", **identity)


PLOTS: dict[str, Plot] = {
    "finance.limit_breached": plot(
        ACCOUNT, LimitSet(lowest=eur("-100")), posted("T-1", "-100.01"), posted("T-2", "0.01")
    ),
    "finance.currency_mismatch": plot(
        ACCOUNT,
        AccountOpened(currency="EUR"),
        posted("T-1", "50", currency="CHF"),
        TransactionReversed(transaction="T-1"),
    ),
    "finance.payment_missed": plot(
        ACCOUNT,
        PaymentDue(payment="P-1", amount=eur("100"), due_on=day(7)),
        40 * DAY,
        PaymentReceived(payment="P-1", receipt="R-1", amount=eur("100")),
    ),
    "finance.structuring": plot(
        ACCOUNT, posted("T-1", "6000"), posted("T-2", "6000"), seen("structuring", first="T-1")
    ),
    "finance.unusual_amount": plot(
        ACCOUNT,
        *(posted(f"T-{n}", f"{100 + n % 5}") for n in range(20)),
        posted("T-much", "9000"),
        TransactionReversed(transaction="T-much"),
    ),
    "finance.unreconciled": plot(
        ACCOUNT,
        StatementReceived(statement="S-1", lines=(StatementLine(line="1", amount=eur("10")),)),
        10 * DAY,
        StatementReconciled(statement="S-1"),
    ),
    "finance.application_overdue": plot(
        APPLICATION, ApplicationSubmitted(product="loan"), 31 * DAY, ApplicationDecided(outcome="approved")
    ),
    "finance.four_eyes": plot(
        APPLICATION,
        ApplicationSubmitted(by="E-1"),
        ApplicationDecided(outcome="approved", by="E-1"),
        seen("four_eyes", item="L-1", person="E-1"),
    ),
}

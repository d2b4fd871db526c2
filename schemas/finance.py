"""What happens in Finance: accounts with their transactions, dues and statements; applications and their decisions."""

from typing import Literal

from pydantic import Field

from schemas.credits import Credit
from schemas.envelope import Day, Event, Frozen, Id, Instant, concrete_events
from schemas.money import Currency, Money
from schemas.privacy import PersonId
from schemas.reviews import Review


class FinanceEvent(Event, topic="events.finance"):
    """Anything that happens in Finance."""


class AccountEvent(FinanceEvent, kind="account"):
    """Anything that happens to one account."""


class ApplicationEvent(FinanceEvent, kind="application"):
    """Anything that happens to one application."""


# Accounts


class AccountOpened(AccountEvent, type="finance.account.opened"):
    """Reference data: an account exists. Said again, it corrects what was said before."""

    currency: Currency = Field(examples=["EUR"])
    """ISO 4217 code of the one currency it is kept in."""


class TransactionPosted(AccountEvent, type="finance.transaction.posted"):
    """A transaction was booked on an account. Said again, it corrects what was said before."""

    transaction: Id = Field(examples=["TX-1001"])
    """The transaction's id."""
    amount: Money = Field(examples=[{"amount": "-120.50", "currency": "EUR"}])
    """Positive: to the account's credit; negative: to its debit."""
    method: Literal["cash", "transfer", "direct_debit", "card", "fee", "interest", "other"] = "transfer"
    """How the money moved."""
    entered_by: PersonId | None = Field(default=None, examples=["E-501"])
    """Who entered it."""
    released_by: PersonId | None = Field(default=None, examples=["E-502"])
    """Who released it."""


class TransactionReversed(AccountEvent, type="finance.transaction.reversed"):
    """A transaction was taken back, as if it had never been."""

    transaction: Id = Field(examples=["TX-1001"])
    """The transaction's id."""
    by: PersonId | None = Field(default=None, examples=["E-503"])
    """Who took it back."""


class LimitSet(AccountEvent, type="finance.limit.set"):
    """Reference data: within which limits the balance is to stay. Takes the place of the limits before."""

    lowest: Money | None = Field(default=None, examples=[{"amount": "-5000.00", "currency": "EUR"}])
    """The balance must not go below it: a credit line of 5,000 is -5000. None: no such limit."""
    highest: Money | None = Field(default=None, examples=[{"amount": "100000.00", "currency": "EUR"}])
    """The balance must not go above it. None: no such limit."""
    by: PersonId | None = Field(default=None, examples=["E-510"])
    """Who set them."""


class PaymentDue(AccountEvent, type="finance.payment.due"):
    """A client owes a payment. Said again, its amount or date has changed."""

    payment: Id = Field(examples=["INST-2026-03"])
    """The due payment's id: an instalment, a premium, a bill."""
    amount: Money = Field(examples=[{"amount": "250.00", "currency": "EUR"}])
    """How much."""
    due_on: Day = Field(examples=["2026-03-10"])
    """The last day for it."""


class PaymentCancelled(AccountEvent, type="finance.payment.cancelled"):
    """A payment is not owed any more."""

    payment: Id = Field(examples=["INST-2026-03"])
    """The due payment's id."""


class PaymentReceived(AccountEvent, type="finance.payment.received"):
    """A payment came, whole or in part. Said again under the same receipt, it corrects what was said before."""

    payment: Id = Field(examples=["INST-2026-03"])
    """The due payment it is for."""
    receipt: Id = Field(examples=["RCPT-71"])
    """This receipt's own id."""
    amount: Money = Field(examples=[{"amount": "250.00", "currency": "EUR"}])
    """How much came."""


class PaymentReturned(AccountEvent, type="finance.payment.returned"):
    """A received payment went back, as a direct debit without cover does: it is owed again."""

    receipt: Id = Field(examples=["RCPT-71"])
    """The receipt's id."""


class StatementLine(Frozen):
    """One line of a statement."""

    line: Id = Field(examples=["1"])
    """The line's own number within the statement."""
    amount: Money = Field(examples=[{"amount": "250.00", "currency": "EUR"}])
    """Positive: to the account's credit."""


class StatementReceived(AccountEvent, type="finance.statement.received"):
    """A bank's statement of the account came. Said again, it corrects what was said before."""

    statement: Id = Field(examples=["ST-2026-45"])
    """The statement's id."""
    lines: tuple[StatementLine, ...] = Field(
        max_length=500, examples=[[{"line": "1", "amount": {"amount": "250.00", "currency": "EUR"}}]]
    )
    """Its lines."""


class StatementReconciled(AccountEvent, type="finance.statement.reconciled"):
    """Lines of a statement were matched with the books."""

    statement: Id = Field(examples=["ST-2026-45"])
    """The statement's id."""
    lines: tuple[Id, ...] = Field(default=(), max_length=500, examples=[["1"]])
    """The matched lines; all when none is named."""
    by: PersonId | None = Field(default=None, examples=["E-501"])
    """Who matched them."""


# Applications


class ApplicationSubmitted(ApplicationEvent, type="finance.application.submitted"):
    """A client applies for a service. Said again, it corrects what was said before, but not the clock."""

    amount: Money | None = Field(default=None, examples=[{"amount": "20000.00", "currency": "EUR"}])
    """What is applied for, where it is an amount."""
    product: Id | None = Field(default=None, examples=["loan"])
    """The service applied for; it says how soon to decide."""
    by: PersonId | None = Field(default=None, examples=["112"])
    """Who took it in."""
    submitted_at: Instant | None = Field(default=None, examples=["2026-03-02T09:20:00Z"])
    """When the client applied; the event's own time when not given."""
    needs_service: Id | None = Field(default=None, examples=["scoring"])
    """The IT service without which it cannot be decided."""


class ApplicationAdvanced(ApplicationEvent, type="finance.application.advanced"):
    """An application, or its offer, reached another stage."""

    stage: Id = Field(examples=["accepted"])
    """The stage, in the organisation's own words."""
    by: PersonId | None = Field(default=None, examples=["11180"])
    """Who moved it on."""


class ApplicationWorked(ApplicationEvent, type="finance.application.worked"):
    """Somebody's work on an application was planned, begun or done."""

    work: Id = Field(examples=["fraud_check"])
    """What is done."""
    phase: Literal["scheduled", "started", "completed"] = Field(examples=["completed"])
    """How far it is."""
    by: PersonId | None = Field(default=None, examples=["11180"])
    """Who does it."""


class OfferSent(ApplicationEvent, type="finance.offer.sent"):
    """The client was sent an offer."""

    offer: Id | None = Field(default=None, examples=["OFF-3"])
    """The offer's id."""
    by: PersonId | None = Field(default=None, examples=["11180"])
    """Who sent it."""


class ApplicationDecided(ApplicationEvent, type="finance.application.decided"):
    """An application was decided, or its client does not want it any more."""

    outcome: Literal["approved", "declined", "cancelled"] = Field(examples=["approved"])
    """What came of it; only an approval needs two people."""
    by: PersonId | None = Field(default=None, examples=["10629"])
    """Who released the decision."""


class ApplicationReopened(ApplicationEvent, type="finance.application.reopened"):
    """A decision was taken back: the application is to be decided anew, and its clock starts again."""

    by: PersonId | None = Field(default=None, examples=["10629"])
    """Who took it back."""


class DeadlineCredited(Credit, FinanceEvent, type="finance.deadline.credited"):
    """An outage took time from one of Finance's deadlines. Written by correlation. Subject: the deadline's own."""


class FindingReviewed(Review, FinanceEvent, type="finance.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["finance.unusual_amount"], pattern=r"^finance\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"transaction": "TX-1001"}])
    """The alert's distinguishing labels."""


EVENTS = tuple(concrete_events(FinanceEvent))
"""Every event of Finance."""

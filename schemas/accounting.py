"""Accounting's events: vendors with their orders, invoices and payments; audits; who may approve how much."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.credits import Credit
from schemas.envelope import Day, Event, Frozen, Id, concrete_events
from schemas.money import Money
from schemas.privacy import PersonId
from schemas.reviews import Outcome, Review

Quantity = Annotated[Decimal, Field(max_digits=18, decimal_places=6)]
"""In the unit that the order line names."""

Duty = Literal["create_vendor", "create_order", "receive_goods", "record_invoice", "approve", "unblock", "pay"]
"""What one does in a purchase."""

Matching = Literal["none", "two_way", "three_way", "goods_based"]
"""How an order line's invoices are verified: not at all; against the order; against the goods too, once
there are any; or only after the goods are there."""


class AccountingEvent(Event, topic="events.accounting"):
    """Anything that happened in accounting."""


class OrderLine(Frozen):
    """One line of a purchase order."""

    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    quantity: Quantity | None = Field(default=None, ge=0, examples=["5"])
    """How many are ordered, in the line's unit; not known when not given."""
    value: Money = Field(examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the whole line."""
    matching: Matching = Field(default="three_way", examples=["three_way"])
    """How its invoices are verified."""


class ReceivedLine(Frozen):
    """What came of one order line."""

    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    quantity: Quantity | None = Field(default=None, examples=["5"])
    """How many came, negative when they went back; all that were ordered when not given."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of what came, where the goods are valued on receipt."""


class InvoiceLine(Frozen):
    """What an invoice charges for one order line."""

    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    quantity: Quantity | None = Field(default=None, examples=["5"])
    """How many are charged; not known when not given."""
    value: Money = Field(examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value charged."""


class VendorCreated(AccountingEvent, type="accounting.vendor.created", kind="vendor"):
    """A vendor was entered."""

    created_by: PersonId | None = Field(default=None, examples=["dana"])
    """Who entered it."""
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", examples=["DE"])
    """ISO 3166 code of its seat."""
    vendor_class: Id | None = Field(default=None, examples=["gold"])
    """What kind of business partner it is, in the organisation's own words; settings may differ by it."""


class VendorClassified(AccountingEvent, type="accounting.vendor.classified", kind="vendor"):
    """A vendor is of another class from now on."""

    vendor_class: Id = Field(examples=["gold"])
    """What kind of business partner it is, in the organisation's own words."""


class VendorBankChanged(AccountingEvent, type="accounting.vendor.bank_changed", kind="vendor"):
    """The account a vendor is paid to was changed."""

    changed_by: PersonId | None = Field(default=None, examples=["dana"])
    """Who changed it."""
    account_hash: str | None = Field(default=None, max_length=200, examples=["b7e23ec29af2"])
    """A keyed hash of the new account, never the account."""


class PurchaseOrderCreated(AccountingEvent, type="accounting.purchase_order.created", kind="vendor"):
    """Something was ordered of a vendor."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    total: Money = Field(examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the order."""
    ordered_on: Day = Field(examples=["2026-02-02"])
    """Date of the order."""
    lines: tuple[OrderLine, ...] = Field(
        default=(), max_length=1000, examples=[[{"line": "10", "value": {"amount": "1250.00"}}]]
    )
    """Its lines."""
    created_by: PersonId | None = Field(default=None, examples=["erik"])
    """Who ordered."""


class PurchaseOrderChanged(AccountingEvent, type="accounting.purchase_order.changed", kind="vendor"):
    """An order was changed."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    lines: tuple[OrderLine, ...] = Field(max_length=1000, examples=[[{"line": "10", "value": {"amount": "1300.00"}}]])
    """The changed lines as they are now; the others stay."""
    changed_by: PersonId | None = Field(default=None, examples=["erik"])
    """Who changed it."""
    what: Literal["price", "quantity", "other"] = Field(default="other", examples=["price"])
    """What of it."""


class OrderLineDeleted(AccountingEvent, type="accounting.order_line.deleted", kind="vendor"):
    """A line of an order is not wanted any more."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line as it stands."""
    by: PersonId | None = Field(default=None, examples=["erik"])
    """Who deleted it."""


class OrderLineReactivated(AccountingEvent, type="accounting.order_line.reactivated", kind="vendor"):
    """A deleted line of an order is wanted again."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line as it stands."""
    by: PersonId | None = Field(default=None, examples=["erik"])
    """Who wants it again."""


class OrderLineAdvanced(AccountingEvent, type="accounting.order_line.advanced", kind="vendor"):
    """Something else was done about a line of an order: requested, released, confirmed, entered in a service sheet."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    what: Id = Field(examples=["Receive Order Confirmation"])
    """What was done, as its own system calls it."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line as it stands."""
    by: PersonId | None = Field(default=None, examples=["erik"])
    """Who did."""


class GoodsReceived(AccountingEvent, type="accounting.goods.received", kind="vendor"):
    """Goods or services of an order came in."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    receipt: Id = Field(examples=["GR-90"])
    """The receipt's id."""
    lines: tuple[ReceivedLine, ...] = Field(min_length=1, max_length=1000, examples=[[{"line": "10", "quantity": "5"}]])
    """What came."""
    received_by: PersonId | None = Field(default=None, examples=["finn"])
    """Who took it in."""


class GoodsCancelled(AccountingEvent, type="accounting.goods.cancelled", kind="vendor"):
    """Goods or services of an order were booked as received, and that is taken back."""

    order: Id = Field(examples=["PO-4711"])
    """The order's id."""
    lines: tuple[ReceivedLine, ...] = Field(
        min_length=1, max_length=1000, examples=[[{"line": "10", "quantity": "5", "value": {"amount": "1250.00"}}]]
    )
    """What is taken back, as it was booked."""
    cancelled_by: PersonId | None = Field(default=None, examples=["finn"])
    """Who took it back."""


class InvoiceIssued(AccountingEvent, type="accounting.invoice.issued", kind="vendor"):
    """A vendor wrote an invoice, by the date on it. It need not have arrived."""

    order: Id = Field(examples=["PO-4711"])
    """The order it charges for."""
    line: Id = Field(examples=["10"])
    """The line's number in the order."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line."""


class InvoiceReceived(AccountingEvent, type="accounting.invoice.received", kind="vendor"):
    """A vendor sent an invoice."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """Our own id of the document: two copies of one invoice have two."""
    number: str = Field(min_length=1, max_length=100, examples=["INV-007"])
    """The vendor's number, as printed."""
    amount: Money = Field(examples=[{"amount": "1250.00", "currency": "EUR"}])
    """What is to be paid; negative for a credit note."""
    issued_on: Day = Field(examples=["2026-02-10"])
    """Date of the invoice."""
    due_on: Day | None = Field(default=None, examples=["2026-03-12"])
    """By when it is to be paid; some days after its date when not given."""
    order: Id | None = Field(default=None, examples=["PO-4711"])
    """The order it charges for."""
    lines: tuple[InvoiceLine, ...] = Field(
        default=(), max_length=1000, examples=[[{"line": "10", "value": {"amount": "1250.00"}}]]
    )
    """What it charges per order line."""
    recorded_by: PersonId | None = Field(default=None, examples=["gina"])
    """Who entered it."""
    needs_service: Id | None = Field(default=None, examples=["banking"])
    """The service without which it cannot be paid: what its outage costs is counted there."""


class InvoiceApproved(AccountingEvent, type="accounting.invoice.approved", kind="vendor"):
    """Somebody released an invoice for payment."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    approver: PersonId = Field(examples=["hugo"])
    """Who did."""
    approver_limit: Money | None = Field(default=None, examples=[{"amount": "5000.00", "currency": "EUR"}])
    """Up to how much this person may approve; the usual limit when not given."""


class InvoiceRejected(AccountingEvent, type="accounting.invoice.rejected", kind="vendor"):
    """An invoice was sent back and will not be paid."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    by: PersonId | None = Field(default=None, examples=["hugo"])
    """Who did."""
    reason: str = Field(default="", max_length=500, examples=["sent twice"])
    """Why."""


class InvoiceCancelled(AccountingEvent, type="accounting.invoice.cancelled", kind="vendor"):
    """An invoice that charged order lines is taken back, by a system that does not tell which document it was.

    One that does says accounting.invoice.rejected.
    """

    order: Id = Field(examples=["PO-4711"])
    """The order it charged for."""
    lines: tuple[InvoiceLine, ...] = Field(
        min_length=1, max_length=1000, examples=[[{"line": "10", "value": {"amount": "1250.00"}}]]
    )
    """What is not charged any more, as it was booked."""
    cancelled_by: PersonId | None = Field(default=None, examples=["gina"])
    """Who took it back."""


class PaymentBlocked(AccountingEvent, type="accounting.payment.blocked", kind="vendor"):
    """An invoice must not be paid for now."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    reason: str = Field(default="", max_length=500, examples=["price under discussion"])
    """Why."""
    by: PersonId | None = Field(default=None, examples=["gina"])
    """Who did."""
    order: Id | None = Field(default=None, examples=["PO-4711"])
    """The order whose line is concerned."""
    line: Id | None = Field(default=None, examples=["10"])
    """The line's number in the order."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line as it stands."""


class PaymentUnblocked(AccountingEvent, type="accounting.payment.unblocked", kind="vendor"):
    """A blocked invoice may be paid again."""

    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    by: PersonId | None = Field(default=None, examples=["gina"])
    """Who did."""
    order: Id | None = Field(default=None, examples=["PO-4711"])
    """The order whose line is concerned."""
    line: Id | None = Field(default=None, examples=["10"])
    """The line's number in the order."""
    value: Money | None = Field(default=None, examples=[{"amount": "1250.00", "currency": "EUR"}])
    """Net value of the line as it stands."""


class PaymentMade(AccountingEvent, type="accounting.payment.made", kind="vendor"):
    """A vendor was paid."""

    payment: Id = Field(examples=["PAY-31"])
    """The payment's id."""
    amount: Money = Field(examples=[{"amount": "1250.00", "currency": "EUR"}])
    """What was paid."""
    paid_on: Day = Field(examples=["2026-03-10"])
    """Value date."""
    invoice: Id | None = Field(default=None, examples=["RE-2026-17"])
    """The document that was paid."""
    order: Id | None = Field(default=None, examples=["PO-4711"])
    """The order it belongs to, when paid without an invoice."""
    line: Id | None = Field(default=None, examples=["10"])
    """The line's number in the order, when only that was paid."""
    paid_by: PersonId | None = Field(default=None, examples=["ida"])
    """Who paid."""


class PaymentLinked(AccountingEvent, type="accounting.payment.linked", kind="vendor"):
    """Somebody found out what a payment was for."""

    payment: Id = Field(examples=["PAY-31"])
    """The payment's id."""
    invoice: Id | None = Field(default=None, examples=["RE-2026-17"])
    """The document it paid."""
    order: Id | None = Field(default=None, examples=["PO-4711"])
    """The order it belongs to."""
    by: PersonId | None = Field(default=None, examples=["gina"])
    """Who found out."""


class FindingReviewed(Review, AccountingEvent, type="accounting.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["accounting.duplicate_invoice"], pattern=r"^accounting\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"invoice": "RE-2026-17"}])
    """The alert's distinguishing labels."""
    outcome: Outcome = Field(examples=["justified"])
    """What was decided; `confirmed`: the finding is right and stays. A duplicate is
    cleared by `distinct` alone."""


class AuditStep(Frozen):
    """One step of an audit's plan."""

    step: Id = Field(examples=["stocktaking"])
    """What is to be done."""
    due_on: Day = Field(examples=["2026-04-15"])
    """By the end of which working day."""
    needs: tuple[Id, ...] = Field(default=(), max_length=50, examples=[["kick-off"]])
    """Steps that must be done before it."""
    needs_service: Id | None = Field(default=None, examples=["erp"])
    """The service without which it cannot be done: while that is down, its time stands still."""


class AuditPlanned(AccountingEvent, type="accounting.audit.planned", kind="audit"):
    """An audit was planned, or planned anew: the new plan takes the place of the old one."""

    steps: tuple[AuditStep, ...] = Field(
        max_length=200, examples=[[{"step": "stocktaking", "due_on": "2026-04-15", "needs": ["kick-off"]}]]
    )
    """All steps. Steps done before stay done."""


class AuditStepCompleted(AccountingEvent, type="accounting.audit.step_completed", kind="audit"):
    """A step of an audit is done."""

    step: Id = Field(examples=["stocktaking"])
    """What was done."""
    by: PersonId | None = Field(default=None, examples=["lena"])
    """Who did it."""


class AuditFindingRecorded(AccountingEvent, type="accounting.audit.finding_recorded", kind="audit"):
    """An audit found something that must be put right."""

    finding: Id = Field(examples=["F-3"])
    """The finding's id."""
    due_on: Day = Field(examples=["2026-06-30"])
    """By the end of which working day it must be closed."""
    owner: PersonId | None = Field(default=None, examples=["gina"])
    """Who is to put it right."""


class AuditFindingClosed(AccountingEvent, type="accounting.audit.finding_closed", kind="audit"):
    """A finding of an audit was put right."""

    finding: Id = Field(examples=["F-3"])
    """The finding's id."""
    by: PersonId | None = Field(default=None, examples=["lena"])
    """Who says so."""


class AuditCompleted(AccountingEvent, type="accounting.audit.completed", kind="audit"):
    """The report is out. Steps and findings that are open stay open."""

    by: PersonId | None = Field(default=None, examples=["lena"])
    """Who signed it."""


class DeadlineCredited(Credit, AccountingEvent, type="accounting.deadline.credited"):
    """An outage took time from one of accounting's deadlines. Written by correlation. Subject: the deadline's own."""


class PersonAuthorised(AccountingEvent, type="accounting.person.authorised", kind="person"):
    """What a person may do from now on; it takes the place of what was said before."""

    approval_limit: Money | None = Field(default=None, examples=[{"amount": "5000.00", "currency": "EUR"}])
    """Up to how much the person may approve; nothing when not given."""
    duties: tuple[Duty, ...] = Field(default=(), examples=[["approve"]])
    """What the person may do in a purchase."""


EVENTS = tuple(concrete_events(AccountingEvent))

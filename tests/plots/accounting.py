"""Plots of Accounting."""

from schemas.accounting import (
    AuditFindingClosed,
    AuditFindingRecorded,
    AuditPlanned,
    AuditStep,
    AuditStepCompleted,
    FindingReviewed,
    GoodsReceived,
    InvoiceApproved,
    InvoiceIssued,
    InvoiceLine,
    InvoiceReceived,
    InvoiceRejected,
    Matching,
    OrderLine,
    PaymentBlocked,
    PaymentLinked,
    PaymentMade,
    PaymentUnblocked,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
    ReceivedLine,
    VendorBankChanged,
)
from tests.plots.telling import DAY, HOUR, Plot, day, eur, plot, settled

VENDOR, AUDIT = "vendor/acme", "audit/A-1"
LINE = {"order": "PO-1", "line": "10"}
FIRST_DIGITS = tuple(int(digit) for digit in "1" * 11 + "2" * 6 + "3" * 5 + "4" * 4 + "5" * 3 + "6" * 3 + "77889")
"""Of amounts that grew by themselves."""


def invoice(name: str, amount: str = "100", number: str | None = None, lines: bool = False) -> InvoiceReceived:
    order, charged = ("PO-1", (InvoiceLine(line="10", value=eur(amount)),)) if lines else (None, ())
    return InvoiceReceived(
        invoice=name,
        number=number or name,
        amount=eur(amount),
        issued_on=day(5),
        due_on=day(60),
        order=order,
        lines=charged,
    )


def ordered(amount: str = "100", order: str = "PO-1", matching: Matching = "three_way") -> PurchaseOrderCreated:
    line = OrderLine(line="10", value=eur(amount), matching=matching)
    return PurchaseOrderCreated(order=order, total=eur(amount), ordered_on=day(5), lines=(line,))


def repriced(amount: str) -> PurchaseOrderChanged:
    return PurchaseOrderChanged(order="PO-1", lines=(OrderLine(line="10", value=eur(amount)),), what="price")


def paid(invoice: str | None = None, line: bool = False) -> PaymentMade:
    of = LINE if line else {}
    return PaymentMade(payment="PAY-1", amount=eur("100"), paid_on=day(6), invoice=invoice, **of)


def approved(by: str, limit: str) -> InvoiceApproved:
    return InvoiceApproved(invoice="I-1", approver=by, approver_limit=eur(limit))


def seen(rule: str, **identity: str) -> FindingReviewed:
    return settled(FindingReviewed, f"accounting.{rule}", **identity)


def done(step: str) -> AuditStepCompleted:
    return AuditStepCompleted(step=step)


CAME = GoodsReceived(order="PO-1", receipt="GR-1", lines=(ReceivedLine(line="10", value=eur("100")),))
PLANNED = AuditPlanned(
    steps=(AuditStep(step="kick-off", due_on=day(9)), AuditStep(step="count", due_on=day(12), needs=("kick-off",)))
)

PLOTS: dict[str, Plot] = {
    "accounting.duplicate_invoice": plot(
        VENDOR, invoice("I-1", number="7"), invoice("I-2", number="007"), InvoiceRejected(invoice="I-2")
    ),
    "accounting.three_way_mismatch": plot(VENDOR, ordered(), invoice("I-1", "150", lines=True), CAME, repriced("150")),
    "accounting.approval_limit": plot(
        VENDOR, invoice("I-1", "900"), approved("hugo", "500"), approved("gina", "1000"), approved("erik", "1000")
    ),
    "accounting.segregation_of_duties": plot(
        VENDOR,
        invoice("I-1").model_copy(update={"recorded_by": "gina"}),
        approved("gina", "5000"),
        seen("segregation_of_duties", purchase="I-1", person="gina"),
    ),
    "accounting.split_purchase": plot(
        VENDOR,
        *(ordered("990", order=f"PO-{n}") for n in range(3)),
        seen("split_purchase", limit="1000 EUR", first="PO-0"),
    ),
    "accounting.invoice_overdue": plot(VENDOR, invoice("I-1"), 60 * DAY, paid("I-1")),
    "accounting.payment_without_order": plot(
        VENDOR, ordered(), paid(), PaymentLinked(payment="PAY-1", order="PO-1", by="gina")
    ),
    "accounting.bank_changed_before_payment": plot(
        VENDOR,
        VendorBankChanged(changed_by="dana"),
        invoice("I-1"),
        paid("I-1"),
        seen("bank_changed_before_payment", payment="PAY-1"),
    ),
    "accounting.payment_blocked_long": plot(
        VENDOR, invoice("I-1"), PaymentBlocked(invoice="I-1"), 20 * DAY, PaymentUnblocked(invoice="I-1")
    ),
    "accounting.audit_step_overdue": plot(AUDIT, PLANNED, 10 * DAY, done("kick-off"), done("count")),
    "accounting.audit_out_of_order": plot(AUDIT, PLANNED, HOUR, done("count"), done("kick-off")),
    "accounting.audit_finding_open": plot(
        AUDIT, AuditFindingRecorded(finding="F-1", due_on=day(9)), 9 * DAY, AuditFindingClosed(finding="F-1")
    ),
    "accounting.first_digit": plot(
        VENDOR,
        *(invoice(f"I-{n}", f"{first}00") for n, first in enumerate((*FIRST_DIGITS, *(9,) * 13))),
        *(
            invoice(f"I-{n}", f"{first}00")
            for n, first in enumerate((*FIRST_DIGITS, *(1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7)))
        ),
        first_digit_min_invoices=50,
    ),
    "accounting.invoice_before_goods": plot(
        VENDOR, InvoiceIssued(**LINE), DAY, CAME, seen("invoice_before_goods", **LINE), early_invoices=True
    ),
    "accounting.price_changed_after_invoice": plot(
        VENDOR, ordered(), invoice("I-1", lines=True), DAY, repriced("120"), seen("price_changed_after_invoice", **LINE)
    ),
    "accounting.paid_without_goods": plot(VENDOR, ordered(matching="goods_based"), paid(line=True), CAME),
    "accounting.line_unpaid": plot(
        VENDOR, invoice("I-1", lines=True), 61 * DAY, paid("I-1", line=True), unpaid_line_days=60
    ),
    "accounting.goods_not_invoiced": plot(VENDOR, CAME, 91 * DAY, invoice("I-1", lines=True), uninvoiced_goods_days=90),
}

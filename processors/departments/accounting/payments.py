"""Payments: each has an order or an approval behind it, and goes to an account that was not just changed."""

from datetime import datetime, timedelta

from processors.departments.accounting.rows import Payment
from processors.departments.accounting.vendor import Vendor
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import (
    FindingReviewed,
    InvoiceApproved,
    InvoiceReceived,
    PaymentLinked,
    PaymentMade,
    VendorBankChanged,
)
from schemas.envelope import Event

WITHOUT_ORDER = Rule(
    "accounting.payment_without_order",
    "critical",
    "a payment has neither an order nor an approved invoice behind it",
    "linked to an order or an approved invoice",
    distinguish=("payment",),
)

BANK_CHANGED = Rule(
    "accounting.bank_changed_before_payment",
    "critical",
    "the vendor's bank details were changed a few days before a payment",
    "reviewed",
    distinguish=("payment",),
    settings=("bank_change_window_days", "calendar"),
)


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case PaymentMade():
            return _account(_purpose(now, event, event.payment, at), event.payment, at)
        case PaymentLinked():
            return _purpose(now, event, event.payment, at)
        case InvoiceReceived() | InvoiceApproved():
            for payment in now.state.invoice(event.invoice).payments:
                now = _purpose(now, event, payment, at)
        case VendorBankChanged() if now.state.latest_payment:
            return _account(now, now.state.latest_payment, at)
        case FindingReviewed(rule=BANK_CHANGED.name):
            return review(now, event, at, BANK_CHANGED)
    return now


def _purpose(now: Step[Vendor], event: Event, name: str, at: datetime) -> Step[Vendor]:
    payment = now.state.payments[name]
    if payment.amount is None:
        return now  # only its link is known so far
    if _has_purpose(now.state, payment):
        return now.resolves(WITHOUT_ORDER, at, "it is linked", by=[event], payment=name)
    return now.fires(
        WITHOUT_ORDER,
        at,
        f"Payment {name} of {payment.amount} to {now.state.id} has neither an order nor an approval",
        because=[payment.record] if payment.record else [],
        labels={"payment": name},
    )


def _has_purpose(vendor: Vendor, payment: Payment) -> bool:
    if payment.order:
        return True
    invoice = vendor.invoice(payment.invoice) if payment.invoice else None
    return invoice is not None and bool(invoice.order or invoice.approvals)


def _account(now: Step[Vendor], name: str, at: datetime) -> Step[Vendor]:
    vendor = now.state
    payment, change = vendor.payments[name], vendor.bank_change
    if payment.paid_on is None or change is None or is_reviewed(vendor, BANK_CHANGED, payment=name):
        return now
    days = (payment.paid_on - change.on) / timedelta(days=1)
    if not 0 <= days <= vendor.settings.bank_change_window_days:
        return now
    return now.fires(
        BANK_CHANGED,
        at,
        f"Payment {name} of {payment.amount} to {vendor.id} went out {days:.0f} days after its bank details changed",
        because=[r for r in (change.record, payment.record) if r],
        labels={"payment": name},
    )

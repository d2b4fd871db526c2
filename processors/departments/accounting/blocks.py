"""Payment blocks: none is forgotten."""

from datetime import datetime, timedelta

from processors.departments.accounting.rows import Invoice
from processors.departments.accounting.vendor import Vendor
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.accounting import (
    InvoiceReceived,
    InvoiceRejected,
    PaymentBlocked,
    PaymentLinked,
    PaymentMade,
    PaymentUnblocked,
)
from schemas.envelope import Event
from schemas.processing import DeadlinePassed

BLOCKED_LONG = Rule(
    "accounting.payment_blocked_long",
    "warning",
    "an invoice has been blocked for payment for too long",
    "unblocked, paid or rejected",
    distinguish=("invoice",),
    settings=("payment_block_days", "cash_discount_percent"),
)

PREFIX = "blocked/"


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case PaymentBlocked() | PaymentUnblocked() | InvoiceReceived() | InvoiceRejected():
            return _settle(now, event, event.invoice, at)
        case PaymentMade() | PaymentLinked():
            for invoice in now.state.payments[event.payment].concerns:
                now = _settle(now, event, invoice, at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _stands(now, name.removeprefix(PREFIX), due, at)
    return now


def _over(invoice: Invoice, vendor: Vendor) -> str | None:
    """Why the block is over, if it is."""
    if invoice.rejected:
        return "the invoice was rejected"
    if invoice.is_paid(vendor.settings.cash_discount_percent):
        return "the invoice is paid"
    return None if invoice.blocked else "it was unblocked"


def _settle(now: Step[Vendor], event: Event, name: str, at: datetime) -> Step[Vendor]:
    vendor = now.state
    invoice = vendor.invoice(name)
    if why := _over(invoice, vendor):
        if PREFIX + name not in vendor.deadlines and not is_firing(vendor, BLOCKED_LONG, invoice=name):
            return now
        return now.awaits(PREFIX + name, None).resolves(BLOCKED_LONG, at, why, by=[event], invoice=name)
    if invoice.blocked_at is None:
        return now
    return now.awaits(PREFIX + name, invoice.blocked_at + timedelta(days=vendor.settings.payment_block_days))


def _stands(now: Step[Vendor], name: str, due: datetime, at: datetime) -> Step[Vendor]:
    vendor = now.state
    invoice = vendor.invoice(name)
    if _over(invoice, vendor):
        return now
    return now.fires(
        BLOCKED_LONG,
        at,
        f"Invoice {name} of {vendor.id} has been blocked since {invoice.blocked_at:%Y-%m-%d}",
        because=[invoice.block_record] if invoice.block_record else [],
        labels={"invoice": name},
        due=due,
    )

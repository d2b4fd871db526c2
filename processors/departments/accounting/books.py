"""The books of a vendor: what each event changes in them, before any rule reads it."""

from dataclasses import replace

from processors.departments.accounting.rows import NO_PAYMENT, Approval, BankChange, Payment
from processors.departments.accounting.sums import add
from processors.departments.accounting.vendor import Vendor
from schemas.accounting import (
    InvoiceApproved,
    InvoiceReceived,
    InvoiceRejected,
    PaymentBlocked,
    PaymentLinked,
    PaymentMade,
    PaymentUnblocked,
    VendorBankChanged,
    VendorClassified,
    VendorCreated,
)
from schemas.envelope import Event

MAX_APPROVALS = 20
"""Approvals remembered per invoice: one per approver, the latest."""


def record(vendor: Vendor, event: Event) -> Vendor:
    """The books after this event."""
    here, time = event.about.record, event.about.time
    match event:
        case VendorCreated():
            return vendor.evolve(
                created_by=event.created_by,
                creation=here,
                country=event.country or vendor.country,
                vendor_class=event.vendor_class or vendor.vendor_class,
            )
        case VendorClassified():
            return vendor.evolve(vendor_class=event.vendor_class)
        case VendorBankChanged() if vendor.bank_change is None or vendor.bank_change.at < time:
            change = BankChange(time, vendor.calendar.local_date(time), here)
            return vendor.evolve(bank_change=change)
        case InvoiceReceived():
            return _receive(vendor, event)
        case InvoiceApproved():
            return _approve(vendor, event)
        case InvoiceRejected():
            return vendor.with_invoice(event.invoice, rejected_at=time)
        case PaymentBlocked() | PaymentUnblocked():
            return _block(vendor, event)
        case PaymentMade():
            known = vendor.payments.get(event.payment, NO_PAYMENT)
            made = Payment(
                amount=event.amount,
                paid_on=event.paid_on,
                paid_by=event.paid_by,
                invoice=event.invoice or known.invoice,
                order=event.order or known.order,
                record=here,
            )
            return _pay(vendor, event.payment, made).evolve(latest_payment=event.payment)
        case PaymentLinked():
            known = vendor.payments.get(event.payment, NO_PAYMENT)
            linked = replace(known, invoice=event.invoice or known.invoice, order=event.order or known.order)
            return _pay(vendor, event.payment, linked)
    return vendor


def _receive(vendor: Vendor, event: InvoiceReceived) -> Vendor:
    return vendor.with_invoice(
        event.invoice,
        number=event.number,
        amount=event.amount,
        issued_on=event.issued_on,
        due_on=event.due_on,
        order=event.order,
        needs_service=event.needs_service,
        record=event.about.record,
        received_at=event.about.time,
    )


def _approve(vendor: Vendor, event: InvoiceApproved) -> Vendor:
    limit = event.approver_limit or vendor.settings.approval_limit_default
    approval = Approval(event.approver, limit, event.about.record, event.about.time)
    others = tuple(a for a in vendor.invoice(event.invoice).approvals if a.approver != event.approver)
    return vendor.with_invoice(event.invoice, approvals=(*others, approval)[-MAX_APPROVALS:])


def _block(vendor: Vendor, event: PaymentBlocked | PaymentUnblocked) -> Vendor:
    invoice, time = vendor.invoice(event.invoice), event.about.time
    if isinstance(event, PaymentUnblocked):
        return vendor.with_invoice(event.invoice, unblocked_at=max(time, invoice.unblocked_at or time))
    if invoice.blocked and invoice.blocked_at is not None and invoice.blocked_at <= time:
        return vendor
    return vendor.with_invoice(event.invoice, blocked_at=time, block_record=event.about.record)


def _pay(vendor: Vendor, payment: str, now: Payment) -> Vendor:
    """Books a payment on its document, and takes off what was booked of it before."""
    before = vendor.payments.get(payment, NO_PAYMENT)
    now = replace(now, moved_from=before.invoice if before.invoice != now.invoice else None)
    if before.invoice:
        invoice = vendor.invoice(before.invoice)
        vendor = vendor.with_invoice(
            before.invoice,
            paid=add(invoice.paid, before.amount, -1),
            payments=tuple(p for p in invoice.payments if p != payment),
        )
    if now.invoice:
        invoice = vendor.invoice(now.invoice)
        vendor = vendor.with_invoice(
            now.invoice, paid=add(invoice.paid, now.amount), payments=(*invoice.payments, payment)
        )
    return vendor.evolve(payments=vendor.payments.put(payment, now))

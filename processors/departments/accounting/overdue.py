"""Invoices: each is paid when it is due."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from processors.departments.accounting.rows import Invoice
from processors.departments.accounting.vendor import Vendor
from processors.rule import Rule, Severity
from processors.step import Step
from processors.wall_clock import FIRST_DAY, LAST_DAY
from schemas.accounting import InvoiceReceived, InvoiceRejected, PaymentLinked, PaymentMade
from schemas.envelope import Event
from schemas.processing import DeadlinePassed

OVERDUE = Rule(
    "accounting.invoice_overdue",
    "warning",
    "an invoice is not paid at closing time of its due date; an error once it is 30, 60, 90 days late",
    "paid or rejected",
    distinguish=("invoice",),
    settings=("payment_terms_days", "overdue_stages_days", "cash_discount_percent", "calendar"),
)

PREFIX = "overdue/"


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    for invoice in invoices_of(now.state, event):
        if isinstance(event, DeadlinePassed):
            now = _late(now, invoice, event.due, at)
        else:
            now = _settle(now, event, invoice, at)
    return now


def invoices_of(vendor: Vendor, event: Event) -> tuple[str, ...]:
    """The documents whose payment the event concerns, if any: two, when a payment moves to another one."""
    match event:
        case InvoiceReceived() | InvoiceRejected():
            return (event.invoice,)
        case PaymentMade() | PaymentLinked():
            return vendor.payments[event.payment].concerns
        case DeadlinePassed(name=name) if name.startswith(PREFIX):
            return (name.removeprefix(PREFIX),)
    return ()


def first_instant(invoice: Invoice, vendor: Vendor) -> datetime | None:
    """The instant at which it is late for the first time."""
    return next((instant for _, instant in _stages(invoice, vendor)), None)


def due_date(invoice: Invoice, vendor: Vendor) -> date | None:
    """By when it is to be paid: as it says, or by the usual terms."""
    if invoice.due_on is not None or invoice.issued_on is None:
        return invoice.due_on
    terms = vendor.settings.payment_terms_days
    return None if terms is None else _later(invoice.issued_on, terms)


def _later(day: date, days: int) -> date:
    return min(max(day, FIRST_DAY), LAST_DAY - timedelta(days=days)) + timedelta(days=days)


def _stages(invoice: Invoice, vendor: Vendor) -> Iterator[tuple[int, datetime]]:
    """Days overdue, and the instant at which that is said: closing time, of the next business day if need be."""
    due = due_date(invoice, vendor)
    if due is not None:
        for days in (0, *sorted(vendor.settings.overdue_stages_days)):
            yield days, vendor.calendar.end_of_business_day(_later(due, days))


def _is_open(invoice: Invoice, vendor: Vendor) -> bool:
    if invoice.rejected or invoice.amount is None or invoice.amount.amount <= 0:
        return False
    return not invoice.is_paid(vendor.settings.cash_discount_percent)


def _settle(now: Step[Vendor], event: Event, name: str, at: datetime) -> Step[Vendor]:
    """Judges anew with what is known now, and waits for the next stage, or for nothing more."""
    vendor = now.state
    invoice = vendor.invoice(name)
    if not _is_open(invoice, vendor):
        why = "it was rejected" if invoice.rejected else "it is paid"
        return now.awaits(PREFIX + name, None).resolves(OVERDUE, at, why, by=[event], invoice=name)
    first = first_instant(invoice, vendor)
    if first is not None and first < at:
        return _late(now, name, at, at)
    now = now.resolves(OVERDUE, at, "it is due later", by=[event], invoice=name)
    return now.awaits(PREFIX + name, first)


def _late(now: Step[Vendor], name: str, until: datetime, at: datetime) -> Step[Vendor]:
    """Says which stage was reached by `until`, and waits for the next one."""
    vendor = now.state
    invoice = vendor.invoice(name)
    stages = list(_stages(invoice, vendor))
    reached = [stage for stage in stages if stage[1] <= until]
    if not reached or not _is_open(invoice, vendor):
        return now
    days, due = reached[-1]
    severity: Severity = "error" if days else "warning"
    late = f"is {days} days overdue" if days else f"was due on {due_date(invoice, vendor)} and is not paid"
    return now.awaits(PREFIX + name, next((instant for _, instant in stages if instant > until), None)).fires(
        OVERDUE,
        at,
        f"Invoice {name} of {vendor.id} over {invoice.amount} {late}",
        because=[invoice.record] if invoice.record else [],
        severity=severity,
        labels={"invoice": name},
        due=due,
    )

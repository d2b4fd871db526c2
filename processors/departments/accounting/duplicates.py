"""Vendor invoices: the same invoice must not be paid twice."""

import re
import unicodedata
from datetime import datetime, timedelta

from processors.departments.accounting.rows import Invoice, NumberUse
from processors.departments.accounting.vendor import Vendor
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.accounting import FindingReviewed, InvoiceReceived, InvoiceRejected
from schemas.envelope import Event

DUPLICATE = Rule(
    "accounting.duplicate_invoice",
    "error",
    "the vendor sent an invoice whose number, but for case, blanks, leading zeros and punctuation, it has used"
    " before [error]; or one of the same amount and date with another number within a few days [warning]",
    "one of the two is rejected, or reviewed as distinct",
    distinguish=("invoice",),
    settings=("duplicate_window_days",),
)

MAX_COPIES = 100
"""Copies remembered of one document, the latest."""


def normalise(number: str) -> str:
    """An invoice number without what people type differently: case, blanks, leading zeros, punctuation."""
    text = unicodedata.normalize("NFKC", number).casefold()
    return "".join(re.findall(r"[^\W_]", re.sub(r"(?<!\d)0+(?=\d)", "", text))) or text


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case InvoiceReceived() if not now.state.invoice(event.invoice).rejected:
            return _compare(now, event, at)
        case InvoiceRejected():
            return _reject(now, event, at)
        case FindingReviewed(rule=DUPLICATE.name):
            return review(now, event, at, DUPLICATE, outcomes=("distinct",))
    return now


def _compare(now: Step[Vendor], event: InvoiceReceived, at: datetime) -> Step[Vendor]:
    vendor, use = now.state, NumberUse(event.invoice, event.number)
    number, amount = normalise(event.number), _amount_and_date(vendor.invoice(event.invoice))
    if original := _other(vendor, vendor.numbers.get(number), event.invoice):
        return _fire(now, original, event.invoice, at)
    numbers = vendor.numbers.put(number, use)
    now, window = now.evolve(numbers=numbers), vendor.settings.duplicate_window_days
    if window is not None:
        if original := _other(vendor, vendor.amounts.get(amount), event.invoice):
            return _fire(now, original, event.invoice, at)
        now = now.evolve(amounts=vendor.amounts.put(amount, use, at + timedelta(days=window)))
    return now.resolves(DUPLICATE, at, "it was received anew, corrected", by=[event], invoice=event.invoice)


def _amount_and_date(invoice: Invoice) -> str:
    money = invoice.amount
    return f"{money.currency} {money.amount.normalize()} {invoice.issued_on}" if money else ""


def _other(vendor: Vendor, use: NumberUse | None, invoice: str) -> str | None:
    """The document this one repeats: one that stands, and still has the number it was noted with."""
    if use is None or use.invoice == invoice:
        return None
    other = vendor.invoice(use.invoice)
    return None if other.rejected or other.number != use.number else use.invoice


def _fire(now: Step[Vendor], original: str, copy: str, at: datetime) -> Step[Vendor]:
    vendor = now.state
    if is_reviewed(vendor, DUPLICATE, invoice=copy):
        return now
    first, second = vendor.invoice(original), vendor.invoice(copy)
    copies = (*(c for c in first.copies if c != copy), copy)[-MAX_COPIES:]
    severity: Severity = "warning"
    summary = f"Invoice {copy} of {vendor.id} has the amount and date of {original}, under another number"
    if normalise(first.number) == normalise(second.number):
        severity = "error"
        summary = f"Invoice {copy} of {vendor.id} has the number of {original}: {second.number}"
    return Step(vendor.with_invoice(original, copies=copies), now.emit).fires(
        DUPLICATE,
        at,
        summary,
        because=[r for r in (first.record, second.record) if r],
        severity=severity,
        labels={"invoice": copy, "original": original},
    )


def _reject(now: Step[Vendor], event: InvoiceRejected, at: datetime) -> Step[Vendor]:
    """Its own alert ends; of its copies, the first takes its place."""
    invoice = now.state.invoice(event.invoice)
    if not invoice.rejected:
        return now
    now = now.resolves(DUPLICATE, at, "it was rejected", by=[event], invoice=event.invoice)
    copies = [c for c in invoice.copies if not now.state.invoice(c).rejected]
    now = Step(now.state.with_invoice(event.invoice, copies=()), now.emit)
    if not copies:
        return now
    first, *others = copies
    number = now.state.invoice(first).number
    now = now.evolve(numbers=now.state.numbers.put(normalise(number), NumberUse(first, number)))
    now = now.resolves(DUPLICATE, at, f"{event.invoice} was rejected", by=[event], invoice=first)
    for copy in others:
        now = _fire(now, first, copy, at)
    return now

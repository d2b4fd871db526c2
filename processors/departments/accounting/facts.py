"""What accounting tells rules over several keys: who did what for a vendor, and who approved an invoice when."""

from collections.abc import Iterable
from datetime import datetime

from processors.departments.accounting.rows import Act, Approval
from processors.departments.accounting.vendor import Vendor
from processors.departments.reviews import hand_on
from processors.step import Step
from schemas.accounting import (
    Duty,
    FindingReviewed,
    InvoiceApproved,
    InvoiceReceived,
    InvoiceRejected,
    VendorCreated,
)
from schemas.envelope import Event
from schemas.facts import DutyDone, EligibilityAsked, PurchaseDuty

DUTY: dict[Duty, PurchaseDuty] = {
    "create_vendor": "create_vendor",
    "create_order": "place_order",
    "receive_goods": "receive_goods",
    "record_invoice": "record_invoice",
    "approve": "approve_invoice",
    "unblock": "release_payment",
    "pay": "pay",
}
"""Accounting's words for duties, in those of all departments."""

FOUND_ELSEWHERE = frozenset({"accounting.duties_across_departments"})
"""Findings about a vendor that rules over several keys make, and people review."""


def tell(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    """Whoever approves is asked about; again when the invoice is rejected, and when it comes again after that."""
    match event:
        case InvoiceApproved():
            approvals = now.state.invoice(event.invoice).approvals
            return _ask(now, event.invoice, [a for a in approvals if a.approver == event.approver])
        case InvoiceReceived() | InvoiceRejected():
            invoice = now.state.invoice(event.invoice)
            if invoice.rejected != invoice.asked_rejected:
                return _ask(now, event.invoice, invoice.approvals)
        case FindingReviewed() if event.rule in FOUND_ELSEWHERE:
            return hand_on(now, event)
    return now


def tell_duty(now: Step[Vendor], purchase: str, act: Act) -> Step[Vendor]:
    """Somebody did a duty in a purchase, which was not known before."""
    fact = DutyDone(person=act.person, duty=DUTY[act.duty], reference=purchase, record=act.record)
    return now.emits(now.state.key, fact)


def tell_creator(now: Step[Vendor], before: Vendor, event: Event) -> Step[Vendor]:
    """Who created the vendor; it was not who was said to have before."""
    creator = now.state.created_by
    if not isinstance(event, VendorCreated) or creator == before.created_by:
        return now
    for person, holds in ((before.created_by, False), (creator, True)):
        if person is None or now.state.settings.is_system(person):
            continue
        revision = now.state.creations + 1
        fact = DutyDone(
            person=person,
            duty="create_vendor",
            reference=now.state.id,
            holds=holds,
            revision=revision,
            record=event.about.record,
        )
        now = now.evolve(creations=revision).emits(now.state.key, fact)
    return now


def _ask(now: Step[Vendor], name: str, approvals: Iterable[Approval]) -> Step[Vendor]:
    """Might they approve then? Whether they might is known where all is known of them."""
    vendor, invoice = now.state, now.state.invoice(name)
    revision = invoice.asked + 1
    now = now.evolve(invoices=vendor.with_invoice(name, asked=revision, asked_rejected=invoice.rejected).invoices)
    for approval in approvals:
        if approval.at is None or vendor.settings.is_system(approval.approver):
            continue  # told before approvals had a time; or no person
        question = EligibilityAsked(
            vendor=vendor.id,
            invoice=name,
            approver=approval.approver,
            at=approval.at,
            holds=not invoice.rejected,
            revision=revision,
            record=approval.record,
        )
        now = now.emits(f"person/{approval.approver}", question)
    return now

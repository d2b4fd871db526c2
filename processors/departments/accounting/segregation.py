"""Segregation of duties: one person must not do two incompatible acts on one purchase."""

from collections.abc import Iterable
from datetime import datetime

from processors.departments.accounting.facts import tell_duty
from processors.departments.accounting.vendor import Act, Vendor, pair
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import (
    Duty,
    FindingReviewed,
    GoodsReceived,
    InvoiceApproved,
    InvoiceReceived,
    PaymentLinked,
    PaymentMade,
    PurchaseOrderCreated,
)
from schemas.envelope import Event, Evidence

DUTIES = Rule(
    "accounting.segregation_of_duties",
    "critical",
    "one person did two incompatible acts on one purchase: create the vendor, create the order, receive the goods,"
    " record the invoice, approve, pay",
    "reviewed",
    distinguish=("purchase", "person"),
    settings=("incompatible_duties", "system_users"),
)


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    here = event.about.record
    match event:
        case PurchaseOrderCreated():
            return _did(now, event.order, _acts(event.created_by, "create_order", here), at)
        case GoodsReceived():
            return _did(now, event.order, _acts(event.received_by, "receive_goods", here), at)
        case InvoiceReceived():
            acts = (*_acts(event.recorded_by, "record_invoice", here), *now.state.invoice(event.invoice).acts)
            return _did(now, now.state.purchase_of(event.invoice), acts, at)
        case InvoiceApproved():
            return _handled(now, event.invoice, _acts(event.approver, "approve", here), at)
        case PaymentMade() | PaymentLinked():
            return _paid(now, event.payment, at)
        case FindingReviewed(rule=DUTIES.name):
            return review(now, event, at, DUTIES)
    return now


def _acts(person: str | None, duty: Duty, record: Evidence | None) -> tuple[Act, ...]:
    return (Act(person, duty, record),) if person else ()


def _paid(now: Step[Vendor], name: str, at: datetime) -> Step[Vendor]:
    payment = now.state.payments[name]
    acts = _acts(payment.paid_by, "pay", payment.record)
    if payment.invoice:
        return _handled(now, payment.invoice, acts, at)
    return _did(now, payment.order or name, acts, at)


def _handled(now: Step[Vendor], invoice: str, acts: tuple[Act, ...], at: datetime) -> Step[Vendor]:
    """Acts on a document, which also count for its order when that becomes known only later."""
    if not acts:
        return now
    vendor = now.state
    known = {(act.person, act.duty): act for act in (*acts, *vendor.invoice(invoice).acts)}
    now = Step(vendor.with_invoice(invoice, acts=tuple(known.values())), now.emit)
    return _did(now, vendor.purchase_of(invoice), acts, at)


def _did(now: Step[Vendor], purchase: str, acts: Iterable[Act], at: datetime) -> Step[Vendor]:
    for act in acts:
        if act.person in now.state.settings.system_users:
            continue
        entry = pair(purchase, act.person)
        known = now.state.acts.get(entry, ())
        if all(k.duty != act.duty for k in known):
            known = (*known, act)
            now = tell_duty(now.evolve(acts=now.state.acts.put(entry, known)), purchase, act)
        now = _judge(now, purchase, act.person, known, at)
    return now


def _judge(now: Step[Vendor], purchase: str, person: str, acts: tuple[Act, ...], at: datetime) -> Step[Vendor]:
    vendor = now.state
    if vendor.created_by == person:
        acts = (Act(person, "create_vendor", vendor.creation), *acts)
    duties = {act.duty for act in acts}
    clash = {duty for both in vendor.settings.incompatible_duties if duties.issuperset(both) for duty in both}
    if not clash or is_reviewed(vendor, DUTIES, purchase=purchase, person=person):
        return now
    guilty = [act for act in acts if act.duty in clash]
    return now.fires(
        DUTIES,
        at,
        f"{person} did {' and '.join(act.duty.replace('_', ' ') for act in guilty)} on purchase {purchase}"
        f" of {vendor.id}",
        because=[act.record for act in guilty if act.record],
        labels={"purchase": purchase, "person": person},
    )

"""Segregation of duties: one person must not do two incompatible acts on one purchase."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from processors.departments.accounting.facts import tell_duty
from processors.departments.accounting.rows import Act, pair
from processors.departments.accounting.vendor import Vendor
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
    PaymentUnblocked,
    PurchaseOrderCreated,
)
from schemas.envelope import Event, Evidence

DUTIES = Rule(
    "accounting.segregation_of_duties",
    "critical",
    "one person did two incompatible acts on one purchase: create the vendor, create the order, receive the goods,"
    " record the invoice, approve, release a blocked payment, pay",
    "reviewed",
    distinguish=("purchase", "person"),
    settings=("incompatible_duties", "duties_on", "system_users"),
)


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    here = event.about.record
    match event:
        case PurchaseOrderCreated():
            acts = _acts(event.created_by, "create_order", here)
            return _did(now, _purchases(now, event.order, (each.line for each in event.lines)), acts, at)
        case GoodsReceived():
            acts = _acts(event.received_by, "receive_goods", here)
            return _did(now, _purchases(now, event.order, (each.line for each in event.lines)), acts, at)
        case InvoiceReceived():
            before = (_through(act, here) for act in now.state.invoice(event.invoice).acts)
            acts = (*_acts(event.recorded_by, "record_invoice", here), *before)
            return _did(now, _purchases_of(now, event.invoice), acts, at)
        case InvoiceApproved():
            return _handled(now, event.invoice, _acts(event.approver, "approve", here), at)
        case PaymentUnblocked():
            acts = _acts(event.by, "unblock", here)
            if event.order and event.line:
                return _did(now, _purchases(now, event.order, (event.line,)), acts, at)
            return _handled(now, event.invoice, acts, at)
        case PaymentMade() | PaymentLinked():
            return _paid(now, event, at)
        case FindingReviewed(rule=DUTIES.name):
            return review(now, event, at, DUTIES)
    return now


def _purchases(now: Step[Vendor], order: str, lines: Iterable[str]) -> tuple[str, ...]:
    """The purchases that these lines of an order are: itself, or each of them."""
    if now.state.settings.duties_on == "order":
        return (order,)
    return tuple(f"{order}/{line}" for line in lines) or (order,)


def _purchases_of(now: Step[Vendor], name: str) -> tuple[str, ...]:
    invoice = now.state.invoice(name)
    return _purchases(now, now.state.purchase_of(name), (charge.line for charge in invoice.charged))


def _acts(person: str | None, duty: Duty, record: Evidence | None) -> tuple[Act, ...]:
    return (Act(person, duty, record),) if person else ()


def _through(act: Act, record: Evidence | None) -> Act:
    """The act, and one record more that ties it to its purchase."""
    if record is None or record in act.records:
        return act
    return replace(act, through=(*act.through, record))


def _paid(now: Step[Vendor], event: PaymentMade | PaymentLinked, at: datetime) -> Step[Vendor]:
    payment = now.state.payments[event.payment]
    acts = tuple(_through(act, event.about.record) for act in _acts(payment.paid_by, "pay", payment.record))
    if payment.invoice:
        return _handled(now, payment.invoice, acts, at)
    line = event.line if isinstance(event, PaymentMade) else None
    purchase = payment.order or event.payment
    return _did(now, _purchases(now, purchase, (line,) if line else ()), acts, at)


def _handled(now: Step[Vendor], invoice: str, acts: tuple[Act, ...], at: datetime) -> Step[Vendor]:
    """Acts on a document, which also count for its order when that becomes known only later."""
    if not acts:
        return now
    vendor = now.state
    known = {(act.person, act.duty): act for act in (*acts, *vendor.invoice(invoice).acts)}
    now = Step(vendor.with_invoice(invoice, acts=tuple(known.values())), now.emit)
    document = vendor.invoice(invoice)
    told = [_through(act, document.record) for act in acts] if document.order else acts
    return _did(now, _purchases_of(now, invoice), told, at)


def _did(now: Step[Vendor], purchases: Iterable[str], acts: Iterable[Act], at: datetime) -> Step[Vendor]:
    acts = [act for act in acts if not now.state.settings.is_system(act.person)]
    for purchase in purchases:
        for act in acts:
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
        because=[record for act in guilty for record in act.records],
        labels={"purchase": purchase, "person": person, "duties": ",".join(sorted(clash))},
    )

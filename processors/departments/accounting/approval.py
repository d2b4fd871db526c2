"""Approval limits: nobody releases more than they may, unless a second one does too."""

from datetime import datetime

from processors.departments.accounting.rows import Approval, Invoice
from processors.departments.accounting.vendor import Vendor
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import InvoiceApproved, InvoiceReceived, InvoiceRejected
from schemas.envelope import Event
from schemas.money import Money

LIMIT = Rule(
    "accounting.approval_limit",
    "critical",
    "an invoice was approved above the approver's limit",
    "a second person approves it, or it is rejected",
    distinguish=("invoice",),
    settings=("approval_limit_default", "second_approval_needs_limit"),
)


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case InvoiceApproved() | InvoiceReceived() | InvoiceRejected():
            return _judge(now, event, event.invoice, at)
    return now


def _judge(now: Step[Vendor], event: Event, name: str, at: datetime) -> Step[Vendor]:
    vendor = now.state
    invoice = vendor.invoice(name)
    over = None if invoice.amount is None or invoice.rejected else _over_limit(invoice, invoice.amount)
    if over is None or invoice.amount is None:
        return now.resolves(LIMIT, at, "no approval above a limit is left", by=[event], invoice=name)
    if second := _second(invoice, over, vendor.settings.second_approval_needs_limit, invoice.amount):
        return now.resolves(LIMIT, at, f"{second.approver} approved it too", by=[event], invoice=name)
    return now.fires(
        LIMIT,
        at,
        f"{over.approver} approved {name} of {vendor.id} over {invoice.amount}, and may approve {over.limit}",
        because=[r for r in (invoice.record, over.record) if r],
        labels={"invoice": name, "approver": over.approver},
    )


def _covers(approval: Approval, amount: Money) -> bool:
    """Whether the limit is enough. A limit in another currency cannot be compared, and is trusted."""
    return approval.limit.currency != amount.currency or amount.amount <= approval.limit.amount


def _over_limit(invoice: Invoice, amount: Money) -> Approval | None:
    return next((a for a in invoice.approvals if not _covers(a, amount)), None)


def _second(invoice: Invoice, over: Approval, needs_limit: bool, amount: Money) -> Approval | None:
    others = (a for a in invoice.approvals if a.approver != over.approver)
    return next((a for a in others if not needs_limit or _covers(a, amount)), None)

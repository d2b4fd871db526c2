"""Accounting: audit processes follow company instructions and regulations."""

from datetime import datetime

from processors.departments.accounting import (
    approval,
    audit,
    benford,
    blocks,
    duplicates,
    facts,
    impact,
    matching,
    order_lines,
    overdue,
    payments,
    segregation,
    splitting,
)
from processors.departments.accounting.books import record
from processors.departments.accounting.measures import MEASURES
from processors.departments.accounting.person import Person, person_step
from processors.departments.accounting.settings import AccountingSettings
from processors.departments.accounting.vendor import Vendor
from processors.processor import Aggregate, Processor
from processors.step import Step
from schemas.accounting import EVENTS, GoodsReceived, InvoiceReceived, PaymentMade
from schemas.envelope import Event

CHECKS = (
    duplicates.check,
    matching.check,
    approval.check,
    segregation.check,
    splitting.check,
    overdue.check,
    impact.check,
    payments.check,
    blocks.check,
    benford.check,
    order_lines.check,
    facts.tell,
)


def vendor_step(vendor: Vendor, event: Event, at: datetime) -> Step[Vendor]:
    """Books the event, then asks each rule in turn."""
    now = facts.tell_creator(Step(record(vendor, event)), vendor, event)
    for check in CHECKS:
        now = check(now, event, at)
    return now


department = Processor(
    name="accounting",
    inbox="events.accounting",
    events=EVENTS,
    aggregates={
        "vendor": Aggregate(Vendor, vendor_step),
        "audit": Aggregate(audit.Audit, audit.audit_step),
        "person": Aggregate(Person, person_step),
    },
    settings=AccountingSettings,
    rules=(
        duplicates.DUPLICATE,
        matching.MISMATCH,
        approval.LIMIT,
        segregation.DUTIES,
        splitting.SPLIT,
        overdue.OVERDUE,
        payments.WITHOUT_ORDER,
        payments.BANK_CHANGED,
        blocks.BLOCKED_LONG,
        audit.STEP_OVERDUE,
        audit.OUT_OF_ORDER,
        audit.FINDING_OPEN,
        benford.FIRST_DIGIT,
        *order_lines.RULES,
    ),
    streams=(
        GoodsReceived,
        InvoiceReceived,
        PaymentMade,
    ),
    measures=MEASURES,
)

"""The alert of the job, and the pure part of it that the contenders written in Python share."""

from datetime import datetime
from decimal import Decimal

from benchmarks.job import FACTOR, RULE
from schemas.accounting import InvoiceReceived
from schemas.envelope import Evidence
from schemas.signals import ConditionFired


def cents_of(invoice: InvoiceReceived) -> int:
    return int(invoice.amount.amount * Decimal(100))


def unusual(invoice: InvoiceReceived, count: int, at: datetime, because: Evidence) -> ConditionFired:
    """What is said of an unusual invoice, `count` invoices after the vendor's first."""
    return ConditionFired(
        rule=RULE,
        identity={"invoice": invoice.invoice},
        labels={"invoice": invoice.invoice, "currency": invoice.amount.currency},
        severity="warning",
        summary=f"Invoice {invoice.number} is more than {FACTOR} times the mean of the {count} before",
        starts_at=at,
        evidence=(because,),
    )

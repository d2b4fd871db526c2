"""What late invoices cost: told to the ledger of the service that they cannot be paid without."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from processors.departments.accounting import overdue
from processors.departments.accounting.rows import Booked
from processors.departments.accounting.vendor import Vendor
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.facts import ImpactReported


@dataclass(frozen=True, slots=True)
class _Late:
    """The day on which an invoice was to be paid, up to the instant at which it was late."""

    since: datetime
    until: datetime


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    """Follows `overdue.check`: an invoice that it calls late is reported, and what becomes of it."""
    for name in overdue.invoices_of(now.state, event):
        now = _follow(now, event, name)
    return now


def _follow(now: Step[Vendor], event: Event, name: str) -> Step[Vendor]:
    invoice = now.state.invoice(name)
    before, service = invoice.booked, invoice.needs_service
    if before is not None and before.holds and before.service != service:
        before = before.again(holds=False)
        now = _reports(now, name, before)
    late = None if service is None else overdue.first_instant(invoice, now.state)
    if service is None or late is None:
        return now
    day = now.state.calendar.at(now.state.calendar.local_date(late), "00:00")
    booked = _booked(now.state, name, before, service, _Late(day, late), event.about.time)
    return now if booked is None or booked == before else _reports(now, name, booked)


def _booked(
    vendor: Vendor, name: str, before: Booked | None, service: str, late: _Late, time: datetime
) -> Booked | None:
    """None: it is not late and never was."""
    if is_firing(vendor, overdue.OVERDUE, invoice=name):
        revision = before.revision if before else 0
        now = Booked(service, late.since, late.until, Decimal(0), True, revision)
        return before if now == before else now.again()
    if before is None or not before.holds:
        return before
    if vendor.invoice(name).rejected or late.until >= time:
        return before.again(holds=False)
    lasted = vendor.calendar.business_time_between(late.until, time)
    return before if before.hours or not lasted else before.again(hours=_hours(lasted))


def _reports(now: Step[Vendor], name: str, booked: Booked) -> Step[Vendor]:
    invoice = now.state.invoice(name)
    fact = ImpactReported(
        what="invoice",
        reference=name,
        since=booked.since,
        until=booked.until,
        money=invoice.amount,
        hours=booked.hours,
        holds=booked.holds,
        revision=booked.revision,
        record=invoice.record,
    )
    return Step(now.state.with_invoice(name, booked=booked), now.emit).emits(f"service/{booked.service}", fact)


def _hours(span: timedelta) -> Decimal:
    """In hours, to the hundredth."""
    return (Decimal(span // timedelta(seconds=1)) / 3600).quantize(Decimal("0.01"))

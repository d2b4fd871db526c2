"""Accounting in the simulated office: orders, goods, invoices and payments; and what goes wrong with them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.people import APPROVER, EXECUTIVE
from producers.simulator.planting import expected, workday
from schemas.accounting import (
    AccountingEvent,
    AuditFindingClosed,
    AuditFindingRecorded,
    AuditPlanned,
    AuditStep,
    AuditStepCompleted,
    GoodsReceived,
    InvoiceApproved,
    InvoiceLine,
    InvoiceReceived,
    InvoiceRejected,
    OrderLine,
    PaymentBlocked,
    PaymentLinked,
    PaymentMade,
    PurchaseOrderCreated,
    ReceivedLine,
    VendorBankChanged,
    VendorCreated,
)
from schemas.money import Money

LIMITS = (1_000, 5_000, 10_000, 50_000)
"""Honest purchases keep clear of what lies just under these."""


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """One honest purchase per vendor and workday, and eleven planted stories of what goes wrong."""
    yield from _purchases(office)
    for problem in (
        _sent_twice,
        _over_the_limit,
        _approved_on_leave,
        _ordered_and_approved,
        _split,
        _paid_late,
        _paid_for_nothing,
        _new_account,
        _block_forgotten,
        _charged_too_much,
        _audit,
    ):
        yield from problem(office)


def _purchases(office: SimulatedOffice) -> Iterator[Said]:
    rng = office.rng("accounting")
    for n in range(office.vendors):
        yield _say(office.clock(0, time(6, n % 60)), f"V-{n:02}", VendorCreated(created_by="dana", country="DE"))
    for day in filter(office.is_workday, range(office.days)):
        for n in range(office.vendors):
            at = office.clock(day, time(9 + rng.randrange(6), rng.randrange(60)))
            yield from _purchase(f"V-{n:02}", f"{day}-{n}", at, _amount(rng.random()), rng.randrange(1, 20))


def _amount(chance: float) -> Decimal:
    """From 100 to 10,000, evenly in magnitude as real amounts are, but never just under a limit."""
    amount = Decimal(round(10 ** (2 + 2 * chance), 2)).quantize(Decimal("0.01"))
    near = any(limit * Decimal("0.9") <= amount < limit for limit in LIMITS)
    return (amount * Decimal("0.85")).quantize(Decimal("0.01")) if near else amount


def _purchase(vendor: str, name: str, at: datetime, amount: Decimal, quantity: int) -> Iterator[Said]:
    """Ordered, delivered, charged, approved and paid, each by somebody else, within two days."""
    order, invoice, value, day = f"PO-{name}", f"RE-{name}", Money(amount=amount), at.date()
    lines = (OrderLine(line="10", quantity=Decimal(quantity), value=value),)
    yield _say(
        at, vendor, PurchaseOrderCreated(order=order, total=value, ordered_on=day, lines=lines, created_by="erik")
    )
    came = (ReceivedLine(line="10", quantity=Decimal(quantity)),)
    goods = GoodsReceived(order=order, receipt=f"GR-{name}", lines=came, received_by="finn")
    yield _say(at + timedelta(hours=20), vendor, goods)
    charged = (InvoiceLine(line="10", quantity=Decimal(quantity), value=value),)
    received = _invoice(invoice, f"{vendor}-{name}", value, at).model_copy(update={"order": order, "lines": charged})
    yield _say(at + timedelta(hours=26), vendor, received)
    yield _say(at + timedelta(hours=30), vendor, _approval(invoice, "hugo", 20_000))
    yield _say(at + timedelta(hours=48), vendor, _payment(f"PAY-{name}", value, at + timedelta(hours=48), invoice))


def _sent_twice(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """An invoice comes again with its number written differently, and is rejected the next day."""
    vendor, value = "V-dup", Money(amount=Decimal("731.20"))
    first, second = office.clock(workday(office, 0), time(10)), office.clock(workday(office, 1), time(10, 30))
    yield _say(first, vendor, _invoice("RE-dup-1", "INV-0077", value, first))
    yield _say(second, vendor, _invoice("RE-dup-2", "inv 77", value, second))
    rejected = office.clock(workday(office, 2), time(9))
    yield _say(rejected, vendor, InvoiceRejected(invoice="RE-dup-2", by="hugo", reason="sent twice"))
    yield from expected(
        office, "accounting.duplicate_invoice", f"vendor/{vendor}", second, rejected, invoice="RE-dup-2"
    )


def _over_the_limit(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody approves more than they may; the head of accounting signs two hours later."""
    vendor, value, day = "V-limit", Money(amount=Decimal("8000")), workday(office, 0)
    at = office.clock(day, time(11))
    yield _say(office.clock(day, time(9)), vendor, _invoice("RE-limit", "4-8000", value, at))
    yield _say(at, vendor, _approval("RE-limit", "ines", 5_000))
    yield _say(at + timedelta(hours=2), vendor, _approval("RE-limit", "karl", 50_000))
    yield from expected(
        office, "accounting.approval_limit", f"vendor/{vendor}", at, at + timedelta(hours=2), invoice="RE-limit"
    )


def _approved_on_leave(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody approves from the beach; the executive, who stands in, does so after lunch."""
    vendor, value, day = "V-leave", Money(amount=Decimal("560")), workday(office, 1)
    at, again = office.clock(day, time(10)), office.clock(day, time(13, 30))
    yield _say(office.clock(day, time(9)), vendor, _invoice("RE-leave", "L-560", value, at))
    yield _say(at, vendor, _approval("RE-leave", APPROVER, 20_000))
    yield _say(again, vendor, _approval("RE-leave", EXECUTIVE, 50_000))
    rule = "accounting.approver_ineligible"
    yield from expected(office, rule, f"vendor/{vendor}", at, again, invoice="RE-leave")


def _ordered_and_approved(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """One person orders and approves; nobody reviews it."""
    vendor, value, day = "V-duty", Money(amount=Decimal("2300")), workday(office, 1)
    at = office.clock(day, time(15))
    ordered = PurchaseOrderCreated(order="PO-duty", total=value, ordered_on=at.date(), created_by="olaf")
    yield _say(office.clock(day, time(9)), vendor, ordered)
    received = _invoice("RE-duty", "D-1", value, at).model_copy(update={"order": "PO-duty"})
    yield _say(office.clock(day, time(12)), vendor, received)
    yield _say(at, vendor, _approval("RE-duty", "olaf", 20_000))
    rule = "accounting.segregation_of_duties"
    yield from expected(office, rule, f"vendor/{vendor}", at, None, neglected=True, purchase="PO-duty", person="olaf")


def _split(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Three orders just under 5,000 in one afternoon."""
    vendor, day = "V-split", workday(office, 1)
    for n, amount in enumerate(("4900", "4850.50", "4990")):
        at, value = office.clock(day, time(14, 10 * n)), Money(amount=Decimal(amount))
        order = PurchaseOrderCreated(order=f"PO-split-{n}", total=value, ordered_on=at.date(), created_by="erik")
        yield _say(at, vendor, order)
    rule, third = "accounting.split_purchase", office.clock(day, time(14, 20))
    yield from expected(office, rule, f"vendor/{vendor}", third, None, limit="5000 EUR", first="PO-split-0")


def _paid_late(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """An invoice is paid the morning after it was due."""
    vendor, value, day = "V-late", Money(amount=Decimal("615")), workday(office, 1)
    at, due = office.clock(workday(office, 0), time(9)), office.clock(day, time(17))
    received = _invoice("RE-late", "L-1", value, at).model_copy(update={"due_on": due.date()})
    yield _say(at, vendor, received)
    yield _say(at + timedelta(hours=1), vendor, _approval("RE-late", "hugo", 20_000))
    paid = office.clock(workday(office, 2), time(9, 45))
    yield _say(paid, vendor, _payment("PAY-late", value, paid, "RE-late"))
    yield from expected(office, "accounting.invoice_overdue", f"vendor/{vendor}", due, paid, invoice="RE-late")


def _paid_for_nothing(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A payment that nobody can place is linked to its order the next day."""
    vendor, value = "V-none", Money(amount=Decimal("333.33"))
    at, linked = office.clock(workday(office, 0), time(13)), office.clock(workday(office, 1), time(13))
    yield _say(at, vendor, _payment("PAY-none", value, at))
    yield _say(linked, vendor, PaymentLinked(payment="PAY-none", order="PO-none", by="gina"))
    rule = "accounting.payment_without_order"
    yield from expected(office, rule, f"vendor/{vendor}", at, linked, payment="PAY-none")


def _new_account(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Money goes to an account that was entered the day before."""
    vendor, value = "V-bank", Money(amount=Decimal("1870"))
    changed, paid = office.clock(workday(office, 0), time(16)), office.clock(workday(office, 1), time(10))
    yield _say(changed, vendor, VendorBankChanged(changed_by="dana", account_hash="b7e23ec29af2"))
    yield _say(paid, vendor, _payment("PAY-bank", value, paid).model_copy(update={"order": "PO-bank"}))
    rule = "accounting.bank_changed_before_payment"
    yield from expected(office, rule, f"vendor/{vendor}", paid, None, payment="PAY-bank")


def _block_forgotten(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A block is forgotten. In a short simulation nobody notices."""
    vendor, at = "V-block", office.clock(0, time(10))
    received = _invoice("RE-block", "B-1", Money(amount=Decimal("410")), at)
    due = received.model_copy(update={"due_on": (at + timedelta(days=300)).date()})
    yield _say(at, vendor, due)
    yield _say(at, vendor, PaymentBlocked(invoice="RE-block", reason="price under discussion", by="gina"))
    rule = "accounting.payment_blocked_long"
    yield from expected(office, rule, f"vendor/{vendor}", at + timedelta(days=14), None, invoice="RE-block")


def _charged_too_much(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Twelve are charged where ten were ordered and came; the vendor sends a correct invoice in its place."""
    vendor, day = "V-match", workday(office, 0)
    ordered, charged = Money(amount=Decimal("2000")), Money(amount=Decimal("2400"))
    at, corrected = office.clock(day, time(12)), office.clock(workday(office, 1), time(12))
    lines = (OrderLine(line="10", quantity=Decimal(10), value=ordered, matching="goods_based"),)
    order = PurchaseOrderCreated(order="PO-match", total=ordered, ordered_on=at.date(), lines=lines, created_by="erik")
    yield _say(office.clock(day, time(8)), vendor, order)
    came = (ReceivedLine(line="10", quantity=Decimal(10)),)
    yield _say(office.clock(day, time(10)), vendor, GoodsReceived(order="PO-match", receipt="GR-match", lines=came))
    for when, quantity, value in ((at, 12, charged), (corrected, 10, ordered)):
        line = InvoiceLine(line="10", quantity=Decimal(quantity), value=value)
        received = _invoice("RE-match", "M-1", value, at).model_copy(update={"order": "PO-match", "lines": (line,)})
        yield _say(when, vendor, received)
    rule = "accounting.three_way_mismatch"
    yield from expected(office, rule, f"vendor/{vendor}", at, corrected, order="PO-match", line="10")


def _audit(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Stocktaking is done before the kick-off, which is late; a finding is closed a day too late."""
    subject = "audit/A-1"
    days = [office.start + timedelta(days=workday(office, n)) for n in range(4)]
    plan = AuditPlanned(
        steps=(
            AuditStep(step="kick-off", due_on=days[1]),
            AuditStep(step="stocktaking", due_on=days[3], needs=("kick-off",)),
        )
    )
    early, late = office.clock(workday(office, 0), time(15)), office.clock(workday(office, 2), time(10))
    yield Said(office.clock(0, time(7)), subject, plan)
    yield Said(early, subject, AuditStepCompleted(step="stocktaking", by="lena"))
    yield Said(late, subject, AuditStepCompleted(step="kick-off", by="lena"))
    yield Said(early + timedelta(hours=1), subject, AuditFindingRecorded(finding="F-1", due_on=days[2], owner="gina"))
    closed = office.clock(workday(office, 3), time(12))
    yield Said(closed, subject, AuditFindingClosed(finding="F-1", by="lena"))
    due = office.clock(workday(office, 1), time(17))
    yield from expected(office, "accounting.audit_out_of_order", subject, early, late, step="stocktaking")
    yield from expected(office, "accounting.audit_step_overdue", subject, due, late, step="kick-off")
    due = office.clock(workday(office, 2), time(17))
    yield from expected(office, "accounting.audit_finding_open", subject, due, closed, finding="F-1")


def _invoice(invoice: str, number: str, value: Money, at: datetime) -> InvoiceReceived:
    issued = at.date() - timedelta(days=2)
    return InvoiceReceived(
        invoice=invoice,
        number=number,
        amount=value,
        issued_on=issued,
        due_on=issued + timedelta(days=400),
        recorded_by="gina",
    )


def _approval(invoice: str, approver: str, limit: int) -> InvoiceApproved:
    return InvoiceApproved(invoice=invoice, approver=approver, approver_limit=Money(amount=Decimal(limit)))


def _payment(payment: str, value: Money, at: datetime, invoice: str | None = None) -> PaymentMade:
    return PaymentMade(payment=payment, amount=value, paid_on=at.date(), invoice=invoice, paid_by="ida")


def _say(at: datetime, vendor: str, event: AccountingEvent) -> Said:
    return Said(at, f"vendor/{vendor}", event)

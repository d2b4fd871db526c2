"""Order lines: goods, invoice and payment follow one another in their order and in time."""

from datetime import datetime, timedelta

from processors.departments.accounting.line_history import NO_HISTORY, LineHistory, booked, bookings
from processors.departments.accounting.rows import NO_LINE, pair
from processors.departments.accounting.vendor import Vendor
from processors.departments.reviews import is_reviewed, review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import FindingReviewed
from schemas.envelope import Event, Evidence
from schemas.processing import DeadlinePassed

EARLY_INVOICE = Rule(
    "accounting.invoice_before_goods",
    "info",
    "the vendor's invoice for an order line is dated before its goods came; off unless set",
    "reviewed",
    distinguish=("order", "line"),
    settings=("early_invoices",),
)
REPRICED = Rule(
    "accounting.price_changed_after_invoice",
    "warning",
    "the price of an order line is changed after it was invoiced",
    "reviewed",
    distinguish=("order", "line"),
)
PAID_WITHOUT_GOODS = Rule(
    "accounting.paid_without_goods",
    "error",
    "an order line whose invoices are verified against its goods is paid, and no goods came",
    "goods came, or reviewed",
    distinguish=("order", "line"),
)
UNPAID = Rule(
    "accounting.line_unpaid",
    "warning",
    "an order line is not paid so many days after its first invoice, whether that was cancelled or not (60, say);"
    " off unless set",
    "paid, or reviewed",
    distinguish=("order", "line"),
    settings=("unpaid_line_days",),
)
UNINVOICED = Rule(
    "accounting.goods_not_invoiced",
    "warning",
    "an order line is not invoiced so many days after its first goods came (90, say); off unless set",
    "invoiced, or reviewed",
    distinguish=("order", "line"),
    settings=("uninvoiced_goods_days",),
)
RULES = (EARLY_INVOICE, REPRICED, PAID_WITHOUT_GOODS, UNPAID, UNINVOICED)
BY_NAME = {rule.name: rule for rule in RULES}

Line = tuple[str, str]


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case FindingReviewed() if event.rule in BY_NAME:
            return review(now, event, at, BY_NAME[event.rule])
        case DeadlinePassed(name=name, due=due) if name.partition("/")[0] in BY_NAME:
            return _late(now, name, due, at)
    for booking in bookings(event):
        entry = pair(booking.order, booking.line)
        before = now.state.histories.get(entry, NO_HISTORY)
        history = booked(before, booking, event, now.state.calendar.local_date(event.about.time))
        now = now.evolve(histories=now.state.histories.put(entry, history))
        now = _judge(now, (booking.order, booking.line), before, history, event, at)
    return now


def _judge(
    now: Step[Vendor], line: Line, before: LineHistory, history: LineHistory, event: Event, at: datetime
) -> Step[Vendor]:
    """The rules, when one of the instants that they read has changed."""
    if not _changed(before, history, "issued_at", "goods_at", "invoice_at", "repriced_at", "paid_at"):
        return now
    settings = now.state.settings
    if settings.early_invoices and history.goods_at and history.issued_at and history.issued_at < history.goods_at:
        what = f"was invoiced on {history.issued_at:%Y-%m-%d}, before its goods came"
        now = _fires(now, EARLY_INVOICE, line, what, at, (history.issued, history.goods))
    if history.invoice_at and history.repriced_at and history.repriced_at > history.invoice_at:
        what = "got another price after it was invoiced"
        now = _fires(now, REPRICED, line, what, at, (history.invoice, history.repriced))
    if (history.paid_at, history.goods_at) != (before.paid_at, before.goods_at):
        now = _paid(now, line, history, event, at)
    if settings.unpaid_line_days is not None and _changed(before, history, "invoice_at", "paid_at"):
        now = _awaits(now, UNPAID, line, history.invoice_at, settings.unpaid_line_days, history.paid_at, event, at)
    if settings.uninvoiced_goods_days is not None and _changed(before, history, "goods_at", "invoice_at"):
        days = settings.uninvoiced_goods_days
        now = _awaits(now, UNINVOICED, line, history.goods_at, days, history.invoice_at, event, at)
    return now


def _changed(before: LineHistory, history: LineHistory, *names: str) -> bool:
    return any(getattr(before, name) != getattr(history, name) for name in names)


def _paid(now: Step[Vendor], line: Line, history: LineHistory, event: Event, at: datetime) -> Step[Vendor]:
    order, name = line
    if history.goods_at is not None:
        return now.resolves(PAID_WITHOUT_GOODS, at, "goods came", by=[event], order=order, line=name)
    ordered = now.state.lines.get(pair(*line), NO_LINE)
    if ordered.matching != "goods_based":
        return now
    records = (ordered.order_record, event.about.record)
    return _fires(now, PAID_WITHOUT_GOODS, line, "is paid, and no goods came", at, records)


def _awaits(
    now: Step[Vendor],
    rule: Rule,
    line: Line,
    since: datetime | None,
    days: int,
    done: datetime | None,
    event: Event,
    at: datetime,
) -> Step[Vendor]:
    """Waits for what is to follow within some days, or says that it came."""
    order, name = line
    deadline = f"{rule.name}/{pair(*line)}"
    if since is None:
        return now
    due = after(since, timedelta(days=days))
    if done is None and due >= at:
        return now.awaits(deadline, due)
    now = now.awaits(deadline, None)
    if done is None or done > due:
        now = _late(now, deadline, due, at, anyway=True)
    if done is None:
        return now
    return now.resolves(rule, at, f"it is done, on {done:%Y-%m-%d}", by=[event], order=order, line=name)


def _late(now: Step[Vendor], deadline: str, due: datetime, at: datetime, *, anyway: bool = False) -> Step[Vendor]:
    name, _, entry = deadline.partition("/")
    order, _, line = entry.partition("\x1f")
    history, rule = now.state.histories.get(entry, NO_HISTORY), BY_NAME[name]
    since, done = (history.invoice, history.paid_at) if rule is UNPAID else (history.goods, history.invoice_at)
    if done is not None and not anyway:
        return now
    what = "was invoiced long ago and is not paid" if rule is UNPAID else "got goods long ago and is not invoiced"
    return _fires(now, rule, (order, line), what, at, (since,), due)


def _fires(
    now: Step[Vendor],
    rule: Rule,
    line: Line,
    what: str,
    at: datetime,
    records: tuple[Evidence | None, ...],
    due: datetime | None = None,
) -> Step[Vendor]:
    order, name = line
    if is_reviewed(now.state, rule, order=order, line=name):
        return now
    return now.fires(
        rule,
        at,
        f"Order {order} of {now.state.id}, line {name}, {what}",
        because=[record for record in records if record],
        labels={"order": order, "line": name},
        due=due,
    )

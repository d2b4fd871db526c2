"""Budgets: what is spent, committed and forecast stays within them, and nothing is ordered without one."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from processors.departments.judging import found
from processors.departments.manufacturing.order import Order
from processors.departments.manufacturing.project import Ledger, Project
from processors.rule import Rule, Severity
from processors.step import Step
from schemas.envelope import Event
from schemas.manufacturing import OrderPlaced

OVERRUN = Rule(
    "manufacturing.budget_overrun",
    "warning",
    "booked and committed costs are over 80 % of a budget, critical over 100 %; or the cost at completion, forecast"
    " by earned value, is over the budget",
    "the budget is raised, or costs are corrected",
    distinguish=("currency", "reason"),
    measure="the ledger: every booking and order in that currency",
    settings=("budget_warning_percent", "budget_critical_percent", "forecast", "forecast_min_percent"),
)
WITHOUT_BUDGET = Rule(
    "manufacturing.order_without_budget",
    "error",
    "an order is placed and no budget is approved, or none is left",
    "a budget that covers it is approved, costs are corrected, the order is cancelled, or it is reviewed",
    distinguish=("order",),
    settings=("order_must_fit",),
    measure="where a budget is used up: the ledger, every booking and order in that currency",
)

SPENT, FORECAST = "spent", "forecast"


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    for currency in now.state.ledgers.changes:
        now = _spent(now, currency, event, at)
        now = _forecast(now, currency, event, at)
    if isinstance(event, OrderPlaced):
        now = _placed(now, event, at)
    return _covered(now, event, at)


def estimate_at_completion(ledger: Ledger, method: Literal["typical", "atypical", "off"]) -> Decimal:
    """The forecast cost of everything ordered (EAC), in units of the currency.

    Source: PMI, PMBOK Guide, 6th ed., 7.4.2.2. typical: EAC = BAC / CPI with CPI = EV / AC, which is
    AC + (BAC - EV) / CPI; atypical: EAC = AC + (BAC - EV). The variant with SPI needs a plan over time, which orders
    are not. AC is what was booked on orders; what was booked on the project at large is added as it is.
    """
    overhead, left = ledger.booked - ledger.on_orders, ledger.planned - ledger.earned
    if method == "typical" and ledger.earned > 0 and ledger.on_orders > 0:
        left = left * ledger.on_orders / ledger.earned
    return overhead + ledger.on_orders + left


def _spent(now: Step[Project], currency: str, event: Event, at: datetime) -> Step[Project]:
    """What is left to spend. The words do not name sums, so that they are said anew only when it gets worse."""
    project, ledger = now.state, now.state.ledger(currency)
    settings, budget = project.settings, ledger.budget
    stages: tuple[tuple[Severity, Decimal], ...] = (
        ("critical", settings.budget_critical_percent),
        ("warning", settings.budget_warning_percent),
    )
    if budget is None and ledger.booked > 0:
        return _fires(now, currency, SPENT, "critical", f"costs in {currency}, for which it has no budget", event, at)
    passed = [stage for stage in stages if budget is not None and ledger.used * 100 > budget * stage[1]]
    if not passed:
        return now.resolves(OVERRUN, at, "it is within the budget", by=[event], currency=currency, reason=SPENT)
    severity, percent = passed[0]
    return _fires(
        now, currency, SPENT, severity, f"spent or committed over {percent} % of its {currency} budget", event, at
    )


def _forecast(now: Step[Project], currency: str, event: Event, at: datetime) -> Step[Project]:
    settings, ledger = now.state.settings, now.state.ledger(currency)
    settled = ledger.planned > 0 and ledger.earned * 100 >= ledger.planned * settings.forecast_min_percent
    if settings.forecast == "off" or ledger.budget is None or not settled:
        return now.resolves(OVERRUN, at, "there is no forecast", by=[event], currency=currency, reason=FORECAST)
    if estimate_at_completion(ledger, settings.forecast) > ledger.budget:
        what = f"a forecast cost at completion over its {currency} budget"
        return _fires(now, currency, FORECAST, "warning", what, event, at)
    return now.resolves(OVERRUN, at, "the forecast is within it", by=[event], currency=currency, reason=FORECAST)


def _fires(
    now: Step[Project], currency: str, reason: str, how_bad: Severity, what: str, event: Event, at: datetime
) -> Step[Project]:
    ledger = now.state.ledger(currency)
    method = now.state.settings.forecast
    budget = "no budget" if ledger.budget is None else f"a budget of {ledger.budget:.2f}"
    return now.fires(
        OVERRUN,
        at,
        f"Project {now.state.id} has {what}",
        because=[record for record in (ledger.budget_record, event.about.record) if record],
        severity=how_bad,
        labels={"currency": currency, "reason": reason},
        annotations={
            "budget": "none" if ledger.budget is None else f"{ledger.budget:.2f}",
            "booked": f"{ledger.booked:.2f}",
            "committed": f"{ledger.committed:.2f}",
            "forecast": f"{estimate_at_completion(ledger, method):.2f}",
        },
        measured=f"{ledger.booked:.2f} booked and {ledger.committed:.2f} committed, of {budget}",
    )


def _placed(now: Step[Project], event: OrderPlaced, at: datetime) -> Step[Project]:
    project, order = now.state, now.state.order(event.order)
    if order.value is None or order.value.amount <= 0 or order.cancelled:
        return now
    currency = order.value.currency
    ledger, own = project.ledger(currency), order.share.committed if order.share else Decimal(0)
    if ledger.budget is not None:
        fits = ledger.used <= ledger.budget or not project.settings.order_must_fit
        if fits and ledger.used - own < ledger.budget:
            return now
    now = now.evolve(unbudgeted=project.unbudgeted.put(event.order, currency))
    return without_budget(now, event.order, event, at)


def without_budget(now: Step[Project], name: str, event: Event, at: datetime) -> Step[Project]:
    """Says that an order has no budget, as long as it has none."""
    if (currency := now.state.unbudgeted.get(name)) is None:
        return now
    ledger, order = now.state.ledger(currency), now.state.order(name)
    left = "is approved" if ledger.budget is None else "is left"
    summary = f"Order {name} was placed and no {currency} budget {left}"
    records = (ledger.budget_record, *order.because("value", "placed_at"))
    measured = None if ledger.budget is None else f"{ledger.used:.2f} used of {ledger.budget:.2f}"
    return found(now, WITHOUT_BUDGET, at, summary, records, {"order": name}, event=event, measured=measured)


def _covered(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    """Orders that have no budget have one as soon as it covers everything, or are off. Looks at all of them only when
    a ledger has just come within its budget."""
    for name in now.state.orders.changes:
        if name in now.state.unbudgeted and not _asks(now.state.order(name), now.state.unbudgeted[name]):
            now = _has_budget(now, name, "it is off", event, at)
    for currency in now.state.ledgers.changes:
        ledger = now.state.ledger(currency)
        if now.state.unbudgeted and ledger.budget is not None and ledger.used <= ledger.budget:
            for name in [name for name, where in now.state.unbudgeted.items() if where == currency]:
                now = _has_budget(now, name, "the budget covers it", event, at)
    return now


def _asks(order: Order, currency: str) -> bool:
    value = None if order.cancelled else order.value
    return value is not None and value.currency == currency and value.amount > 0


def _has_budget(now: Step[Project], name: str, why: str, event: Event, at: datetime) -> Step[Project]:
    now = now.evolve(unbudgeted=now.state.unbudgeted.drop(name))
    return now.resolves(WITHOUT_BUDGET, at, why, by=[event], order=name)

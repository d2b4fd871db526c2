"""Split purchases: several just under a limit, so that nobody has to sign."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from processors.departments.accounting.rows import NearLimit
from processors.departments.accounting.vendor import Vendor
from processors.departments.reviews import is_reviewed, review
from processors.rule import Rule
from processors.step import Step
from schemas.accounting import FindingReviewed, InvoiceReceived, PurchaseOrderCreated
from schemas.envelope import Event
from schemas.money import Money

SPLIT = Rule(
    "accounting.split_purchase",
    "warning",
    "several orders, or invoices without an order, just under one limit, within a few days",
    "reviewed",
    distinguish=("limit", "first"),
    settings=("purchase_limits", "split_margin_percent", "split_count", "split_window_days"),
)

MAX_REMEMBERED = 100
"""Purchases near one limit that are compared, the latest."""


def check(now: Step[Vendor], event: Event, at: datetime) -> Step[Vendor]:
    match event:
        case PurchaseOrderCreated():
            return _compare(now, event, event.order, event.total, event.ordered_on, at)
        case InvoiceReceived(order=None):
            return _compare(now, event, event.invoice, event.amount, event.issued_on, at)
        case FindingReviewed(rule=SPLIT.name):
            return review(now, event, at, SPLIT)
    return now


def _compare(now: Step[Vendor], event: Event, purchase: str, amount: Money, on: date, at: datetime) -> Step[Vendor]:
    for limit in now.state.settings.purchase_limits:
        if _just_under(amount, limit, now.state):
            now = _near(now, limit, NearLimit(purchase, on, event.about.record), at)
    return now


def _just_under(amount: Money, limit: Money, vendor: Vendor) -> bool:
    floor = limit.amount * (100 - vendor.settings.split_margin_percent) / 100
    return amount.currency == limit.currency and floor <= amount.amount < limit.amount


def _near(now: Step[Vendor], limit: Money, new: NearLimit, at: datetime) -> Step[Vendor]:
    vendor, name = now.state, f"{limit.amount.normalize():f} {limit.currency}"
    known = [n for n in vendor.near_limits.get(name, ()) if n.purchase != new.purchase]
    open_ = [n for n in known if not (n.chain and is_reviewed(vendor, SPLIT, limit=name, first=n.chain))]
    group = _densest([*open_, new], new, timedelta(days=vendor.settings.split_window_days))
    if len(group) < vendor.settings.split_count:
        return now.evolve(near_limits=vendor.near_limits.put(name, (*known, new)[-MAX_REMEMBERED:]))
    first = next((n.chain for n in group if n.chain), group[0].purchase)
    together = {n.purchase for n in group}
    marked = tuple(replace(n, chain=first) if n.purchase in together else n for n in (*known, new))
    now = now.evolve(near_limits=vendor.near_limits.put(name, marked[-MAX_REMEMBERED:]))
    chain = [n for n in marked if n.chain == first]
    return now.fires(
        SPLIT,
        at,
        f"{len(chain)} purchases of {vendor.id} just under {limit}: {', '.join(n.purchase for n in chain[:10])}",
        because=[n.record for n in chain if n.record],
        labels={"limit": name, "first": first},
    )


def _densest(purchases: list[NearLimit], new: NearLimit, window: timedelta) -> list[NearLimit]:
    """The most purchases that lie with the new one within one window, oldest first."""
    ordered = sorted(purchases, key=lambda n: (n.on, n.purchase))
    spans = (
        [n for n in ordered if timedelta() <= n.on - begin.on <= window]
        for begin in ordered
        if timedelta() <= new.on - begin.on <= window
    )
    return max(spans, key=len)

"""Products: surges of complaints about one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.correlation import surge
from processors.correlation.settings import DEFAULTS, CorrelationSettings
from processors.correlation.usual import Complained
from processors.instants import after
from processors.rows import Rows
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import ProductComplained
from schemas.processing import DeadlinePassed


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint about the product, or one that was thought to be."""

    received_at: datetime
    names: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class Product(Complained):
    """The complaints about one product."""

    settings: CorrelationSettings = field(default=DEFAULTS)
    complaints: Rows[Complaint] = field(default_factory=Rows)
    """Those told of in the last days, for corrections."""


def step(state: Product, event: Event, at: datetime) -> Step[Product]:
    """Somebody complained about the product, or a quarter of an hour is over."""
    match event:
        case ProductComplained():
            return _complained(state, event, at)
        case DeadlinePassed():
            return surge.judged(Step(state), state.settings, event, at)
    return Step(state)


def _complained(product: Product, event: ProductComplained, at: datetime) -> Step[Product]:
    known = product.complaints.get(event.complaint)
    if known is not None and known.revision >= event.revision:
        return Step(product)
    forget = after(max(event.received_at, at), timedelta(days=product.settings.outage_memory_days))
    now = Complaint(event.received_at, event.names, event.revision)
    step = Step(product.evolve(complaints=product.complaints.put(event.complaint, now, forget)))
    for complaint, more in ((known, -1), (now, 1)):
        if complaint is not None and complaint.names:
            step = surge.counted(step, product.settings, complaint.received_at, more, at)
    return surge.judged(step, product.settings, event, at)

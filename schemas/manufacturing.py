"""Manufacturing's events: projects with their budget, orders, production, inspections, shipments and costs."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.envelope import Day, Event, Id, Instant, concrete_events
from schemas.money import Money
from schemas.privacy import PersonId
from schemas.reviews import Review

Pieces = Annotated[int, Field(ge=0, le=1_000_000_000, examples=[250])]
"""A number of pieces."""

Hours = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=12, decimal_places=4, examples=["40"])]
"""Hours of work."""

ReportType = Literal["production", "setup", "breakdown"]
"""What the shop floor reports: pieces made, a machine set up, a machine out of order."""


class ManufacturingEvent(Event, topic="events.manufacturing"):
    """Anything that happened in manufacturing. Subject: the project; an order without one is a project of its own."""


# The budget


class BudgetApproved(ManufacturingEvent, type="manufacturing.budget.approved", kind="project"):
    """A project may spend so much in this currency. Each currency has a budget of its own: nothing is converted."""

    amount: Money = Field(examples=[{"amount": "50000.00", "currency": "EUR"}])
    """The whole budget in this currency; it takes the place of the one before."""
    approved_by: PersonId | None = Field(default=None, examples=["E-100"])
    """Who did."""
    project_kind: Id | None = Field(default=None, examples=["prototype"])
    """What kind of project it is; settings may differ by it."""


class BudgetChanged(ManufacturingEvent, type="manufacturing.budget.changed", kind="project"):
    """A project's budget in this currency was raised or cut."""

    amount: Money = Field(examples=[{"amount": "60000.00", "currency": "EUR"}])
    """The whole budget from here on."""
    approved_by: PersonId | None = Field(default=None, examples=["E-100"])
    """Who did."""


# Orders


class OrderPlaced(ManufacturingEvent, type="manufacturing.order.placed", kind="project"):
    """An order was placed, in the own workshop or with a vendor. Placed again after it was cancelled, it stands."""

    order: Id = Field(examples=["WO-7"])
    """The order's id, unique in its project."""
    product: Id | None = Field(default=None, examples=["cable-head"])
    """What is made or bought."""
    quantity: Pieces | None = None
    """How many pieces; not given where nothing is counted."""
    value: Money | None = Field(default=None, examples=[{"amount": "4200.00", "currency": "EUR"}])
    """Its planned cost: what it commits of the budget, and what its work is worth when it is done."""
    planned_hours: Hours | None = None
    """How much work it is."""
    promised_on: Day | None = Field(default=None, examples=["2026-03-20"])
    """The last day for shipping it."""
    placed_by: PersonId | None = Field(default=None, examples=["E-104"])
    """Employee id of the one who did."""
    vendor: Id | None = Field(default=None, examples=["acme"])
    """With whom, when it is bought."""
    needs_service: Id | None = Field(default=None, examples=["machine-control"])
    """The IT service without which it cannot be made or shipped: an outage's ledger counts what that costs."""


class OrderChange(ManufacturingEvent):
    """New terms of an order. What is not given stays."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    quantity: Pieces | None = None
    """How many pieces."""
    value: Money | None = Field(default=None, examples=[{"amount": "4500.00", "currency": "EUR"}])
    """The planned cost."""
    planned_hours: Hours | None = None
    """How much work it is, from the beginning."""
    promised_on: Day | None = Field(default=None, examples=["2026-03-27"])
    """The last day for shipping it."""
    needs_service: Id | None = Field(default=None, examples=["machine-control"])
    """The IT service without which it cannot be made or shipped."""


class OrderConfirmed(OrderChange, type="manufacturing.order.confirmed", kind="project"):
    """Whoever makes an order has confirmed it, perhaps on other terms. What is not given stays."""


class OrderChanged(OrderChange, type="manufacturing.order.changed", kind="project"):
    """An order's terms were changed or corrected. What is not given stays."""


class OrderCancelled(ManufacturingEvent, type="manufacturing.order.cancelled", kind="project"):
    """An order is off: what it still committed is free again, what it has cost stays."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    reason: str = Field(default="", max_length=500, examples=["the client withdrew"])
    """Why."""


class OrderShipped(ManufacturingEvent, type="manufacturing.order.shipped", kind="project"):
    """Pieces of an order left for the client. A shipment that is said again corrects its quantity."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    shipment: Id = Field(default="all", examples=["SH-31"])
    """The shipment's id, unique in its order."""
    quantity: Pieces | None = None
    """How many pieces; all that was ordered when not given."""


# Production


class MaterialReceived(ManufacturingEvent, type="manufacturing.material.received", kind="project"):
    """Material for an order, or what was bought with it, came. A receipt that is said again corrects its quantity."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    receipt: Id = Field(examples=["GR-12"])
    """The receipt's id, unique in its order."""
    quantity: Pieces = Field(examples=[100])
    """How many pieces."""
    received_by: PersonId | None = Field(default=None, examples=["E-108"])
    """Employee id of the one who took it."""


class WorkStarted(ManufacturingEvent, type="manufacturing.work.started", kind="project"):
    """Work on an order began."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""


class WorkReported(ManufacturingEvent, type="manufacturing.work.reported", kind="project"):
    """One report of the shop floor about one operation of an order. It says that the work goes on."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    operation: str = Field(min_length=1, max_length=200, examples=["Final Inspection Q.C."])
    """What was done, as the shop floor's system names it."""
    report: ReportType = Field(default="production", examples=["production"])
    """What is reported."""
    completed: Pieces = Field(default=0, examples=[31])
    """Good pieces out of this operation."""
    rejected: Pieces = Field(default=0, examples=[1])
    """Pieces rejected at this operation."""
    for_review: Pieces = Field(default=0, examples=[0])
    """Pieces set aside for the material review board."""
    rework: bool = Field(default=False, examples=[False])
    """Pieces were worked over."""
    order_quantity: Pieces | None = None
    """How many pieces the order is for, where the report repeats that."""
    started_at: Instant | None = Field(default=None, examples=["2026-03-02T08:00:00Z"])
    """When the operation began; not given when unknown."""
    completed_at: Instant | None = Field(default=None, examples=["2026-03-02T09:15:00Z"])
    """When it ended; not given when unknown."""
    worker: PersonId | None = Field(default=None, examples=["ID4163"])
    """Who reports."""
    resource: str | None = Field(default=None, max_length=200, examples=["Machine 4"])
    """The machine or workplace."""
    remaining_hours: Hours | None = None
    """How much work the whole order still is, as estimated now."""


class WorkCompleted(ManufacturingEvent, type="manufacturing.work.completed", kind="project"):
    """Work on an order is done. Said again, it corrects the numbers; what is not given is taken from inspections."""

    order: Id = Field(examples=["WO-7"])
    """The order's id."""
    produced: Pieces | None = Field(default=None, examples=[248])
    """Good pieces."""
    rejected: Pieces | None = Field(default=None, examples=[2])
    """Pieces rejected for good."""


class InspectionDone(ManufacturingEvent, type="manufacturing.inspection.done", kind="project"):
    """A lot was inspected. Said again, it corrects the numbers."""

    inspection: Id = Field(examples=["QC-118"])
    """The inspected lot's id, unique in its project."""
    order: Id | None = Field(default=None, examples=["WO-7"])
    """The order it belongs to."""
    accepted: Pieces = Field(examples=[48])
    """Good pieces of the lot."""
    rejected: Pieces = Field(examples=[2])
    """Rejected pieces of the lot."""
    rework: bool = Field(default=False, examples=[False])
    """True: these pieces were rejected before and worked over; what is accepted is rejected no more."""


# Costs


class CostBooked(ManufacturingEvent, type="manufacturing.cost.booked", kind="project"):
    """A cost was booked. A booking that is said again corrects itself; a credit note is a negative amount."""

    booking: Id = Field(examples=["B-5512"])
    """The booking's id, unique in its project."""
    amount: Money = Field(examples=[{"amount": "380.00", "currency": "EUR"}])
    """How much."""
    order: Id | None = Field(default=None, examples=["WO-7"])
    """The order it was for: it uses up what that has committed. None: the project at large."""
    final: bool = Field(default=False, examples=[False])
    """True: the order costs nothing more; what is left of its commitment is free."""


class CostReversed(ManufacturingEvent, type="manufacturing.cost.reversed", kind="project"):
    """A booking was wrong and counts no more."""

    booking: Id = Field(examples=["B-5512"])
    """The booking's id."""


class FindingReviewed(Review, ManufacturingEvent, type="manufacturing.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["manufacturing.quantity_mismatch"], pattern=r"^manufacturing\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"order": "WO-7"}])
    """The alert's distinguishing labels."""


EVENTS = tuple(concrete_events(ManufacturingEvent))
"""Every event of manufacturing."""

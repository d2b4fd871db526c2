"""Manufacturing's thresholds."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from processors.calendar import CalendarSettings
from processors.settings import RuleSettings

Percent = Annotated[Decimal, Field(ge=0, le=1000)]


class ManufacturingSettings(RuleSettings):
    """What the rules of manufacturing may be told."""

    calendar: CalendarSettings = CalendarSettings()
    """When the workshop works."""

    budget_warning_percent: Percent = Decimal(80)
    """A budget spent or committed beyond this is said, in percent."""
    budget_critical_percent: Percent = Decimal(100)
    """A budget spent or committed beyond this is critical, in percent."""
    forecast: Literal["typical", "atypical", "off"] = "typical"
    """How the cost at completion is forecast. typical: what is left costs as much more than planned as what is done;
    atypical: what is left costs what was planned; off: no forecast."""
    forecast_min_percent: Percent = Decimal(20)
    """No forecast before so much of the planned work is done, in percent: cost figures settle there."""
    order_must_fit: bool = False
    """True: an order that costs more than what is left of the budget counts as one without budget."""

    work_per_hour: Decimal = Field(default=Decimal(1), gt=0, le=1000)
    """How many hours of work an order gets in one working hour: two people on it make 2."""
    at_risk: bool = True
    """Whether an order is said to be late already when its remaining work cannot make the promised date."""
    stalled_hours: int = Field(default=8, ge=1, le=2000)
    """Work that began may rest for so many working hours."""

    reject_rate_percent: Percent = Decimal(5)
    """More rejected pieces than this of all made in the latest lots is too many, in percent."""
    reject_lots: int = Field(default=20, ge=2, le=200)
    """How many of the latest lots of a project are judged together."""
    reject_min_lots: int = Field(default=5, ge=1, le=200)
    """The rate is not judged before there are so many lots."""
    run_rules: bool = True
    """Whether the run rules of the p-chart are applied."""
    reject_standard_percent: Percent | None = None
    """The p-chart's centre line, in percent; estimated from the latest lots, once there are enough, when not given."""
    lot_memory_days: int = Field(default=400, ge=1, le=3660)
    """How long a lot can be corrected after it was told."""

    quantity_tolerance_percent: Percent = Decimal(0)
    """By how much of the order's quantity what came out may be off, in percent."""
    order_reject_percent: Percent = Decimal(10)
    """The measure `orders_rejected_heavily` counts orders with more rejected pieces than this, in percent."""
    lead_time_days: int = Field(default=14, ge=1, le=3660)
    """The measure `lead_time_long` counts orders that took longer than this, in days of 24 hours."""
    lead_time_error_days: int = Field(default=30, ge=1, le=3660)
    """The measure `lead_time_very_long` counts orders that took longer than this, in days of 24 hours."""
    final_inspections: tuple[str, ...] = ("Final Inspection Q.C.",)
    """The shop floor's names for the operation at which an order's pieces are counted at last."""
    final_inspection_completes: bool = False
    """Whether an order counts as complete once a final inspection is reported: for a shop floor that says no more."""
    packings: tuple[str, ...] = ("Packing",)
    """The shop floor's names for packing."""


DEFAULTS = ManufacturingSettings()

"""Management's thresholds."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from processors.calendar import Calendar, CalendarSettings
from processors.settings import RuleSettings
from schemas.money import Money

WorkingHours = Annotated[int, Field(ge=1, le=2000)]
Days = Annotated[int, Field(ge=1, le=3660)]


class ManagementSettings(RuleSettings):
    """What the rules of management may be told."""

    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works."""

    task_accept_hours: WorkingHours = 4
    """A task that was delegated is accepted within so many working hours."""
    task_error_hours: WorkingHours = 8
    """A task so many working hours overdue is an error."""
    task_hand_overs: int = Field(default=3, ge=1, le=20)
    """A task handed on so often is played ping-pong with."""
    goal_points: Decimal = Field(default=Decimal(15), gt=0, lt=100)
    """How far behind its straight line a goal may be, in percentage points."""
    consultation_business_days: Days = 2
    """A question is answered within so many business days."""
    consultations_watched: tuple[Literal["front_office", "executive", "employee"], ...] = ("front_office", "executive")
    """Whose questions are watched."""

    payment_warning_days: Days = 14
    """A declaration not paid so many days of 24 hours after it was first handed in is late."""
    payment_error_days: Days = 30
    """From then on it is an error."""
    payment_critical_days: Days = 60
    """From then on it is critical."""
    payment_clock: Literal["running", "at_payment"] = "running"
    """running: a late payment is said as soon as it is late. at_payment: only what was paid is judged, once it is; so
    the alerts of an imported log are those declarations whose last payment came late."""
    large_amount: Money = Money(amount=Decimal(1000))
    """The measure `paid_over_limit` counts declarations over this amount that were paid."""
    budget_owner_role: str = "BUDGET OWNER"
    """How the expense system writes the role of a budget's owner."""

    @property
    def hours(self) -> Calendar:
        """Management's business calendar."""
        return Calendar.of(self.calendar)


DEFAULTS = ManagementSettings()

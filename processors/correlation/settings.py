"""What the correlation rules may be told: one group of thresholds for each kind of key."""

from decimal import Decimal

from pydantic import Field, field_validator

from processors.calendar import Calendar, CalendarSettings, ClockTime
from processors.settings import RuleSettings
from schemas.envelope import Id
from schemas.facts import PurchaseDuty
from schemas.settings import Settings


class CalendarSetting(Settings):
    """Of all rules that ask what day it is."""

    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works: its business days, and when a last day is over."""

    @property
    def days(self) -> Calendar:
        """The organisation's calendar."""
        return Calendar.of(self.calendar)


class ServiceSettings(Settings):
    """Of the rules at one service."""

    outage_grace_minutes: int = Field(default=30, ge=0, le=1440)
    """A complaint that comes this long after an outage's end is still explained by it."""
    outage_memory_days: int = Field(default=14, ge=1, le=366)
    """How long complaints and ended outages wait for one another: an outage may be told, or corrected, this late."""


class CategorySettings(Settings):
    """Of the rules at one category of incidents."""

    burst_incidents: int = Field(default=10, ge=2, le=10_000)
    """This many incidents of one category opened within one hour of the clock are a burst."""
    burst_memory_days: int = Field(default=400, ge=1, le=3660)
    """How long an hour that was a burst is remembered."""
    burst_late_days: int = Field(default=7, ge=1, le=366)
    """How long after its end an hour still waits for incidents that are told late."""


class CompanySettings(Settings):
    """Of the rules at one company that complaints are about."""

    company_day_complaints: int = Field(default=10, ge=2, le=10_000)
    """This many complaints about one company on one day are a surge."""
    company_disputed_percent: float = Field(default=25, ge=0, le=100)
    """When clients dispute more of a company's answers than this, in percent of its complaints, that is said."""
    company_disputed_min: int = Field(default=30, ge=1, le=100_000)
    """But not before there are so many complaints."""
    company_duplicate_days: int = Field(default=30, ge=1, le=366)
    """Two complaints that say the same within this time are one, sent twice."""
    company_memory_days: int = Field(default=400, ge=1, le=3660)
    """How long complaints and surges of a company are remembered one by one."""


class WorkloadSettings(CalendarSetting):
    """Of the rules at one person's workload."""

    max_open_tasks: int = Field(default=15, ge=1, le=1000)
    """More open tasks than this are too many for one person."""
    workload_horizon_days: int = Field(default=90, ge=1, le=400)
    """Working hours are counted for tasks due within this many days."""
    workload_memory_days: int = Field(default=30, ge=1, le=366)
    """How long a task that is not held any more is remembered, for older words on it that come late."""


class PersonSettings(CalendarSetting):
    """Of the rules at one person."""

    manager_business_days: int = Field(default=5, ge=0, le=250)
    """So many business days somebody may be without a manager."""
    roles_without_manager: tuple[str, ...] = Field(default=("executive",), max_length=100)
    """Roles whose holders report to nobody."""
    emergency_access_wait_minutes: int = Field(default=5, ge=0, le=1440)
    """So long an emergency access waits for a shift that is told late, before it is called implausible."""
    emergency_shift_grace_minutes: int = Field(default=60, ge=0, le=1440)
    """A shift explains an emergency access this long before its beginning and after its end."""
    person_memory_days: int = Field(default=60, ge=1, le=3660)
    """How long approvals, leaves, lapses, shifts and accesses wait for what is told, or corrected, late."""


class IdentitySettings(Settings):
    """Of the rules at one identity."""

    identity_memory_days: int = Field(default=60, ge=1, le=3660)
    """How long an id that was merged away is remembered, for what is told of it late."""


class VendorSettings(Settings):
    """Of the rules at one vendor."""

    incompatible_purchase_duties: tuple[tuple[PurchaseDuty, PurchaseDuty], ...] = (
        ("create_vendor", "place_order"),
        ("create_vendor", "approve_invoice"),
        ("create_vendor", "pay"),
        ("place_order", "approve_invoice"),
        ("place_order", "pay"),
        ("receive_goods", "approve_invoice"),
        ("record_invoice", "approve_invoice"),
        ("record_invoice", "pay"),
        ("approve_invoice", "pay"),
    )
    """Pairs of duties that one person must not do in one purchase, whichever departments they belong to."""
    purchase_system_users: tuple[str, ...] = Field(default=(), max_length=1000)
    """Accounts that are no persons (interfaces, batch runs); what they do counts for nobody."""
    approval_memory_days: int = Field(default=60, ge=1, le=3660)
    """How long an invoice's approvals are remembered, for what is told of its approvers late."""


class ChangeSettings(Settings):
    """Of the rules about changes."""

    change_suspect_minutes: int = Field(default=120, ge=0, le=10_080)
    """An outage this long after a change is over may be the change's doing."""
    dependency_depth: int = Field(default=5, ge=0, le=20)
    """What happens to a service is told to those it needs, and to those that they need, so many services far."""


class LedgerSettings(Settings):
    """Of what outages cost."""

    ledger_memory_days: int = Field(default=400, ge=1, le=3660)
    """How long the sums of an outage that has ended are remembered."""


class ComplaintSettings(Settings):
    """Of the rules over the complaints of a customer, and over those about a service or product."""

    repeat_complaints: int = Field(default=3, ge=2, le=50)
    """This many complaints of one customer within `repeat_days` are an alert."""
    repeat_days: int = Field(default=30, ge=1, le=366)
    """The window of repeated complaints, and how long the customer must be quiet to end them."""
    surge_complaints: int = Field(default=10, ge=1, le=100_000)
    """Fewer complaints than this within a quarter of an hour are no surge, however unusual."""
    surge_deviations: Decimal = Field(default=Decimal(3), ge=0, le=100)
    """A surge lies more standard deviations than this above what is usual."""
    surge_weeks: int = Field(default=4, ge=1, le=26)
    """What is usual is taken from so many weeks before."""


class Silence(Settings):
    """A stream of events that must not be silent."""

    event: str = Field(pattern=r"^[a-z][a-z_]*(\.[a-z_]+)+$", examples=["accounting.invoice.received"])
    """The type of its events."""
    by: ClockTime = Field(default="12:00", examples=["12:00"])
    """The local time by which the first one of a business day must have come."""
    service: Id | None = Field(default=None, examples=["scanner"])
    """The service it comes through, whose outage explains silence."""


class StreamSettings(CalendarSetting):
    """Of the rules about streams of events, and of whatever else asks what day it is."""

    silences: tuple[Silence, ...] = Field(default=(), max_length=100)
    """The streams that are expected on each business day."""

    @field_validator("silences")
    @classmethod
    def _each_once(cls, silences: tuple[Silence, ...]) -> tuple[Silence, ...]:
        events = [silence.event for silence in silences]
        if twice := sorted({event for event in events if events.count(event) > 1}):
            raise ValueError(f"expected more than once: {', '.join(twice)}")
        return silences

    def silence(self, event: str) -> Silence | None:
        """What is expected of a stream; None: nothing."""
        return next((silence for silence in self.silences if silence.event == event), None)


class CorrelationSettings(
    RuleSettings,
    ServiceSettings,
    CategorySettings,
    CompanySettings,
    PersonSettings,
    IdentitySettings,
    VendorSettings,
    WorkloadSettings,
    ChangeSettings,
    LedgerSettings,
    ComplaintSettings,
    StreamSettings,
):
    """Thresholds of the rules over several departments or keys."""


DEFAULTS = CorrelationSettings()

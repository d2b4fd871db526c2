"""What the correlation rules may be told: one group of thresholds for each kind of key."""

from pydantic import Field

from processors.calendar import CalendarSettings
from schemas.settings import Settings


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


class WorkloadSettings(Settings):
    """Of the rules at one person's workload."""

    max_open_tasks: int = Field(default=15, ge=1, le=1000)
    """More open tasks than this are too many for one person."""
    workload_calendar: CalendarSettings = CalendarSettings()
    """When people work on their tasks."""
    workload_horizon_days: int = Field(default=90, ge=1, le=400)
    """Working hours are counted for tasks due within this many days."""
    workload_memory_days: int = Field(default=30, ge=1, le=366)
    """How long a task that is not held any more is remembered, for older words on it that come late."""


class CorrelationSettings(ServiceSettings, CategorySettings, WorkloadSettings):
    """Thresholds of the rules over several departments or keys."""


DEFAULTS = CorrelationSettings()

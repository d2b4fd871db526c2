"""What the correlation rules may be told: one group of thresholds for each kind of key."""

from pydantic import Field

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


class CorrelationSettings(ServiceSettings, CategorySettings):
    """Thresholds of the rules over several departments or keys."""


DEFAULTS = CorrelationSettings()

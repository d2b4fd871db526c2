"""What IT's rules may be told."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from processors.calendar import Calendar, CalendarSettings
from processors.settings import RuleSettings

Minutes = Annotated[int, Field(ge=1, le=525_600)]
Percent = Annotated[int, Field(ge=1, le=100)]
Days = Annotated[int, Field(ge=1, le=366)]


class ITSettings(RuleSettings):
    """IT's thresholds. Targets are in minutes of working time, or around the clock for some priorities."""

    calendar: CalendarSettings = CalendarSettings()
    """When IT works."""
    sla: Literal["clock", "reported"] = "clock"
    """`clock`: we keep time ourselves. `reported`: the outside system's own judgement (made_sla) is trusted."""
    response_minutes_p1: Minutes = 15
    """Priority 1 must be acknowledged within this time."""
    response_minutes_p2: Minutes = 60
    """Priority 2 must be acknowledged within this time."""
    response_minutes_p3: Minutes = 240
    """Priority 3 must be acknowledged within this time."""
    response_minutes_p4: Minutes = 480
    """Priority 4 must be acknowledged within this time."""
    restore_minutes_p1: Minutes = 240
    """Priority 1 must be restored within this time."""
    restore_minutes_p2: Minutes = 480
    """Priority 2 must be restored within this time."""
    restore_minutes_p3: Minutes = 1440
    """Priority 3 must be restored within this time: three working days of eight hours."""
    restore_minutes_p4: Minutes = 2400
    """Priority 4 must be restored within this time: five working days of eight hours."""
    around_the_clock: tuple[Annotated[int, Field(ge=1, le=4)], ...] = (1,)
    """Priorities whose targets run day and night; the others' run in working hours."""
    bouncing_reassignments: int = Field(default=3, ge=0, le=1000)
    """An incident reassigned more often than this is bouncing."""
    heartbeats_missed: int = Field(default=3, ge=1, le=100)
    """A device silent for this many of its intervals is lost."""
    flapping_outages: int = Field(default=5, ge=2, le=50)
    """This many outages of one service within `flapping_minutes` are flapping."""
    flapping_minutes: Minutes = 60
    """The window of flapping, and how long it must be quiet to end."""
    outage_memory_days: Days = 30
    """How long an outage that has ended can still be corrected."""
    capacity_above_percent: Percent = 85
    """Fuller than this for `capacity_minutes` raises an alert."""
    capacity_below_percent: Percent = 80
    """Less full than this ends it."""
    capacity_minutes: Minutes = 15
    """How long a measure must be too high."""
    capacity_forecast_days: Days = 7
    """An alert when the trend fills it within this time."""
    capacity_forecast_hours: int = Field(default=24, ge=1, le=168)
    """A trend is taken from measures that cover at least this much time."""
    quality_minutes: Minutes = 15
    """How long a telecom service's quality must be beyond its limit."""
    design_business_days: Days = 10
    """A design must be decided within this time."""
    provisioning_business_days: Days = 1
    """An account must be there this long after it was asked for, and when its owner starts."""
    change_grace_minutes: int = Field(default=0, ge=0, le=10_080)
    """A change may run over its planned end by this much."""

    @property
    def hours(self) -> Calendar:
        """IT's business calendar."""
        return Calendar.of(self.calendar)

    def hours_of(self, priority: int) -> Calendar | None:
        """The calendar that a priority's targets run by; None: around the clock."""
        return None if priority in self.around_the_clock else self.hours

    def response_target(self, priority: int) -> timedelta:
        minutes: int = getattr(self, f"response_minutes_p{priority}")
        return timedelta(minutes=minutes)

    def restore_target(self, priority: int) -> timedelta:
        minutes: int = getattr(self, f"restore_minutes_p{priority}")
        return timedelta(minutes=minutes)


DEFAULTS = ITSettings()

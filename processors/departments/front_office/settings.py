"""What the front office's rules may be told."""

from typing import Annotated, Literal

from pydantic import Field

from processors.calendar import Calendar, CalendarSettings
from processors.settings import RuleSettings

Minutes = Annotated[int, Field(ge=1, le=525_600)]
Days = Annotated[int, Field(ge=1, le=366)]


class FrontOfficeSettings(RuleSettings):
    """The front office's thresholds. Targets are in minutes of working time; null: there is none."""

    calendar: CalendarSettings = CalendarSettings()
    """When the front office works."""
    first_response_minutes: Minutes | None = 480
    """The first answer: one working day of eight hours."""
    next_response_minutes: Minutes | None = 480
    """The answer to a client who wrote again: one working day of eight hours."""
    resolution_minutes: Minutes | None = 2400
    """The settlement: five working days of eight hours."""
    inform_business_days: Days | None = 1
    """A client whose complaint was escalated is told within this time; null: that is not watched."""
    regulator: Literal["clock", "reported"] = "clock"
    """`clock`: we keep a regulator's time ourselves. `reported`: what the answer's own system says of it is trusted."""
    regulator_answer_days: Days = 15
    """A regulated complaint is answered within this many calendar days."""
    regulator_final_days: Days = 60
    """A regulated complaint has its final answer within this many calendar days."""

    forward_days: Days | None = None
    """A complaint is sent to the company it is about within this many calendar days; null: that is not watched."""

    @property
    def hours(self) -> Calendar:
        """The front office's business calendar."""
        return Calendar.of(self.calendar)


DEFAULTS = FrontOfficeSettings()

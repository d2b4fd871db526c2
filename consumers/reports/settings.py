"""What the configuration's `reports:` may say."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from consumers.notify.channels.config import EmailChannel
from schemas.settings import Settings

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

MailName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

ReportName = Literal[
    "all",
    "targets",
    "acknowledged",
    "restored",
    "overdue",
    "complaints",
    "outages",
    "impact",
    "audits",
    "budgets",
    "goals",
    "noise",
]
"""Those of `consumers.reports.figures`, which is not loaded to read a configuration: SQL takes its time."""


class ReportMail(Settings):
    """Reports that somebody gets by mail, of each week or month that is over."""

    name: MailName = Field(examples=["executives-weekly"])
    """Its own name. With the period it says which mail it is: of each there is one."""
    reports: tuple[ReportName, ...] = Field(default=("all",), min_length=1, examples=[["targets", "overdue"]])
    """Which reports, in this order; `all`: every one."""
    department: str | None = Field(default=None, examples=["it"])
    """Of one department only."""
    every: Literal["week", "month"] = "week"
    """Of what: the week, Monday to Sunday, or the month before."""
    weekday: Weekday = "mon"
    """When a week's is sent: the first such day after the week."""
    day: int = Field(default=1, ge=1, le=28)
    """When a month's is sent: this day of the next month."""
    at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "07:00"
    """At what time on that day, in the organisation's time zone."""
    mail: EmailChannel = Field(
        examples=[{"to": ["board@example.com"], "from": "backoffice@example.com", "smarthost": "mail.example.com:587"}]
    )
    """To whom, and through which mail server: as an e-mail channel of a receiver says it."""


class ReportsSettings(Settings):
    """Reports on a schedule. `backoffice reporter` sends them; `backoffice run` starts it where there are any."""

    console_url: str | None = Field(
        default=None, pattern=r"^https?://", examples=["https://backoffice.example.com/console"]
    )
    """The console's address, for links from figures to the records that they count."""
    mails: tuple[ReportMail, ...] = ()
    """Who gets what."""

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [mail.name for mail in self.mails]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"mails: {', '.join(twice)} stands there twice")
        return self

"""Audit: what a person did or looked at, on record."""

from pydantic import Field

from schemas.envelope import Day, Event
from schemas.privacy import Kind


class ActionRecorded(Event, type="audit.action.recorded", kind="person", topic="audit"):
    """A person did something through the program. Subject: `person/<who>`."""

    action: str = Field(min_length=1, examples=["alert.acknowledge"])
    """What was done, as `<thing>.<verb>`."""
    on: str = Field(min_length=1, examples=["alert/0123456789abcdef"])
    """What it was done to."""
    note: str = Field(default="", examples=["calling the vendor"])
    """What the person said of it."""
    by_way_of: str = Field(default="command line", examples=["command line"])
    """Through which part of the program."""


class RecordViewed(Event, type="audit.record.viewed", kind="person", topic="audit"):
    """A person looked up what is known of something. On the log before it is shown. Subject: `person/<who>`."""

    on: str = Field(min_length=1, max_length=1_000, examples=["patient/P-1001"])
    """What was looked up."""
    why: str = Field(default="", max_length=2_000, examples=["the client asks what is on record"])
    """What for, as the person said."""
    masked: tuple[Kind, ...] = Field(default=(), examples=[["medical"]])
    """Which kinds of private fields were not shown; none: everything was."""
    by_way_of: str = Field(default="command line", examples=["console"])
    """Through which part of the program."""


class ReportSent(Event, type="audit.report.sent", kind="report", topic="audit"):
    """A report was mailed. Subject: `report/<name of the mail>`. What is on record is not sent again."""

    first: Day = Field(examples=["2026-01-05"])
    """The first day of the period that it is about."""
    last: Day = Field(examples=["2026-01-11"])
    """The last day of it."""
    reports: tuple[str, ...] = Field(examples=[["targets", "overdue"]])
    """Which reports it holds."""
    addresses: int = Field(ge=1, examples=[3])
    """To how many addresses it went."""


class AlertJudged(Event, type="audit.alert.judged", kind="alert", topic="audit"):
    """A person says whether an alert was worth having. The last word on it counts. Subject: `alert/<fingerprint>`."""

    by: str = Field(min_length=1, examples=["dana"])
    """Who says so."""
    rule: str = Field(min_length=1, examples=["accounting.duplicate_invoice"])
    """The rule whose alert it is."""
    false_alarm: bool = Field(examples=[True])
    """True: nothing was wrong. False: that was said, and is taken back."""
    note: str = Field(default="", max_length=2000, examples=["two deliveries, each with its invoice"])
    """Why."""

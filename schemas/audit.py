"""Audit: what a person did or looked at, on record."""

from pydantic import Field

from schemas.envelope import Event


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

"""What the program says to itself on the log: ticks, deadlines, settings, dead letters."""

from typing import Any

from pydantic import Field

from schemas.envelope import Event, Instant


class ControlEvent(Event):
    """A record of an inbox that concerns its whole partition and has no aggregate."""


class Tick(ControlEvent, type="processing.tick.appended", kind="partition"):
    """Nothing happened until this record's timestamp. It moves the partition's clock."""

    partition: int = Field(ge=0)


class SettingsChanged(ControlEvent, type="processing.settings.changed", kind="partition"):
    """From here on, the processor of this partition reads these settings."""

    processor: str = Field(examples=["accounting"])
    settings: dict[str, Any] = Field(examples=[{"duplicate_window_days": 7}])
    """All settings that differ from the defaults."""


class DeadlinePassed(Event, type="processing.deadline.passed"):
    """A deadline of this key has passed. It comes back through the step; it is never on the log."""

    name: str = Field(examples=["overdue/INV-7"])
    due: Instant


CONTROL: tuple[type[ControlEvent], ...] = (Tick, SettingsChanged)


class DeadLetterHeaders:
    """Kafka Connect's header names, which its tools know."""

    TOPIC = "__connect.errors.topic"
    PARTITION = "__connect.errors.partition"
    OFFSET = "__connect.errors.offset"
    STAGE = "__connect.errors.stage"
    CLASS = "__connect.errors.class.name"
    EXCEPTION = "__connect.errors.exception.class.name"
    MESSAGE = "__connect.errors.exception.message"
    STACKTRACE = "__connect.errors.exception.stacktrace"

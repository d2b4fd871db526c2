"""What the program says to itself on the log: ticks, deadlines, settings, dead letters."""

from typing import Any

from pydantic import Field

from schemas.envelope import Event, Instant


class ControlEvent(Event):
    """A record of an inbox that concerns its whole partition and has no aggregate."""


class Tick(ControlEvent, type="processing.tick.appended", kind="partition"):
    """Nothing happened until this record's timestamp. It moves the partition's clock."""

    partition: int = Field(ge=0, examples=[3])
    """The partition it stands in."""


class SettingsChanged(ControlEvent, type="processing.settings.changed", kind="partition"):
    """From here on, the processor of this partition reads these settings."""

    processor: str = Field(examples=["accounting"])
    """Whose settings they are."""
    settings: dict[str, Any] = Field(examples=[{"duplicate_window_days": 7}])
    """All settings that differ from the defaults."""


class DeadlinePassed(Event, type="processing.deadline.passed"):
    """A deadline of this key has passed. It comes back through the step; it is never on the log."""

    name: str = Field(examples=["overdue/INV-7"])
    """What the key waited for, by the name the rule gave it."""
    due: Instant = Field(examples=["2026-03-12T17:00:00Z"])
    """When it was due."""


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


class RedriveHeaders:
    """What a record carries that was sent again from the dead letters, besides its own headers."""

    TRIES = "__backoffice.redrive.tries"
    """How often it has been sent again. It stays on the record, so one that keeps failing is known."""
    LETTER = "__backoffice.redrive.letter"
    """The offset of the dead letter that it was."""

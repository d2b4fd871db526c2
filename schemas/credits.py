"""What every department is told when an outage took time from one of its deadlines."""

from pydantic import Field

from schemas.envelope import Event, Id, Instant


class Credit(Event):
    """A service that a deadline needs was down. Said again when more is known of the outage; the deadline moves, or
    moves back.

    A department whose deadlines may be credited declares one, of type `<department>.deadline.credited`.
    """

    deadline: str = Field(max_length=500, examples=["step/stocktaking"])
    """The deadline, by the name the department gave it."""
    service: Id = Field(examples=["erp"])
    """The service that was down."""
    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    since: Instant = Field(examples=["2026-03-02T09:10:00Z"])
    """When it began."""
    until: Instant | None = Field(default=None, examples=["2026-03-02T11:40:00Z"])
    """When it ended. None: it lasts, and the deadline does not pass meanwhile."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this outage. The highest counts."""

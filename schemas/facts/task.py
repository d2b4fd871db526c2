"""What is told of a person's work: the tasks they hold."""

from decimal import Decimal

from pydantic import Field

from schemas.envelope import Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact


class TaskHeld(Fact, type="facts.task.held", kind="workload"):
    """A person holds a task that is not done, or does not any more. Subject: the person's workload."""

    task: Id = Field(examples=["T-31"])
    """The task's id."""
    holds: bool = True
    """False: it is done, or somebody else's."""
    due_at: Instant | None = Field(default=None, examples=["2026-03-06T16:00:00Z"])
    """When it is due."""
    hours: Decimal | None = Field(default=None, ge=0, examples=["6.5"])
    """Hours of work that are left of it."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this task's holders."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""

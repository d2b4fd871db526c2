"""Management's events: tasks, people's training and reviews, goals, expectations, consultations and declarations."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.credits import Credit
from schemas.envelope import Day, Event, Id, Instant, concrete_events
from schemas.money import Money
from schemas.privacy import PersonId
from schemas.reviews import Review

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4, examples=["40"])]
"""How much of something is done."""

Hours = Annotated[Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=4, examples=["6.5"])]
"""Hours of work."""

Number = Annotated[Decimal, Field(max_digits=24, decimal_places=6, examples=["95"])]
"""A measured value, in the measure's own unit."""

Role = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""In which role somebody decided, as the expense system writes it."""


class ManagementEvent(Event, topic="events.management"):
    """Anything that happened in management."""


# Tasks


class TaskDelegated(ManagementEvent, type="management.task.delegated", kind="task"):
    """Somebody was given a task. Said again with another holder, it was handed on; with the same, its terms changed."""

    by: PersonId = Field(examples=["E-100"])
    """Who delegates: the one to be told when it is overdue."""
    to: PersonId = Field(examples=["E-204"])
    """Who has it now."""
    due_at: Instant | None = Field(default=None, examples=["2026-03-06T16:00:00Z"])
    """When it is to be done."""
    hours: Hours | None = None
    """How much work it is."""
    needs_service: Id | None = Field(default=None, examples=["erp"])
    """The service without which it cannot be done."""


class TaskAccepted(ManagementEvent, type="management.task.accepted", kind="task"):
    """Somebody takes a task on; somebody else than was asked may do so, and then has it."""

    by: PersonId = Field(examples=["E-204"])
    """Who."""


class TaskProgressed(ManagementEvent, type="management.task.progressed", kind="task"):
    """Work on a task went on."""

    percent: Percent
    """How much of it is done."""


class TaskCompleted(ManagementEvent, type="management.task.completed", kind="task"):
    """A task is done."""

    by: PersonId | None = Field(default=None, examples=["E-204"])
    """Who did it."""


class TaskReturned(ManagementEvent, type="management.task.returned", kind="task"):
    """A task was given back."""

    by: PersonId = Field(examples=["E-204"])
    """Who gave it back."""
    to: PersonId | None = Field(default=None, examples=["E-100"])
    """To whom; to the one who delegated it when not given."""
    reason: str = Field(default="", max_length=500, examples=["no access"])
    """Why."""


class TaskReopened(ManagementEvent, type="management.task.reopened", kind="task"):
    """A task that was done is not done after all."""


class TaskWithdrawn(ManagementEvent, type="management.task.withdrawn", kind="task"):
    """A task need not be done any more."""


# People


class TrainingAssigned(ManagementEvent, type="management.training.assigned", kind="person"):
    """A person needs a training; said again, its date has moved."""

    training: Id = Field(examples=["fire-safety"])
    """Which."""
    due_on: Day | None = Field(default=None, examples=["2026-04-30"])
    """The last day for completing it; only its expiry counts when not given."""
    required: bool = True
    """False: it is not needed any more."""


class TrainingCompleted(ManagementEvent, type="management.training.completed", kind="person"):
    """A person completed a training."""

    training: Id = Field(examples=["fire-safety"])
    """Which."""
    completed_on: Day = Field(examples=["2026-04-14"])
    """When."""
    valid_until: Day | None = Field(default=None, examples=["2028-04-30"])
    """The last day on which it holds; for ever when not given."""


class TrainingExpired(ManagementEvent, type="management.training.expired", kind="person"):
    """A training does not hold any more, whatever was said of its validity."""

    training: Id = Field(examples=["fire-safety"])
    """Which."""
    expired_on: Day = Field(examples=["2026-04-30"])
    """The last day on which it held."""


class ReviewDue(ManagementEvent, type="management.review.due", kind="person"):
    """An employee review is to be held; said again, its date has moved."""

    review: Id = Field(examples=["2026-annual"])
    """Which."""
    due_on: Day = Field(examples=["2026-06-30"])
    """The last day for it."""


class ReviewHeld(ManagementEvent, type="management.review.held", kind="person"):
    """An employee review was held."""

    review: Id = Field(examples=["2026-annual"])
    """Which."""
    held_on: Day | None = Field(default=None, examples=["2026-06-18"])
    """When."""


# Goals, and what others expect


class GoalSet(ManagementEvent, type="management.goal.set", kind="goal"):
    """A goal was set; set again, its dates have moved."""

    starts_on: Day = Field(examples=["2026-01-01"])
    """The day on whose beginning the straight line begins."""
    due_on: Day = Field(examples=["2026-12-31"])
    """The day on whose end it is to be reached."""
    baseline_percent: Percent = Decimal(0)
    """How much of it was reached at the start."""
    owner: PersonId | None = Field(default=None, examples=["E-100"])
    """Whose goal it is."""


class GoalProgressed(ManagementEvent, type="management.goal.progressed", kind="goal"):
    """How far a goal is now; the latest by its own time counts."""

    percent: Percent
    """How much of it is reached."""


class GoalDropped(ManagementEvent, type="management.goal.dropped", kind="goal"):
    """A goal is not pursued any more."""


class ExpectationStated(ManagementEvent, type="management.expectation.stated", kind="measure"):
    """Somebody expects a measure to reach a target. Subject: the measure. Stated again, it is restated."""

    expectation: Id = Field(examples=["answer-times-q2"])
    """The expectation's id, unique for its measure."""
    stated_by: Literal["executive", "front_office"] = Field(examples=["executive"])
    """Who expects it."""
    target: Number
    """The value to be reached."""
    direction: Literal["at_least", "at_most"] = "at_least"
    """Whether more or less is better."""
    due_on: Day = Field(examples=["2026-06-30"])
    """The day on whose end it must be reached."""


class ExpectationWithdrawn(ManagementEvent, type="management.expectation.withdrawn", kind="measure"):
    """Nobody expects it any more."""

    expectation: Id = Field(examples=["answer-times-q2"])
    """The expectation's id."""


class MeasureReported(ManagementEvent, type="management.measure.reported", kind="measure"):
    """A measure's value. Of two for the same instant, the one told last counts."""

    value: Number
    """The value."""
    as_of: Instant | None = Field(default=None, examples=["2026-06-30T16:00:00Z"])
    """For when it holds; the event's time when not given."""


# Consultations


class ConsultationRequested(ManagementEvent, type="management.consultation.requested", kind="consultation"):
    """Somebody asked management a question; asked again, it is open again."""

    asked_by: Literal["front_office", "executive", "employee"] = Field(examples=["front_office"])
    """Who asks."""
    to: PersonId | None = Field(default=None, examples=["E-100"])
    """Who is asked."""
    concerns: Id | None = Field(default=None, examples=["C-17"])
    """What it is about: a complaint, a project."""


class ConsultationAnswered(ManagementEvent, type="management.consultation.answered", kind="consultation"):
    """A question was answered. The answer may be told before the question."""

    by: PersonId | None = Field(default=None, examples=["E-100"])
    """Who answered."""


class ConsultationWithdrawn(ManagementEvent, type="management.consultation.withdrawn", kind="consultation"):
    """A question needs no answer any more."""


# Declarations of expenses


class DeclarationEvent(ManagementEvent):
    """Something happened to a declaration of expenses. What it says of the declaration itself counts from here on."""

    amount: Money | None = Field(default=None, examples=[{"amount": "182.40", "currency": "EUR"}])
    """How much is declared; as before when not given."""
    budget: str | None = Field(default=None, max_length=200, examples=["travel-2026"])
    """The budget it is charged to."""
    number: str | None = Field(default=None, max_length=200, examples=["D-86736"])
    """The declaration's number, where that is not its id."""


class DeclarationSaved(DeclarationEvent, type="management.declaration.saved", kind="declaration"):
    """A declaration was begun and not handed in."""


class DeclarationSubmitted(DeclarationEvent, type="management.declaration.submitted", kind="declaration"):
    """A declaration was handed in, perhaps not for the first time."""

    by: Role = Field(default="EMPLOYEE", examples=["EMPLOYEE"])
    """In which role."""


class DeclarationApproved(DeclarationEvent, type="management.declaration.approved", kind="declaration"):
    """Somebody approved a declaration."""

    by: Role = Field(examples=["SUPERVISOR"])
    """In which role."""
    final: bool = Field(default=False, examples=[True])
    """Whether no further approval is needed."""


class DeclarationRejected(DeclarationEvent, type="management.declaration.rejected", kind="declaration"):
    """Somebody sent a declaration back; or its owner took it back."""

    by: Role = Field(examples=["ADMINISTRATION"])
    """In which role."""


class DeclarationPaymentRequested(
    DeclarationEvent, type="management.declaration.payment_requested", kind="declaration"
):
    """Finance was asked to pay."""


class DeclarationPaid(DeclarationEvent, type="management.declaration.paid", kind="declaration"):
    """A declaration was paid out."""


class DeadlineCredited(Credit, ManagementEvent, type="management.deadline.credited"):
    """An outage took time from one of management's deadlines. Written by correlation. Subject: the deadline's own."""


class FindingReviewed(Review, ManagementEvent, type="management.finding.reviewed"):
    """Somebody looked at an alert of this department and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["management.training_lapsed"], pattern=r"^management\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"training": "fire-safety"}])
    """The alert's distinguishing labels."""


EVENTS = tuple(concrete_events(ManagementEvent))
"""Every event of management."""

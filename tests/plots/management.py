"""Plots of Management."""

from decimal import Decimal

from schemas.management import (
    ConsultationAnswered,
    ConsultationRequested,
    DeclarationApproved,
    DeclarationPaid,
    DeclarationSubmitted,
    ExpectationStated,
    GoalProgressed,
    GoalSet,
    MeasureReported,
    ReviewDue,
    ReviewHeld,
    TaskAccepted,
    TaskCompleted,
    TaskDelegated,
    TrainingAssigned,
    TrainingCompleted,
)
from tests.plots.telling import DAY, Plot, at, day, eur, plot

TASK, PERSON, DECLARATION = "task/T-1", "person/E-204", "declaration/D-1"
APPROVED = DeclarationApproved(by="SUPERVISOR", final=True)


def handed(to: str, by: str = "E-100") -> TaskDelegated:
    return TaskDelegated(by=by, to=to, due_at=at(9, 12))


def submitted(amount: str) -> DeclarationSubmitted:
    return DeclarationSubmitted(amount=eur(amount))


PLOTS: dict[str, Plot] = {
    "management.task_unaccepted": plot(TASK, handed("E-204"), DAY, TaskAccepted(by="E-204")),
    "management.task_overdue": plot(TASK, handed("E-204"), TaskAccepted(by="E-204"), 6 * DAY, TaskCompleted()),
    "management.task_ping_pong": plot(
        TASK, handed("E-1"), handed("E-2", "E-1"), handed("E-1", "E-2"), TaskAccepted(by="E-1")
    ),
    "management.training_lapsed": plot(
        PERSON,
        TrainingAssigned(training="fire-safety", due_on=day(9), required=True),
        9 * DAY,
        TrainingCompleted(training="fire-safety", completed_on=day(14)),
    ),
    "management.review_overdue": plot(
        PERSON, ReviewDue(review="R-1", due_on=day(9)), 9 * DAY, ReviewHeld(review="R-1")
    ),
    "management.goal_off_track": plot(
        "goal/G-1", GoalSet(starts_on=day(5), due_on=day(25)), 15 * DAY, GoalProgressed(percent=Decimal(100))
    ),
    "management.expectation_unmet": plot(
        "measure/M-1",
        ExpectationStated(expectation="X-1", stated_by="executive", target=Decimal(95), due_on=day(9)),
        MeasureReported(value=Decimal(90)),
        9 * DAY,
        MeasureReported(value=Decimal(96)),
    ),
    "management.consultation_unanswered": plot(
        "consultation/Q-1", ConsultationRequested(asked_by="executive"), 5 * DAY, ConsultationAnswered(by="E-100")
    ),
    "management.declaration_late": plot(DECLARATION, submitted("100"), APPROVED, 15 * DAY, DeclarationPaid()),
    "management.declaration_paid_unapproved": plot(DECLARATION, submitted("100"), DeclarationPaid(), APPROVED),
    "management.declaration_resubmitted": plot(
        DECLARATION, submitted("100"), DAY, submitted("100"), APPROVED, DeclarationPaid()
    ),
    "management.declaration_amount": plot(DECLARATION, submitted("0"), submitted("100")),
}

"""Plots of HR."""

from schemas.hr import (
    DocumentFiled,
    DocumentWaived,
    EmployeeHired,
    EmployeeTerminated,
    ExitInterviewed,
    FindingReviewed,
    OnboardingStepCompleted,
    PositionFilled,
    PositionOpened,
)
from tests.plots.telling import DAY, Plot, day, plot, settled

EMPLOYEE, POSITION = "employee/E-1", "position/P-1"
HIRED = EmployeeHired(role="clerk", start_on=day(5), manager="E-100")


def filed(file: str, valid_until: int) -> DocumentFiled:
    return DocumentFiled(document="work_permit", file=file, valid_until=day(valid_until))


def seen(rule: str, **identity: str) -> FindingReviewed:
    return settled(FindingReviewed, f"hr.{rule}", **identity)


def interviewed(*reasons: str) -> ExitInterviewed:
    return ExitInterviewed(separation="resignation", reasons=reasons, joined="2025", left="2026")


PLOTS: dict[str, Plot] = {
    "hr.document_missing": plot(
        EMPLOYEE,
        HIRED,
        6 * DAY,
        *(DocumentWaived(document=each, by="E-100") for each in ("employment_contract", "identity_proof", "tax_form")),
    ),
    "hr.document_expiring": plot(EMPLOYEE, HIRED, filed("F-1", 30), 5 * DAY, filed("F-2", 900)),
    "hr.document_expired": plot(EMPLOYEE, HIRED, filed("F-1", 20), 20 * DAY, filed("F-2", 900)),
    "hr.record_inconsistent": plot(
        EMPLOYEE,
        HIRED.model_copy(update={"manager": "E-1"}),
        seen("record_inconsistent", problem="own_manager"),
    ),
    "hr.onboarding_overdue": plot(
        EMPLOYEE,
        HIRED,
        20 * DAY,
        *(OnboardingStepCompleted(step=step) for step in ("accounts", "equipment", "documents", "training")),
    ),
    "hr.position_open_long": plot(
        POSITION, PositionOpened(role="clerk", opened_on=day(5)), 61 * DAY, PositionFilled(filled_on=day(66))
    ),
    "hr.resigned_early": plot(
        EMPLOYEE, HIRED, EmployeeTerminated(last_day=day(31), separation="resignation"), seen("resigned_early")
    ),
    "hr.exit_concern": plot(EMPLOYEE, HIRED, interviewed("interpersonal_conflicts"), seen("exit_concern")),
}

"""HR: records are properly filed and accurate, people are hired."""

from datetime import datetime

from processors.departments.hr import consistency, documents, exits, expiry, facts, leave, onboarding
from processors.departments.hr.employee import Employee
from processors.departments.hr.employment import record
from processors.departments.hr.measures import MEASURES
from processors.departments.hr.position import OPEN_LONG, Position, position_step
from processors.departments.hr.settings import HrSettings
from processors.departments.reviews import ELSEWHERE
from processors.processor import Aggregate, Processor
from processors.step import Step
from schemas.envelope import Event
from schemas.hr import EVENTS

CHECKS = (documents.check, expiry.check, onboarding.check, consistency.check, exits.check, facts.tell, leave.tell)


def employee_step(employee: Employee, event: Event, at: datetime) -> Step[Employee]:
    """Keeps the employment, then asks each rule in turn."""
    now = Step(record(employee, event, at))
    for check in CHECKS:
        now = check(now, event, at)
    return now


department = Processor(
    name="hr",
    inbox="events.hr",
    events=EVENTS,
    aggregates={
        "employee": Aggregate(Employee, employee_step),
        "position": Aggregate(Position, position_step),
        "identity": ELSEWHERE,
    },
    settings=HrSettings,
    rules=(
        documents.MISSING,
        expiry.EXPIRING,
        expiry.EXPIRED,
        consistency.INCONSISTENT,
        onboarding.OVERDUE,
        OPEN_LONG,
        exits.EARLY,
        exits.CONCERN,
    ),
    measures=MEASURES,
)

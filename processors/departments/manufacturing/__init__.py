"""Manufacturing: orders and budgets for projects that produce items sold to clients."""

from datetime import datetime

from processors.departments.manufacturing import (
    budget,
    duties,
    findings,
    impact,
    lateness,
    quality,
    quantities,
    stalled,
)
from processors.departments.manufacturing.books import record
from processors.departments.manufacturing.measures import MEASURES
from processors.departments.manufacturing.project import Project
from processors.departments.manufacturing.settings import ManufacturingSettings
from processors.processor import Aggregate, Processor
from processors.step import Step
from schemas.envelope import Event
from schemas.manufacturing import EVENTS

CHECKS = (
    budget.check,
    lateness.check,
    stalled.check,
    quantities.check,
    quality.check,
    duties.check,
    impact.check,
    findings.check,
)


def project_step(project: Project, event: Event, at: datetime) -> Step[Project]:
    """Books the event, then asks each rule in turn."""
    now = Step(record(project, event, at))
    for check in CHECKS:
        now = check(now, event, at)
    return now


department = Processor(
    name="manufacturing",
    inbox="events.manufacturing",
    events=EVENTS,
    aggregates={"project": Aggregate(Project, project_step)},
    settings=ManufacturingSettings,
    rules=(
        budget.OVERRUN,
        budget.WITHOUT_BUDGET,
        lateness.LATE,
        quality.REJECT_RATE,
        quantities.MISMATCH,
        stalled.STALLED,
    ),
    measures=MEASURES,
)

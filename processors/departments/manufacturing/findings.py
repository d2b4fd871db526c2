"""Findings of a project that somebody has settled."""

from datetime import datetime

from processors.departments.judging import Judge, settle
from processors.departments.manufacturing import budget, quality, quantities, stalled
from processors.departments.manufacturing.project import Project
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event

REVIEWABLE: dict[Rule, Judge[Project]] = {
    budget.WITHOUT_BUDGET: budget.without_budget,
    quantities.MISMATCH: quantities.judge,
    stalled.STALLED: stalled.judge,
    quality.REJECT_RATE: quality.judge,
}
"""Rules whose findings can be settled, and how each is judged again. A budget that is overrun cannot be reviewed away:
it can be raised. Nor can a promised date: it can be moved."""


def check(now: Step[Project], event: Event, at: datetime) -> Step[Project]:
    return settle(now, event, at, REVIEWABLE)

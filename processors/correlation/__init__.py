"""Correlation: what only facts of several departments, or of several keys, can tell."""

from datetime import datetime

from processors.correlation import category, service, workload
from processors.correlation.category import Category
from processors.correlation.measures import MEASURES
from processors.correlation.service import Service
from processors.correlation.settings import CorrelationSettings
from processors.correlation.workload import Workload
from processors.processor import Aggregate, Processor
from processors.step import State, Step
from schemas.envelope import Event
from schemas.facts import EVENTS


def _unread(state: State, event: Event, at: datetime) -> Step[State]:
    """Facts of this kind are published, and no rule reads them yet."""
    return Step(state)


correlation = Processor(
    name="correlation",
    inbox="facts",
    events=EVENTS,
    aggregates={
        "service": Aggregate(Service, service.step),
        "category": Aggregate(Category, category.step),
        "vendor": Aggregate(State, _unread),
        "workload": Aggregate(Workload, workload.step),
    },
    settings=CorrelationSettings,
    rules=(*service.RULES, *category.RULES, *workload.RULES),
    measures=MEASURES,
)

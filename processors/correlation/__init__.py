"""Correlation: what only facts of several departments, or of several keys, can tell."""

from processors.correlation import category, service
from processors.correlation.category import Category
from processors.correlation.measures import MEASURES
from processors.correlation.service import Service
from processors.correlation.settings import CorrelationSettings
from processors.processor import Aggregate, Processor
from schemas.facts import EVENTS

correlation = Processor(
    name="correlation",
    inbox="facts",
    events=EVENTS,
    aggregates={
        "service": Aggregate(Service, service.step),
        "category": Aggregate(Category, category.step),
    },
    settings=CorrelationSettings,
    rules=(*service.RULES, *category.RULES),
    measures=MEASURES,
)

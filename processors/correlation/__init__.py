"""Correlation: what only facts of several departments, or of several keys, can tell."""

from processors.correlation import category, identity, person_step, service, vendor_step, workload
from processors.correlation.category import Category
from processors.correlation.identity import Identity
from processors.correlation.measures import MEASURES
from processors.correlation.person import Person
from processors.correlation.service import Service
from processors.correlation.settings import CorrelationSettings
from processors.correlation.vendor import Vendor
from processors.correlation.workload import Workload
from processors.processor import Aggregate, Processor
from schemas.facts import EVENTS

correlation = Processor(
    name="correlation",
    inbox="facts",
    events=EVENTS,
    aggregates={
        "service": Aggregate(Service, service.step),
        "category": Aggregate(Category, category.step),
        "person": Aggregate(Person, person_step.step),
        "identity": Aggregate(Identity, identity.step),
        "vendor": Aggregate(Vendor, vendor_step.step),
        "workload": Aggregate(Workload, workload.step),
    },
    settings=CorrelationSettings,
    rules=(
        *service.RULES,
        *category.RULES,
        *person_step.RULES,
        *identity.RULES,
        *vendor_step.RULES,
        *workload.RULES,
    ),
    measures=MEASURES,
)

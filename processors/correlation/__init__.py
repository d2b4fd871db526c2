"""Correlation: what only facts of several departments, or of several keys, can tell."""

from processors.correlation import (
    category,
    company,
    customer,
    design,
    freeze,
    identity,
    person_step,
    product,
    service_step,
    stream,
    vendor_step,
    workload,
)
from processors.correlation.category import Category
from processors.correlation.company import Company
from processors.correlation.customer import Customer
from processors.correlation.design import Design
from processors.correlation.freeze import Freezes
from processors.correlation.identity import Identity
from processors.correlation.measures import MEASURES
from processors.correlation.person import Person
from processors.correlation.product import Product
from processors.correlation.service import Service
from processors.correlation.settings import CorrelationSettings
from processors.correlation.stream import Stream
from processors.correlation.vendor import Vendor
from processors.correlation.workload import Workload
from processors.processor import Aggregate, Processor
from schemas.facts import EVENTS

correlation = Processor(
    name="correlation",
    inbox="facts",
    events=EVENTS,
    aggregates={
        "service": Aggregate(Service, service_step.step),
        "category": Aggregate(Category, category.step),
        "company": Aggregate(Company, company.step),
        "freeze": Aggregate(Freezes, freeze.step),
        "design": Aggregate(Design, design.step),
        "customer": Aggregate(Customer, customer.step),
        "product": Aggregate(Product, product.step),
        "stream": Aggregate(Stream, stream.step),
        "person": Aggregate(Person, person_step.step),
        "identity": Aggregate(Identity, identity.step),
        "vendor": Aggregate(Vendor, vendor_step.step),
        "workload": Aggregate(Workload, workload.step),
    },
    settings=CorrelationSettings,
    rules=(
        *service_step.RULES,
        *category.RULES,
        *company.RULES,
        *design.RULES,
        *customer.RULES,
        *stream.RULES,
        *person_step.RULES,
        *identity.RULES,
        *vendor_step.RULES,
        *workload.RULES,
    ),
    measures=MEASURES,
)

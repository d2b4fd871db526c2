"""What the states of correlation answer besides alerts."""

from processors.correlation.category import Category
from processors.correlation.company import Company
from processors.correlation.impact import in_words
from processors.correlation.service import Service
from processors.measure import Measure, by_name, cases


def _bursts(key: str, category: Category) -> tuple[str, ...]:
    return tuple(f"{category.id} {name}" for name, hour in category.hours.items() if hour.burst)


def _largest(key: str, category: Category) -> tuple[int, ...]:
    return tuple(hour.incidents for hour in category.hours.values())


def _impacts(key: str, service: Service) -> tuple[str, ...]:
    found = {outage: ledger for outage, ledger in service.ledgers.items() if ledger.total}
    return tuple(f"{service.id} {outage}: {in_words(ledger)}" for outage, ledger in found.items())


def _surges(key: str, company: Company) -> tuple[str, ...]:
    return tuple(f"{company.id} {name}" for name, day in company.days.items() if day.surge)


def _most(key: str, company: Company) -> tuple[int, ...]:
    return tuple(day.complaints for day in company.days.values())


MEASURES = by_name(
    Measure("incident_bursts", "Category and hour of each burst of incidents.", "category", _bursts),
    Measure("largest_burst", "The most incidents of one category opened in one hour.", "category", _largest, "maximum"),
    Measure("outage_impacts", "What each outage cost: numbers, money and hours.", "service", _impacts),
    Measure("company_surges", "Company and day of each surge of complaints.", "company", _surges),
    Measure("largest_surge", "The most complaints about one company on one day.", "company", _most, "maximum"),
    cases(
        "companies_disputed",
        "Companies whose answers clients dispute too often.",
        "company",
        lambda c: c.disputed_too_often,
    ),
)

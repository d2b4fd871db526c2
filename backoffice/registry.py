"""Which processors there are: the departments installed, correlation, alerting."""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points

from processors.alerting import alerting
from processors.correlation import correlation
from processors.processor import Processor
from schemas import catalogue
from schemas.envelope import Event

ENTRY_POINTS = "backoffice.departments"
"""A package adds a department by naming its Processor value in this entry-point group."""


class DepartmentError(Exception):
    """An installed department cannot be used; the text says which and why."""


@cache
def departments() -> tuple[Processor, ...]:
    """Every installed department, ours and third parties', by name. Raises DepartmentError."""
    found: dict[str, Processor] = {}
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda p: p.name):
        try:
            department = point.load()
        except (ImportError, AttributeError) as error:
            raise DepartmentError(f"{ENTRY_POINTS}: {point.name} = {point.value} cannot be loaded: {error}") from error
        if not isinstance(department, Processor):
            raise DepartmentError(f"{ENTRY_POINTS}: {point.name} = {point.value} is not a Processor")
        if department.inbox != f"events.{department.name}":
            raise DepartmentError(
                f"department {department.name}: its inbox must be events.{department.name}, not {department.inbox}"
            )
        if department.name in (correlation.name, alerting.name):
            raise DepartmentError(f"{ENTRY_POINTS}: {point.name}: no department can be named {department.name}")
        if department.name in found:
            raise DepartmentError(f"two installed packages both provide a department named {department.name}")
        found[department.name] = department
    return tuple(found.values())


@cache
def processors() -> tuple[Processor, ...]:
    """Every processor, in the order in which records flow: departments, correlation, alerting."""
    return (*departments(), correlation, alerting)


def labels() -> dict[str, tuple[str, ...]]:
    """The labels that settings of each processor may differ by, of all its kinds of keys that read settings."""
    return {p.name: tuple(sorted(set(_labels(p)))) for p in processors()}


def streams() -> tuple[str, ...]:
    """The event types that departments declare as streams: the first of a day is told, so that silence can be."""
    return tuple(sorted(cls.type for department in departments() for cls in department.streams))


def _labels(processor: Processor) -> Iterator[str]:
    for kind, aggregate in processor.aggregates.items():
        if hasattr(aggregate.state, "settings"):
            yield from (kind, *aggregate.state.label_fields)


def event_types() -> dict[str, type[Event]]:
    """Every event type by name, those of third parties' departments among them. Raises DepartmentError."""
    found = catalogue.event_types(packages=("schemas",))
    for department in departments():
        for cls in department.events:
            if found.setdefault(cls.type, cls) is not cls:
                raise DepartmentError(f"department {department.name}: {cls.type} is another department's event already")
    return found


def inboxes() -> dict[str, str]:
    """Each processor's name and its inbox, as the topic table wants them."""
    return {p.name: p.inbox for p in processors()}

"""IT alone, and short words for what is said to it."""

from typing import Any

from processors.departments.it import department
from processors.step import Emission
from schemas.it import (
    ITEvent,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office

MONDAY = "2026-01-05"


def it_office(**settings: Any) -> Office:
    """IT alone, from Monday, 5 January 2026; working hours 9 to 17, UTC."""
    return Office(processors=[department], partitions=1, settings={"it": settings} if settings else None)


def says(subject: str, *events: ITEvent) -> list[Emission]:
    return [Emission(subject, event) for event in events]


def vpn(*events: ITEvent) -> list[Emission]:
    return says("service/vpn", *events)


def incident(*events: ITEvent) -> list[Emission]:
    return says("incident/INC-7", *events)


def on_monday(clock: str) -> str:
    return f"{MONDAY}T{clock}"


def why_resolved(office: Office, rule: str) -> list[str]:
    return [s.because for s in office.signals(rule) if isinstance(s, ConditionResolved)]


def times_fired(office: Office, rule: str) -> int:
    return sum(isinstance(s, ConditionFired) for s in office.signals(rule))


def fired(office: Office, rule: str) -> list[ConditionFired]:
    return [s for s in office.signals(rule) if isinstance(s, ConditionFired)]

"""The simulated office: what its departments share, and how their lives become one day's events."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from schemas.envelope import Event


@dataclass(frozen=True, slots=True)
class Said:
    """Something a department says. `id` makes it a duplicate of an earlier one when equal; else one is given."""

    at: datetime
    subject: str
    event: Event
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """An alert that must follow from a planted problem.

    `identity`: the rule's distinguishing labels. `resolved`: whether its condition has ended by the end of the
    simulation. `acknowledged_at`: somebody (`acknowledged_by`) takes the alert then, which the simulator sends as a
    command; `escalates`: nobody does in time, so that a second person must be told.
    """

    rule: str
    subject: str
    identity: Mapping[str, str] = field(default_factory=dict)
    resolved: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    escalates: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What the office has told the rules of a processor, from the beginning: settings by name, as they travel."""

    processor: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlantedOutage:
    """A service that goes down, and comes back; the front office hears of it."""

    service: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class SimulatedOffice:
    """Size and seed of an office, and the days it lives through. The same values give the same events.

    A life draws its randomness from `rng(department)` only, so that one department's changes leave the others alone.
    """

    seed: int = 1
    start: date = date(2026, 3, 2)
    days: int = 5
    employees: int = 40
    vendors: int = 12
    services: tuple[str, ...] = ("vpn", "mail", "erp", "telephony", "web-shop")
    customers: int = 60

    def rng(self, department: str) -> random.Random:
        return random.Random(f"{self.seed}/{department}")

    @property
    def end(self) -> datetime:
        """The instant up to which everything happens; the last day's evening at midnight."""
        return self.clock(self.days, time())

    def employee(self, n: int) -> str:
        """Who is there on the first day. E-200 to E-999 join later, or are somebody's problem."""
        return f"E-{n:03}" if n < 200 else f"E-{n + 800}"

    def clock(self, day: int, at: time) -> datetime:
        """An instant on the n-th day (0: the first)."""
        return datetime.combine(self.start + timedelta(days=day), at, UTC)

    def is_workday(self, day: int) -> bool:
        return (self.start + timedelta(days=day)).weekday() < 5

    @cached_property
    def outages(self) -> tuple[PlantedOutage, ...]:
        """One outage on the first workday morning, an hour and a half long, and one more for each further week."""
        rng = self.rng("outages")
        first = next(day for day in range(self.days) if self.is_workday(day))
        days = [day for day in range(first, self.days, 7) if self.is_workday(day)]
        return tuple(
            PlantedOutage(rng.choice(self.services), self.clock(day, time(9, 40)), self.clock(day, time(11, 10)))
            for day in days
        )


Life = Callable[[SimulatedOffice], Iterable[Said | Expected | Setting]]
"""A department's life: what it says, in any order, and which alerts must follow. Normal life raises none."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """An office's days: what is said, in order of time, and the alerts that must follow - these and no others."""

    office: SimulatedOffice
    said: tuple[Said, ...]
    expected: tuple[Expected, ...]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By processor: under which settings they must follow, where they are not the defaults."""


def simulate(office: SimulatedOffice, lives: Iterable[Life]) -> Simulation:
    """Lives through the office's days."""
    happenings = [happening for life in lives for happening in life(office)]
    said = sorted((h for h in happenings if isinstance(h, Said) and h.at < office.end), key=lambda s: (s.at, s.subject))
    expected = tuple(h for h in happenings if isinstance(h, Expected))
    settings = {h.processor: h.values for h in happenings if isinstance(h, Setting)}
    return Simulation(office, tuple(said), expected, settings)

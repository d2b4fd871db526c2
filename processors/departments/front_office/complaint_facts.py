"""The facts that a complaint publishes: at the service and the product it names, at its customer, and for ledgers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from processors.step import Emission
from schemas.envelope import Evidence
from schemas.facts import ComplaintNamedService, CustomerComplained, ImpactReported, ProductComplained


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What rules over several keys need to know of a complaint."""

    customer: str | None = None
    product: str | None = None
    service: str | None = None
    hours: Decimal = Decimal(0)
    """The working time from its receipt to its settlement; 0 while it is open."""


NOTHING = Told()


def of(
    complaint: str, received_at: datetime, before: Told, now: Told, revision: int, record: Evidence | None
) -> Iterator[Emission]:
    """What to say now, and what to take back where something else was said before."""
    for name, holds in _turned(before.service, now.service):
        named = ComplaintNamedService(
            complaint=complaint, received_at=received_at, names=holds, revision=revision, record=record
        )
        yield Emission(f"service/{name}", named)
    for name, holds in _turned(before.product, now.product):
        about = ProductComplained(
            complaint=complaint, received_at=received_at, names=holds, revision=revision, record=record
        )
        yield Emission(f"product/{name}", about)
    for name, holds in _turned(before.customer, now.customer):
        complained = CustomerComplained(
            complaint=complaint, received_at=received_at, holds=holds, revision=revision, record=record
        )
        yield Emission(f"customer/{name}", complained)
    for name, holds in _turned(before.service, now.service, again=before.hours != now.hours):
        impact = ImpactReported(
            what="complaint",
            reference=complaint,
            since=received_at,
            until=received_at,
            hours=now.hours,
            holds=holds,
            revision=revision,
            record=record,
        )
        yield Emission(f"service/{name}", impact)


def _turned(before: str | None, now: str | None, *, again: bool = False) -> Iterator[tuple[str, bool]]:
    """What does not hold any more, and what holds from now on; `again`: also what held before."""
    if before is not None and before != now:
        yield before, False
    if now is not None and (before != now or again):
        yield now, True

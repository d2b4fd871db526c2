"""The facts that a change publishes: at its service, among the freezes, and at the design it builds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from processors.step import Emission
from schemas.envelope import Evidence
from schemas.facts import FREEZES, ChangePlanned, ChangeTold, DesignBuilt


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What rules over several keys need to know of a change."""

    service: str
    design: str | None
    starts_at: datetime
    ends_at: datetime
    began_at: datetime | None
    over_at: datetime | None
    built: bool
    """Whether work on it began, and was not rolled back."""


def of(change: str, before: Told | None, now: Told, revision: int, record: Evidence | None) -> Iterator[Emission]:
    """What to say now, and what to take back where something else was said before."""
    if before is not None and before.service != now.service:
        yield _at_service(change, before, revision, record, holds=False)
    yield _at_service(change, now, revision, record, holds=True)
    yield _among_freezes(change, now, revision, record)
    if before is not None and before.design is not None and before.design != now.design:
        yield _at_design(change, before.design, before.service, False, revision, record)
    if now.design is not None:
        yield _at_design(change, now.design, now.service, now.built, revision, record)


def _at_service(change: str, told: Told, revision: int, record: Evidence | None, *, holds: bool) -> Emission:
    fact = ChangeTold(
        change=change,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        began_at=told.began_at,
        over_at=told.over_at,
        holds=holds,
        revision=revision,
        record=record,
    )
    return Emission(f"service/{told.service}", fact)


def _among_freezes(change: str, told: Told, revision: int, record: Evidence | None) -> Emission:
    fact = ChangePlanned(
        change=change,
        service=told.service,
        starts_at=told.starts_at,
        ends_at=told.ends_at,
        holds=told.over_at is None,
        revision=revision,
        record=record,
    )
    return Emission(FREEZES, fact)


def _at_design(change: str, design: str, service: str, built: bool, revision: int, record: Evidence | None) -> Emission:
    fact = DesignBuilt(change=change, service=service, built=built, revision=revision, record=record)
    return Emission(f"design/{design}", fact)

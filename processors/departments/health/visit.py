"""A visit, from a patient's arrival to the discharge: what is remembered of it."""

from dataclasses import dataclass
from datetime import datetime

from schemas.envelope import Evidence


@dataclass(frozen=True, slots=True)
class Requirement:
    """A protocol that began with a triage. `triage` is the name of the first one that was heard of."""

    protocol: str
    triage: str
    since: datetime
    told_by: tuple[Evidence, ...] = ()
    """What says that it began then, and what said its name, where that was another."""


@dataclass(frozen=True, slots=True)
class Given:
    """A treatment, and when it was first given."""

    treatment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """A document in the record; not valid: filed in error."""

    record: str
    part: str
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """From the first thing heard of it to the discharge."""

    began_at: datetime | None = None
    record: Evidence | None = None
    """The first record."""
    triages: int = 0
    required: tuple[Requirement, ...] = ()
    given: tuple[Given, ...] = ()
    admitted_at: datetime | None = None
    unit: str | None = None
    attending: str | None = None
    moved_at: datetime | None = None
    """When unit or attending were last said."""
    returned_at: datetime | None = None
    """When it was last said that the patient is back."""
    returned_by: tuple[Evidence, ...] = ()
    """What said so."""
    return_said: bool = False
    discharged_at: datetime | None = None
    discharged_by: tuple[Evidence, ...] = ()
    """What said so; and the visit's first record, where that tells to which visit it belongs."""
    revoked_at: datetime | None = None
    filed: tuple[Filed, ...] = ()

    def has(self, part: str) -> bool:
        """Whether this part of the record is filed, and counts."""
        return any(f.part == part and f.valid for f in self.filed)

    def first_given(self, treatment: str) -> datetime | None:
        return next((g.at for g in self.given if g.treatment == treatment), None)


NO_VISIT = Visit()
"""One that was never heard of."""

"""What an employee's state holds, row by row: documents, onboarding steps, leaves and shifts."""

from dataclasses import dataclass
from datetime import date, datetime

from schemas.envelope import Evidence
from schemas.hr import Separation


@dataclass(frozen=True, slots=True)
class Rejection:
    """A copy that does not count."""

    file: str
    at: datetime
    record: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One kind of document in an employee's record: whether it is needed, and the copy filed last."""

    required: bool = False
    due_on: date | None = None
    asked_at: datetime | None = None
    """When it was last asked for by hand: a copy filed before that does not answer it."""
    asked_by: tuple[Evidence, ...] = ()
    """What says that it is needed, and by when."""
    file: str | None = None
    filed_at: datetime | None = None
    filed: Evidence | None = None
    valid_until: date | None = None
    rejections: tuple[Rejection, ...] = ()
    waived: bool = False
    waived_until: date | None = None
    waiver: Evidence | None = None

    @property
    def counts(self) -> bool:
        """There is a copy, and it was not rejected."""
        return self.file is not None and all(r.file != self.file for r in self.rejections)

    @property
    def in_place(self) -> bool:
        """There is a copy that counts, and it answers what was asked for."""
        asked, filed = self.asked_at, self.filed_at
        return self.counts and (asked is None or filed is None or filed >= asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingStep:
    """A step of the checklist, or one done outside it (`due_on` None)."""

    due_on: date | None = None
    declared_by: tuple[Evidence, ...] = ()
    """What says that it is to be done, and by when."""
    done: bool = False
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A leave. Its end may be known before its beginning."""

    starts_on: date | None = None
    ends_on: date | None = None
    ended_on: date | None = None
    delegate: str | None = None
    started_at: datetime | None = None
    """When it was said to start."""
    started: Evidence | None = None
    ended: Evidence | None = None
    cancelled_at: datetime | None = None

    @property
    def cancelled(self) -> bool:
        """Cancelled, and not started again since."""
        if self.cancelled_at is None:
            return False
        return self.started_at is None or self.started_at <= self.cancelled_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A planned shift. That it is cancelled may be known before the shift itself."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    planned_at: datetime | None = None
    """When it was said last."""
    planned: Evidence | None = None
    cancelled_at: datetime | None = None

    @property
    def cancelled(self) -> bool:
        """Cancelled, and not planned again since."""
        if self.cancelled_at is None:
            return False
        return self.planned_at is None or self.planned_at <= self.cancelled_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was last told to rules over several keys of this employee."""

    role: str | None = None
    start_on: date | None = None
    last_day: date | None = None
    manager: str | None = None
    manager_since: date | None = None
    onboarded: bool = True
    onboarded_at: datetime | None = None
    merged_into: str | None = None


NO_DOCUMENT = Document()
"""One that was neither asked for nor filed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the record that cannot be: a leave or a document."""

    what: str
    records: tuple[Evidence | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How and why somebody leaves. Days are as exact as they were said: `2027`, `2027-06`, `2027-06-30`."""

    separation: Separation
    motive: str | None = None
    reasons: tuple[str, ...] = ()
    joined: str | None = None
    left: str | None = None
    record: Evidence | None = None

    @property
    def resigned(self) -> bool:
        return self.separation == "resignation"

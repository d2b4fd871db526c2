"""An employee: what HR knows of one, before any rule reads it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from processors.calendar import Calendar
from processors.departments.hr.rows import NO_DOCUMENT, Document, Exit, Fault, Leave, OnboardingStep, Shift, Told
from processors.departments.hr.settings import HrSettings
from processors.departments.reviews import Reviewed
from processors.rows import Rows
from processors.step import Step
from schemas.envelope import Evidence
from schemas.hr import Separation


@dataclass(frozen=True, kw_only=True)
class Employee(Reviewed):
    """Everything HR knows of an employee, by ids alone."""

    label_fields = ("role", "department", "site")

    settings: HrSettings = field(default=HrSettings())
    role: str | None = None
    role_record: Evidence | None = None
    other_settings: Evidence | None = None
    """The latest transfer by which other settings hold."""
    department: str | None = None
    position: str | None = None
    site: str | None = None
    manager: str | None = None
    manager_record: Evidence | None = None
    manager_since: date | None = None
    """From when on the manager is this one, or there is none."""
    start_on: date | None = None
    hired: Evidence | None = None
    second_start: date | None = None
    """A second first day, with no last day between."""
    hired_again: Evidence | None = None
    last_day: date | None = None
    ended: Evidence | None = None
    ended_by: Separation | None = None
    """How it ended, where what said the last day said that, too."""
    exit: Exit | None = None
    latest_act_on: date | None = None
    """The latest day on which something was done that only employees do."""
    latest_act: Evidence | None = None
    faulty: tuple[Fault, ...] = ()
    """What ended before it began."""
    rejected_filed: tuple[Fault, ...] = ()
    """Copies that were rejected, and then filed again."""
    settled: tuple[str, ...] = ()
    """Contradictions, in words, that somebody has put right or let stand."""
    identity_hash: str | None = None
    merged_into: str | None = None
    own_checklist: bool = False
    overdue_steps: tuple[str, ...] = ()
    open_steps: tuple[str, ...] = ()
    """Steps of the checklist that are not done."""
    onboarded_at: datetime | None = None
    """When the last of them was done."""
    statements: int = 0
    """How many facts were told of this employee: the revision of the latest."""
    told: Told = field(default=Told())
    told_identity: str | None = None
    """The identity this id was last told to have."""
    told_manager: str | None = None
    """The manager who was last told of this report."""
    documents: Rows[Document] = field(default_factory=Rows)
    steps: Rows[OnboardingStep] = field(default_factory=Rows)
    leaves: Rows[Leave] = field(default_factory=Rows)
    shifts: Rows[Shift] = field(default_factory=Rows)

    @property
    def calendar(self) -> Calendar:
        return Calendar.of(self.settings.calendar)

    @property
    def employed(self) -> bool:
        """Hired, as far as is known, and with no end in sight; and not known under another id."""
        return self.last_day is None and self.merged_into is None

    def document(self, document: str) -> Document:
        return self.documents.get(document, NO_DOCUMENT)


def awaits(now: Step[Employee], name: str, due: datetime | None) -> Step[Employee]:
    """Waits under this name; most of what is asked for waits for nothing before and after, which costs nothing."""
    return now if now.state.deadlines.get(name) == due else now.awaits(name, due)

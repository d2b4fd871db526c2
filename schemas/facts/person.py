"""What is told of a person: employment, leave, reports, shifts, accounts, training, approvals, emergency access."""

from pydantic import Field

from schemas.envelope import Day, Evidence, Id, Instant
from schemas.facts.fact import EVIDENCE, Fact
from schemas.privacy import PersonId


class EmploymentStated(Fact, type="facts.employment.stated", kind="person"):
    """An employment as HR knows it now."""

    role: Id | None = Field(default=None, examples=["accounting_clerk"])
    """What the person works as."""
    start_on: Day | None = Field(default=None, examples=["2026-03-02"])
    """First day of work."""
    last_day: Day | None = Field(default=None, examples=["2027-06-30"])
    """Last day of work; none when no end is in sight."""
    manager: PersonId | None = Field(default=None, examples=["E-100"])
    """Employee id of the manager."""
    manager_since: Day | None = Field(default=None, examples=["2026-03-02"])
    """From when on that is the manager, or there is none."""
    onboarded: bool = True
    """False: a step of the onboarding checklist is not done."""
    onboarded_at: Instant | None = Field(default=None, examples=["2026-03-06T15:00:00Z"])
    """When the last step was done; none when there was none to do."""
    merged_into: PersonId | None = Field(default=None, examples=["E-17"])
    """The other id of the same person that goes on instead of this one."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this employee."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class LeaveStated(Fact, type="facts.leave.stated", kind="person"):
    """A leave as HR knows it now."""

    leave: Id = Field(examples=["L-52"])
    """The leave's id."""
    starts_on: Day = Field(examples=["2026-08-03"])
    """First day away."""
    ends_on: Day | None = Field(default=None, examples=["2026-08-21"])
    """Last day away; open when not given."""
    delegate: PersonId | None = Field(default=None, examples=["E-102"])
    """Employee id of the one who stands in."""
    holds: bool = True
    """False: it was cancelled."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this employee."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class ReportStated(Fact, type="facts.report.stated", kind="person"):
    """Somebody reports to this person, or no longer does."""

    employee: PersonId = Field(examples=["E-311"])
    """Employee id of the one who reports."""
    since: Day | None = Field(default=None, examples=["2026-03-02"])
    """From when on."""
    holds: bool = True
    """False: no longer, or the employee leaves."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of the one who reports."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class ShiftStated(Fact, type="facts.shift.stated", kind="person"):
    """A shift as it is planned now."""

    shift: Id = Field(examples=["S-2026-03-02-N"])
    """The shift's id."""
    starts_at: Instant = Field(examples=["2026-03-02T20:00:00Z"])
    """When it begins."""
    ends_at: Instant = Field(examples=["2026-03-03T06:00:00Z"])
    """When it ends."""
    holds: bool = True
    """False: it was cancelled."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this employee."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class AccountStated(Fact, type="facts.account.stated", kind="person"):
    """An account of this person can be used, or no longer."""

    account: Id = Field(examples=["A-311"])
    """The account's id."""
    active: bool = Field(examples=[True])
    """False: it was deprovisioned, or turned out to be somebody else's."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this account."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class TrainingState(Fact, type="facts.training.state", kind="person"):
    """From `since` until `until` this person holds a training, or it has lapsed.

    Each span is told by itself, named by its training and beginning. Said again with a higher revision it is
    corrected: a lapse that ends gets its `until`, and one that never was becomes a span in which the training holds.
    """

    training: Id = Field(examples=["four-eyes-principle"])
    """The training."""
    holds: bool = Field(examples=[False])
    """True: completed and valid. False: not completed by its date, or expired."""
    since: Instant = Field(examples=["2026-03-02T00:00:00Z"])
    """From when on."""
    until: Instant | None = Field(default=None, examples=["2026-03-20T14:00:00Z"])
    """Up to when; open when not given."""
    required: bool = True
    """Whether the person needs it."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this span."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class EligibilityAsked(Fact, type="facts.eligibility.asked", kind="person"):
    """Might this person approve this invoice then? Asked of the one who did, and of those who could stand in."""

    vendor: Id = Field(examples=["acme"])
    """Whose invoice it is."""
    invoice: Id = Field(examples=["RE-2026-17"])
    """The document's id."""
    approver: PersonId = Field(examples=["E-104"])
    """Who approved it: the asked person, or one whom that person could stand in for."""
    at: Instant = Field(examples=["2026-03-09T10:00:00Z"])
    """When it was approved."""
    holds: bool = True
    """False: the approval does not count any more, because the invoice was rejected."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of approvals of this invoice."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""


class EmergencyAccessUsed(Fact, type="facts.emergency_access.used", kind="person"):
    """This person broke the glass: they read a patient's record in an emergency, past the usual rights."""

    patient: PersonId = Field(examples=["P-2041"])
    """Whose record was read."""
    access: Id = Field(examples=["BG-9"])
    """The access's id."""
    at: Instant = Field(examples=["2026-03-02T23:10:00Z"])
    """When it began."""
    admitted: bool = Field(examples=[False])
    """Whether the patient was admitted then."""
    incident: Id | None = Field(default=None, examples=["INC-7"])
    """The incident that was named as its reason."""
    revision: int = Field(default=1, ge=1)
    """How often something was said of this access."""
    record: Evidence | None = Field(default=None, examples=[EVIDENCE])
    """The record it rests on."""

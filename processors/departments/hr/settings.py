"""HR's thresholds."""

from pydantic import Field

from processors.calendar import CalendarSettings
from processors.settings import RuleSettings

EVERYBODY = "*"
"""Stands for every role."""


class HrSettings(RuleSettings):
    """What the rules of HR may be told."""

    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works."""

    required_documents: dict[str, tuple[str, ...]] = Field(
        default={EVERYBODY: ("employment_contract", "identity_proof", "tax_form")}
    )
    """Which documents each role needs; those under `*` are needed from everybody."""
    document_due_business_days: int = Field(default=3, ge=0, le=250)
    """Until when a required document is to be filed, in business days after the first day of work."""
    document_error_business_days: int = Field(default=10, ge=0, le=250)
    """From when on a missing document is an error, in business days after the first day of work."""
    document_expiring_days: int = Field(default=30, ge=1, le=3650)
    """How many days before a document expires that is said."""

    onboarding_checklist: dict[str, int] = Field(
        default={"accounts": 1, "equipment": 1, "documents": 3, "training": 10}
    )
    """The usual steps of onboarding, and until when each is due, in business days after the first day of work."""

    position_open_days: int = Field(default=60, ge=1, le=3650)
    """A position may be open for so many days."""

    early_resignation_years: int = Field(default=2, ge=1, le=50)
    """Who resigns before having served so many full years leaves early."""
    exit_concerns: tuple[str, ...] = Field(default=("interpersonal_conflicts", "traumatic_incident"), max_length=100)
    """Reasons for a resignation that call for a talk, as exit interviews name them."""

    def documents_of(self, role: str | None) -> tuple[str, ...]:
        """What somebody in this role must file, each once."""
        own = self.required_documents.get(role, ()) if role else ()
        return tuple(dict.fromkeys((*self.required_documents.get(EVERYBODY, ()), *own)))

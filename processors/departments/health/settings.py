"""Health's thresholds."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from processors.settings import RuleSettings
from schemas.settings import Settings

EVERYBODY = "*"
"""Stands for every role."""

Arrival = Literal["registered", "triaged", "admitted", "returned"]


class CriticalLimit(Settings):
    """From which value on a result is critical, in the unit the laboratory uses. Any one that holds is enough."""

    above: Decimal | None = None
    """Critical when larger than this."""
    at_least: Decimal | None = None
    """Critical when as large as this."""
    below: Decimal | None = None
    """Critical when smaller than this."""

    def is_passed(self, value: Decimal) -> bool:
        return (
            (self.above is not None and value > self.above)
            or (self.at_least is not None and value >= self.at_least)
            or (self.below is not None and value < self.below)
        )


class HealthSettings(RuleSettings):
    """What the rules of Health may be told."""

    required_treatments: dict[str, dict[str, int]] = Field(default={"sepsis": {"antibiotics": 60}})
    """Per protocol, which treatments a triage requires, and within how many minutes of its first triage."""

    critical_limits: dict[str, CriticalLimit] = Field(
        default={
            "lactic_acid": CriticalLimit(at_least=Decimal(4)),
            "potassium": CriticalLimit(above=Decimal("6.5"), below=Decimal("2.5")),
        }
    )
    """Per test, which values are critical where the laboratory does not say; in mmol/l by default."""
    critical_result_minutes: int = Field(default=60, ge=1, le=10_080)
    """Within how many minutes a critical result is to be acknowledged."""
    result_memory_days: int = Field(default=400, ge=1, le=3650)
    """So long after it was last heard of, a result may still be acknowledged or corrected."""

    retrieval_minutes: int = Field(default=30, ge=1, le=10_080)
    """Within how many minutes a requested record is to be there."""

    discharge_summary_hours: int = Field(default=24, ge=0, le=8_760)
    """Within how many hours of a discharge its summary is to be filed."""
    discharge_summary_part: str = "discharge_summary"
    """What the summary is called among the parts of a record."""
    required_parts: tuple[str, ...] = ("admission_note", "medication_list")
    """Parts of the record that are to be there at discharge."""

    return_days: int = Field(default=28, ge=1, le=3650)
    """Who is back so many times 24 hours after a discharge, or sooner, has returned."""
    return_events: tuple[Arrival, ...] = ("registered", "triaged", "admitted", "returned")
    """Which arrivals count as a return. A log that marks returns itself needs `returned` only."""

    purposes_without_relation: dict[str, tuple[str, ...]] = Field(
        default={
            "archivist": ("archive",),
            "auditor": ("audit",),
            "billing_clerk": ("billing",),
            "coder": ("billing", "coding"),
            "quality_officer": ("quality",),
        }
    )
    """For which purposes each role may read any record; those under `*` hold for everybody."""
    relation_days_after: int = Field(default=30, ge=0, le=3650)
    """Who cared for a patient may read the record for so many days longer."""
    appointment_days: int = Field(default=1, ge=0, le=366)
    """An appointment links its clinician and unit to the patient for so many days before and after it."""
    emergency_access_hours: int = Field(default=24, ge=1, le=720)
    """How long breaking the glass opens a record."""
    emergency_review_hours: int = Field(default=24, ge=1, le=720)
    """Within how many hours an emergency access is to be reviewed; after them it is an error."""

    def may_read(self, role: str | None, purpose: str | None) -> bool:
        """Whether somebody in this role needs no link to the patient for this purpose."""
        roles = (EVERYBODY, role) if role else (EVERYBODY,)
        return purpose is not None and any(purpose in self.purposes_without_relation.get(r, ()) for r in roles)


DEFAULTS = HealthSettings()

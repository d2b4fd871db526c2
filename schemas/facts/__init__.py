"""Facts: the little that a department publishes for rules over several departments or keys.

One file for each kind of key at which facts meet. A fact that can be said again with other content carries a
`revision`, counted by the one who says it: the highest counts, whichever comes last.
"""

from schemas.envelope import concrete_events
from schemas.facts.category import IncidentOpened
from schemas.facts.fact import Fact
from schemas.facts.identity import IdentitySeen
from schemas.facts.person import (
    AccountStated,
    EligibilityAsked,
    EmergencyAccessUsed,
    EmploymentStated,
    LeaveStated,
    ReportStated,
    ShiftStated,
    TrainingState,
)
from schemas.facts.purchase import DutyDone, EligibilityTold, PurchaseDuty
from schemas.facts.review import FindingReviewed
from schemas.facts.service import ComplaintNamedService, ServiceDown, ServiceUp
from schemas.facts.task import TaskHeld

__all__ = [
    "EVENTS",
    "AccountStated",
    "ComplaintNamedService",
    "DutyDone",
    "EligibilityAsked",
    "EligibilityTold",
    "EmergencyAccessUsed",
    "EmploymentStated",
    "Fact",
    "FindingReviewed",
    "IdentitySeen",
    "IncidentOpened",
    "LeaveStated",
    "PurchaseDuty",
    "ReportStated",
    "ServiceDown",
    "ServiceUp",
    "ShiftStated",
    "TaskHeld",
    "TrainingState",
]

EVENTS = tuple(concrete_events(Fact))
"""Every fact."""

"""Facts: the little that a department publishes for rules over several departments or keys.

One file for each kind of key at which facts meet. A fact that can be said again with other content carries a
`revision`, counted by the one who says it: the highest counts, whichever comes last.
"""

from schemas.envelope import concrete_events
from schemas.facts.category import IncidentOpened
from schemas.facts.change import FREEZES, ChangePlanned, ChangeTold, DesignBuilt, DesignTold, FreezeTold
from schemas.facts.company import ComplaintAboutCompany
from schemas.facts.customer import CustomerComplained, CustomerMerged, ProductComplained
from schemas.facts.deadline import DeadlineDepends
from schemas.facts.fact import Fact
from schemas.facts.identity import IdentitySeen
from schemas.facts.impact import ImpactReported
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
from schemas.facts.service import ComplaintNamedService, DependentHappened, ServiceDependsOn, ServiceDown, ServiceUp
from schemas.facts.stream import StreamHeard, StreamInterrupted
from schemas.facts.task import TaskHeld

__all__ = [
    "EVENTS",
    "FREEZES",
    "AccountStated",
    "ChangePlanned",
    "ChangeTold",
    "ComplaintAboutCompany",
    "ComplaintNamedService",
    "CustomerComplained",
    "CustomerMerged",
    "DeadlineDepends",
    "DependentHappened",
    "DesignBuilt",
    "DesignTold",
    "DutyDone",
    "EligibilityAsked",
    "EligibilityTold",
    "EmergencyAccessUsed",
    "EmploymentStated",
    "Fact",
    "FindingReviewed",
    "FreezeTold",
    "IdentitySeen",
    "ImpactReported",
    "IncidentOpened",
    "LeaveStated",
    "ProductComplained",
    "PurchaseDuty",
    "ReportStated",
    "ServiceDependsOn",
    "ServiceDown",
    "ServiceUp",
    "ShiftStated",
    "StreamHeard",
    "StreamInterrupted",
    "TaskHeld",
    "TrainingState",
]

EVENTS = tuple(concrete_events(Fact))
"""Every fact."""

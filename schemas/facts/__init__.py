"""Facts: the little that a department publishes for rules over several departments or keys.

One file for each kind of key at which facts meet. A fact that can be said again with other content carries a
`revision`, counted by the one who says it: the highest counts, whichever comes last.
"""

from schemas.envelope import concrete_events
from schemas.facts.category import IncidentOpened
from schemas.facts.fact import Fact
from schemas.facts.identity import IdentitySeen
from schemas.facts.person import EmergencyAccessUsed
from schemas.facts.purchase import DutyDone
from schemas.facts.service import ComplaintNamedService, ServiceDown, ServiceUp
from schemas.facts.task import TaskHeld

__all__ = [
    "EVENTS",
    "ComplaintNamedService",
    "DutyDone",
    "EmergencyAccessUsed",
    "Fact",
    "IdentitySeen",
    "IncidentOpened",
    "ServiceDown",
    "ServiceUp",
    "TaskHeld",
]

EVENTS = tuple(concrete_events(Fact))
"""Every fact."""

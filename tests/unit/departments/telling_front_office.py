"""The front office alone, and short words for what is said to it."""

from typing import Any

from processors.departments.front_office import department
from processors.step import Emission
from schemas.front_office import (
    ClientInformed,
    ComplaintAnswered,
    ComplaintAwaitingCustomer,
    ComplaintCustomerReplied,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    FrontOfficeEvent,
    RepresentativeGaveUp,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

RECEIVED = "2026-01-05T10:00"
"""A Monday; working hours are 9 to 17, UTC."""

FIRST, NEXT, RESOLUTION = "front_office.first_response", "front_office.next_response", "front_office.resolution"
ESCALATED, UNINFORMED = "front_office.escalated", "front_office.client_uninformed"
REGULATOR, FORWARDED_LATE = "front_office.regulator_deadline", "front_office.forwarded_late"

ANSWER, GAVE_UP = ComplaintAnswered(by="R-1"), RepresentativeGaveUp(representative="R-1")
FINAL = ComplaintAnswered(by="R-1", final=True)
RESOLVED, REOPENED, WITHDRAWN = ComplaintResolved(), ComplaintReopened(), ComplaintWithdrawn()
ASKED, REPLIED, INFORMED = ComplaintAwaitingCustomer(), ComplaintCustomerReplied(), ClientInformed()


def complaint(*events: FrontOfficeEvent) -> list[Emission]:
    return [Emission("complaint/C-1", event) for event in events]


def received(**fields: Any) -> ComplaintReceived:
    return ComplaintReceived.model_validate({"received_at": instant(RECEIVED), **fields})


def front_office(*events: FrontOfficeEvent, **settings: Any) -> Office:
    """The front office alone, on the Monday on which the complaint comes."""
    office = Office(processors=[department], partitions=1, settings={"front_office": settings})
    return office.at(RECEIVED).receives(*complaint(*events))


def why_resolved(office: Office, rule: str) -> list[str]:
    return [s.because for s in office.signals(rule) if isinstance(s, ConditionResolved)]


def fired(office: Office, rule: str) -> list[ConditionFired]:
    return [s for s in office.signals(rule) if isinstance(s, ConditionFired)]

"""`/api/v1/on-call/{schedule}.ics`: who is on duty, for calendar programs to subscribe to (RFC 5545)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from consumers.api.access import may_by_address
from consumers.api.errors import Problem
from consumers.api.service import Serving
from consumers.api.settings import Scope

router = APIRouter(prefix="/api/v1")

User = Annotated[str | None, Query(max_length=200, description="Only this user's duties.")]


@router.api_route(
    "/on-call/{schedule}.ics", methods=["GET", "HEAD"], dependencies=[Depends(may_by_address(Scope.CALENDAR))]
)
def get_calendar(schedule: str, service: Serving, user: User = None) -> Response:
    """The duties of a schedule as they stand, with who stands in and who is away."""
    calendars = service.calendars
    if calendars is None or schedule not in calendars.schedules:
        raise Problem(f"there is no schedule {schedule!r}", 404)
    if user is not None and user not in calendars.users:
        raise Problem(f"there is no user {user!r}", 404)
    with service.view.reading() as standing:
        duties = standing.duties
    return Response(calendars.feed(schedule, duties, service.now(), user), media_type="text/calendar")

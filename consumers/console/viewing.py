"""Looking at records: a look is on record, as a look-up's is, before a page shows anything."""

from collections.abc import Callable
from typing import TypeVar

from consumers.console import BY_WAY_OF
from consumers.console.asking import ask
from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit
from consumers.lookup.looking import NotRecorded
from schemas.audit import RecordViewed
from schemas.privacy import Kind

T = TypeVar("T")

LONGEST = 1_000
"""Characters of what is said to have been looked at."""


async def look(
    visit: Visit, on: str, do: Callable[[], T], least: Role = Role.OPERATOR, masked: tuple[Kind, ...] = ()
) -> T | None:
    """Does it in a thread, if they may, once it is on record; None when it went wrong, which the page has been told.

    `on`: a record's place, a letter, or a topic with what was asked of it; `masked`: what they are not shown.
    """
    desk, who = visit.desk, visit.who
    viewed = RecordViewed(on=on[:LONGEST], masked=masked, by_way_of=BY_WAY_OF)

    def looked() -> T:
        try:
            desk.record(viewed, f"person/{who.name}")
        except NotRecorded as error:
            raise ValueError(str(error)) from error
        return do()

    return await ask(visit, looked, least)

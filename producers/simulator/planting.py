"""Planting problems: on which working day, and which alert must follow."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from producers.simulator.office import Expected, SimulatedOffice

TAKEN_AFTER = timedelta(minutes=10)
"""So soon the department's clerk acknowledges an alert."""

PATIENCE = timedelta(minutes=15)
"""After so long without an acknowledgement the default policies tell the next one."""


def workday(office: SimulatedOffice, n: int) -> int:
    """The n-th workday (0: the first), as a day of the office; it may lie beyond the last."""
    day = 0
    while n or not office.is_workday(day):
        n -= office.is_workday(day)
        day += 1
    return day


def workday_before(office: SimulatedOffice, n: int) -> int:
    """The n-th workday before the first one, as a day of the office: a negative number, or 0 for none."""
    day = workday(office, 0)
    while n:
        day -= 1
        n -= office.is_workday(day)
    return day


def expected(
    office: SimulatedOffice,
    rule: str,
    subject: str,
    fires: datetime,
    resolves: datetime | None,
    neglected: bool = False,
    **identity: str,
) -> Iterator[Expected]:
    """The alert, if there is still time for it. The department's clerk takes it, unless it is neglected."""
    if fires >= office.end:
        return
    over = office.end if resolves is None else min(resolves, office.end)
    taken = fires + TAKEN_AFTER
    takes = not neglected and taken < over
    yield Expected(
        rule,
        subject,
        identity,
        resolved=over < office.end,
        acknowledged_at=taken if takes else None,
        acknowledged_by=f"{rule.partition('.')[0]}-clerk" if takes else None,
        escalates=neglected and fires + PATIENCE < over,
    )

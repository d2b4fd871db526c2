"""A system between others: what another ticket system knows comes once a day, through a bridge that may be down."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from producers.simulator.office import Expected, Said, Setting, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.it import IncidentUpdated, OutageDetected, OutageResolved, ServiceDeclared

BRIDGE = "ticket-bridge"
STREAM = "it.incident.updated"
BY = time(12)
"""So early something must have come on a business day."""

MINUTE = timedelta(minutes=1)

LATE, DOWN = 3, 4
"""The workdays (0: the first) on which it comes too late, and not at all."""


def life(office: SimulatedOffice) -> Iterator[Said | Expected | Setting]:
    """An incident a workday. On the fourth one nothing comes in time, and nobody knows why; on the fifth the bridge
    is down until the next one's morning, which explains it."""
    yield Setting("correlation", {"silences": [{"event": STREAM, "by": f"{BY:%H:%M}", "service": BRIDGE}]})
    yield Said(office.clock(0, time(0, 1)), f"service/{BRIDGE}", ServiceDeclared(category="application"))
    again = workday(office, DOWN + 1)
    for n, day in enumerate(day for day in range(office.days) if office.is_workday(day)):
        opened = office.clock(day, time(10, 20))
        if n == LATE:
            opened = office.clock(day, time(12, 30))
        if n == DOWN:
            opened = office.clock(again, time(8, 40))
        yield from _exported_incident(f"INC-{n + 1}99", opened)
    yield from _down(office, office.clock(workday(office, DOWN), time(8, 50)), office.clock(again, time(8, 30)))
    yield from _silent(office, office.clock(again, time(8, 41)))


def _exported_incident(name: str, opened: datetime) -> Iterator[Said]:
    """Snapshots of an incident; its first one comes twice."""
    for n, (minutes, state) in enumerate(((1, "New"), (1, "New"), (12, "Active"), (95, "Resolved"), (400, "Closed"))):
        at = opened + minutes * MINUTE
        snapshot = IncidentUpdated(
            state=state,
            priority=3,
            category="Software",
            opened_at=opened,
            updated_at=at,
            modification_count=max(0, n - 1),
            made_sla=True,
            assignment_group="Service desk",
        )
        yield Said(at, f"incident/{name}", snapshot, id=f"{name}-{max(0, n - 1)}")


def _down(office: SimulatedOffice, begins: datetime, ends: datetime) -> Iterator[Said | Expected]:
    subject, name = f"service/{BRIDGE}", f"OUT-{begins:%Y%m%d}-{BRIDGE}"
    yield Said(begins, subject, OutageDetected(outage=name, since=begins, impact="complete"))
    yield Said(ends, subject, OutageResolved(outage=name, until=ends, cause="an expired certificate"))
    yield from expected(office, "it.outage", subject, begins, ends, neglected=True)


def _silent(office: SimulatedOffice, back: datetime) -> Iterator[Expected]:
    """One alert twice: it is over in between, and the second time nobody is told, because the outage explains it."""
    unexplained, explained = (office.clock(workday(office, n), BY) for n in (LATE, DOWN))
    if unexplained < office.end:
        over = back < office.end if explained < office.end else True
        yield Expected("correlation.stream_silent", f"stream/{STREAM}", resolved=over)

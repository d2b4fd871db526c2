"""IT's part of the simulated office: a working week of services, devices, incidents, changes and accounts."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random

from producers.simulator.office import Expected, PlantedOutage, Said, SimulatedOffice
from producers.simulator.people import LEAVER
from producers.simulator.planting import workday
from schemas.it import (
    AccountDeprovisioned,
    AccountProvisioned,
    AccountProvisionRequested,
    CapacityMeasured,
    ChangeCompleted,
    ChangeScheduled,
    ChangeStarted,
    DesignApproved,
    DesignSubmitted,
    DeviceDeclared,
    HeartbeatReceived,
    IncidentAssigned,
    IncidentClosed,
    IncidentOpened,
    IncidentResolved,
    OutageDetected,
    OutageResolved,
    QualityMeasured,
    ServiceDeclared,
    UpgradeDue,
    UpgradePerformed,
)

Happenings = Iterator[Said | Expected]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

ON_CALL = "it-engineer"
"""Who acknowledges IT's alerts; never within a quarter of an hour, the slice in which a replay is fed."""


def life(office: SimulatedOffice) -> Happenings:
    """Everything IT says; see producers.simulator.office.Life."""
    rng = office.rng("it")
    workdays = [day for day in range(office.days) if office.is_workday(day)]
    yield from _declarations(office)
    yield from _heartbeats(office, silent_day=workdays[2] if len(workdays) > 2 else None)
    for n, day in enumerate(workdays):
        yield from _a_normal_day(office, rng, n, day)
    yield from _forgotten_account(office)
    for outage in office.outages:
        yield from _outage(outage, rng)
    for outage in office.outages[:1]:
        yield from _suspect(office, outage)
    for service in sorted({outage.service for outage in office.outages}):
        yield Expected("it.outage", f"service/{service}", resolved=True, escalates=True)
    for plan, day in zip((_first, _second, _third, _fourth), workdays, strict=False):
        yield from plan(office, day)


def outage_id(outage: PlantedOutage) -> str:
    """How IT calls a planted outage."""
    return f"OUT-{outage.begins:%Y%m%d}-{outage.service}"


def _declarations(office: SimulatedOffice) -> Happenings:
    begin = office.clock(0, time(0, 1))
    for n, service in enumerate(office.services):
        telecom = service == "telephony"
        declared = ServiceDeclared(
            category="telecom" if telecom else "application",
            dependencies=office.services[:1] if n else (),
            max_loss_percent=Decimal(1) if telecom else None,
        )
        yield Said(begin, f"service/{service}", declared)
        yield Said(begin, f"device/host-{service}", DeviceDeclared(heartbeat_seconds=3600, service=service))


def _heartbeats(office: SimulatedOffice, silent_day: int | None) -> Happenings:
    """Every hour from each device; the last service's host is silent from 10:05 to 16:05 on one day."""
    silent = f"device/host-{office.services[-1]}"
    for day in range(office.days):
        for hour in range(24):
            at = office.clock(day, time(hour, 5))
            for service in office.services:
                subject = f"device/host-{service}"
                if not (subject == silent and day == silent_day and 10 < hour < 16):
                    yield Said(at, subject, HeartbeatReceived())
    if silent_day is not None:
        taken = office.clock(silent_day, time(13, 25))
        yield Expected("it.heartbeat_missed", silent, resolved=True, acknowledged_at=taken, acknowledged_by=ON_CALL)


def _a_normal_day(office: SimulatedOffice, rng: Random, n: int, day: int) -> Happenings:
    """A few incidents in time, measures within their limits, an account that is there at once."""
    for i in range(max(1, min(office.employees // 10, 8))):
        opened = office.clock(day, time(9)) + rng.randrange(0, 240) * MINUTE
        category = ("Hardware", "Software", "Access")[i % 3]
        yield from _incident(
            f"INC-{n + 1}{i:02}", opened, rng.choice((2, 3, 3, 4)), category, rng.randrange(30, 200) * MINUTE
        )
    for hour in range(0, 24, 4):
        at = office.clock(day, time(hour, 30))
        used = CapacityMeasured(resource="disk-data", used_percent=Decimal(rng.randrange(540, 560)) / 10)
        yield Said(at, f"service/{office.services[-1]}", used)
        if "telephony" in office.services:
            loss = QualityMeasured(measure="loss", value=Decimal(rng.randrange(0, 60)) / 100)
            yield Said(at, "service/telephony", loss)
    asked = office.clock(day, time(9, 15))
    yield Said(asked, f"account/A-{n}", AccountProvisionRequested(person=f"E-{n}"))
    yield Said(asked + 3 * HOUR, f"account/A-{n}", AccountProvisioned())


def _forgotten_account(office: SimulatedOffice) -> Happenings:
    """An account that is still there when its owner has left, which HR's rule finds."""
    subject = f"account/A-{LEAVER}"
    yield Said(office.clock(0, time(6)), subject, AccountProvisionRequested(person=LEAVER))
    yield Said(office.clock(0, time(6, 30)), subject, AccountProvisioned())
    yield Said(office.clock(workday(office, 1), time(10, 20)), subject, AccountDeprovisioned())


def _incident(name: str, opened: datetime, priority: int, category: str, takes: timedelta) -> Iterator[Said]:
    subject = f"incident/{name}"
    yield Said(opened, subject, IncidentOpened(opened_at=opened, priority=priority, category=category))
    yield Said(opened + 6 * MINUTE, subject, IncidentAssigned(group="Service desk", to=f"agent-{priority}"))
    yield Said(opened + takes, subject, IncidentResolved())
    yield Said(opened + takes + HOUR, subject, IncidentClosed())


def _outage(outage: PlantedOutage, rng: Random) -> Happenings:
    """A service goes down: one critical incident, a burst of others, until it works again."""
    subject, name = f"service/{outage.service}", outage_id(outage)
    begins, ends = outage.begins, outage.ends
    yield Said(begins + 2 * MINUTE, subject, OutageDetected(outage=name, since=begins, impact="complete"))
    yield Said(ends + MINUTE, subject, OutageResolved(outage=name, until=ends, cause="a failed power supply"))
    major = f"INC-{name}"
    yield from _incident(major, begins + 5 * MINUTE, 1, "Outage", ends - begins)
    taken = begins + 25 * MINUTE
    yield Expected(
        "it.major_incident", f"incident/{major}", resolved=True, acknowledged_at=taken, acknowledged_by=ON_CALL
    )
    for n in range(12):
        opened = begins + timedelta(minutes=3 + n, seconds=rng.randrange(60))
        yield from _incident(f"INC-{name}-{n:02}", opened, 3, "Network", ends - opened + 10 * MINUTE)
    hour = {"hour": f"{begins:%Y-%m-%dT%H}"}
    yield Expected("it.incident_burst", "category/Network", identity=hour, resolved=True)


def _suspect(office: SimulatedOffice, outage: PlantedOutage) -> Happenings:
    """A change of what every service needs was over half an hour before one of them went down."""
    begins, changed = outage.begins - 2 * HOUR, office.services[0]
    plan = ChangeScheduled(service=changed, starts_at=begins, ends_at=begins + 90 * MINUTE)
    yield Said(begins - HOUR, "change/CHG-0", plan)
    yield Said(begins, "change/CHG-0", ChangeStarted())
    yield Said(begins + 90 * MINUTE, "change/CHG-0", ChangeCompleted())
    suspicion = {"change": "CHG-0", "outage": outage_id(outage), "down": outage.service}
    yield Expected("it.change_suspect", f"service/{changed}", suspicion, resolved=True)


def _first(office: SimulatedOffice, day: int) -> Happenings:
    """An upgrade is due today and performed a day late; a design is decided in time."""
    subject = f"service/{office.services[0]}"
    yield Said(office.clock(day, time(8)), subject, UpgradeDue(upgrade="PATCH-1", due_on=office.start))
    yield Said(office.clock(day, time(8, 10)), subject, DesignSubmitted(design="DSN-1"))
    yield Said(office.clock(day, time(15)), subject, DesignApproved(design="DSN-1", by="E-1"))
    overdue = office.days > day + 1
    if overdue:
        performed = office.clock(day + 1, time(10))
        yield Said(performed, subject, UpgradePerformed(upgrade="PATCH-1"))
        yield Expected("it.upgrade_overdue", subject, {"upgrade": "PATCH-1"}, resolved=True, escalates=True)


def _second(office: SimulatedOffice, day: int) -> Happenings:
    """An incident is passed around; a disk is nearly full for a while; calls are bad for half an hour."""
    subject, opened = "incident/INC-TOSSED", office.clock(day, time(9, 30))
    yield Said(opened, subject, IncidentOpened(opened_at=opened, priority=3, category="Software"))
    for n, group in enumerate(("Desk", "Network", "Database", "Desk", "Vendors")):
        yield Said(opened + (10 + n * 20) * MINUTE, subject, IncidentAssigned(group=group))
    yield Said(opened + 3 * HOUR, subject, IncidentResolved())
    yield Said(opened + 4 * HOUR, subject, IncidentClosed())
    taken = opened + 110 * MINUTE
    bouncing = {"reason": "reassigned"}
    yield Expected("it.incident_bouncing", subject, bouncing, True, acknowledged_at=taken, acknowledged_by=ON_CALL)

    disk = f"service/{office.services[1]}"
    for minute, used in ((0, 70), (30, 90), (40, 91), (50, 92), (90, 75)):
        measured = CapacityMeasured(resource="disk-logs", used_percent=Decimal(used))
        yield Said(office.clock(day, time(10)) + minute * MINUTE, disk, measured)
    taken = office.clock(day, time(11, 5))
    full = {"resource": "disk-logs"}
    yield Expected("it.capacity", disk, full, True, acknowledged_at=taken, acknowledged_by=ON_CALL)

    if "telephony" in office.services:
        for minute, loss in ((0, 3), (10, 4), (30, 0)):
            measured_loss = QualityMeasured(measure="loss", value=Decimal(loss))
            yield Said(office.clock(day, time(14)) + minute * MINUTE, "service/telephony", measured_loss)
        yield Expected("it.telecom_quality", "service/telephony", {"measure": "loss"}, resolved=True)


def _third(office: SimulatedOffice, day: int) -> Happenings:
    """An urgent incident takes far too long; an account was forgotten since the day before."""
    subject, opened = "incident/INC-LATE", office.clock(day, time(9, 10))
    yield Said(opened, subject, IncidentOpened(opened_at=opened, priority=1, category="Hardware"))
    yield Said(opened + 5 * MINUTE, subject, IncidentAssigned(group="Data centre"))
    yield Said(opened + 6 * HOUR, subject, IncidentResolved())
    yield Said(opened + 7 * HOUR, subject, IncidentClosed())
    taken = opened + 20 * MINUTE
    yield Expected("it.major_incident", subject, resolved=True, acknowledged_at=taken, acknowledged_by=ON_CALL)
    yield Expected("it.sla_restore", subject, resolved=True, escalates=True)

    asked = next(office.clock(d, time(9, 40)) for d in reversed(range(day)) if office.is_workday(d))
    yield Said(asked, "account/A-LATE", AccountProvisionRequested(person="E-LATE"))
    yield Said(office.clock(day, time(19)), "account/A-LATE", AccountProvisioned())
    yield Expected("it.provisioning_overdue", "account/A-LATE", resolved=True, escalates=True)


def _fourth(office: SimulatedOffice, day: int) -> Happenings:
    """A service that had no outage yet goes up and down; an evening's change takes longer than planned."""
    down = {outage.service for outage in office.outages}
    quiet = [service for service in office.services if service not in down]
    if quiet:
        yield from _flapping(f"service/{quiet[-1]}", office.clock(day, time(14)))
    begins = office.clock(day, time(20))
    for change, minutes in (("CHG-1", 45), ("CHG-2", 105)):
        subject = f"change/{change}"
        plan = ChangeScheduled(service=office.services[0], starts_at=begins, ends_at=begins + HOUR)
        yield Said(office.clock(day, time(9)), subject, plan)
        yield Said(begins + MINUTE, subject, ChangeStarted())
        yield Said(begins + minutes * MINUTE, subject, ChangeCompleted())
    yield Expected("it.change_overrun", "change/CHG-2", resolved=True, escalates=True)
    both = {"change": "CHG-1", "other": "CHG-2"}
    yield Expected("it.change_collision", f"service/{office.services[0]}", both, resolved=True, escalates=True)


def _flapping(subject: str, begins: datetime) -> Happenings:
    for n in range(5):
        since = begins + n * 8 * MINUTE
        name = f"OUT-FLAP-{n}"
        yield Said(since, subject, OutageDetected(outage=name, since=since, impact="degraded"))
        yield Said(since + 3 * MINUTE, subject, OutageResolved(outage=name, until=since + 3 * MINUTE))
    taken = begins + 50 * MINUTE
    for rule in ("it.flapping", "it.outage"):
        yield Expected(rule, subject, resolved=True, acknowledged_at=taken, acknowledged_by=ON_CALL)

"""Plots of IT."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from schemas.it import (
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
    IncidentReopened,
    IncidentResolved,
    OutageDetected,
    OutageResolved,
    QualityMeasured,
    ServiceDeclared,
    UpgradeDue,
    UpgradePerformed,
)
from tests.plots.telling import DAY, HOUR, MINUTE, Plot, at, day, plot

SERVICE, INCIDENT = "service/vpn", "incident/INC-1"
BEGAN = at(5, 8)


def down(n: int) -> OutageDetected:
    return OutageDetected(outage=f"O-{n}", since=BEGAN + n * MINUTE)


def up(n: int, after: timedelta = MINUTE) -> OutageResolved:
    return OutageResolved(outage=f"O-{n}", until=BEGAN + n * MINUTE + after)


def opened(priority: Literal[1, 3]) -> IncidentOpened:
    return IncidentOpened(opened_at=BEGAN, priority=priority, category="Network")


def used(percent: str) -> CapacityMeasured:
    return CapacityMeasured(resource="disk", used_percent=Decimal(percent))


def lost(percent: str) -> QualityMeasured:
    return QualityMeasured(measure="loss", value=Decimal(percent))


PLOTS: dict[str, Plot] = {
    "it.outage": plot(SERVICE, down(1), HOUR, up(1, HOUR)),
    "it.flapping": plot(SERVICE, *(said for n in range(1, 11, 2) for said in (down(n), up(n)))),
    "it.capacity": plot(SERVICE, used("90"), 16 * MINUTE, used("91"), HOUR, used("60")),
    "it.telecom_quality": plot(
        SERVICE,
        ServiceDeclared(category="telecom", max_loss_percent=Decimal(1)),
        lost("2"),
        16 * MINUTE,
        lost("2"),
        lost("0.5"),
    ),
    "it.upgrade_overdue": plot(
        SERVICE, UpgradeDue(upgrade="U-1", due_on=day(7)), 5 * DAY, UpgradePerformed(upgrade="U-1")
    ),
    "it.design_overdue": plot(
        SERVICE, DesignSubmitted(design="D-1"), 20 * DAY, DesignApproved(design="D-1", by="E-104")
    ),
    "it.heartbeat_missed": plot("device/D-1", DeviceDeclared(heartbeat_seconds=60), HOUR, HeartbeatReceived()),
    "it.sla_response": plot(INCIDENT, opened(3), DAY, IncidentAssigned(group="Network", to="E-104")),
    "it.sla_restore": plot(INCIDENT, opened(3), 9 * DAY, IncidentResolved()),
    "it.incident_bouncing": plot(
        INCIDENT, opened(3), IncidentResolved(), IncidentReopened(), IncidentResolved(), IncidentClosed()
    ),
    "it.major_incident": plot(INCIDENT, opened(1), IncidentResolved()),
    "it.change_overrun": plot(
        "change/CHG-1",
        ChangeScheduled(service="vpn", starts_at=BEGAN, ends_at=BEGAN + HOUR),
        ChangeStarted(),
        3 * HOUR,
        ChangeCompleted(),
    ),
    "it.provisioning_overdue": plot(
        "account/A-1", AccountProvisionRequested(person="E-311"), 4 * DAY, AccountProvisioned()
    ),
}

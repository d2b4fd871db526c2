"""What happens in IT: services, devices, incidents, changes and accounts."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.credits import Credit
from schemas.envelope import Day, Event, Id, Instant, concrete_events
from schemas.privacy import PersonId
from schemas.reviews import Outcome, Review

Impact = Literal["complete", "partial", "degraded"]
"""How much of a service is gone: all of it, for some of its users, or it is only slow."""

Priority = Annotated[int, Field(ge=1, le=4, examples=[3])]
"""ITIL's: 1 critical, 2 high, 3 moderate, 4 low."""

Percent = Annotated[Decimal, Field(ge=0, le=100, examples=["71.5"])]

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
"""Words of another system, on one line: they become labels and, some of them, part of a Kafka key."""


class ITEvent(Event, topic="events.it"):
    """Anything that happens in IT."""


# Services


class ServiceDeclared(ITEvent, type="it.service.declared", kind="service"):
    """Reference data: a service exists, or its data have changed. The latest declaration counts."""

    category: Literal["network", "telecom", "computer", "application"] = Field(examples=["telecom"])
    """What it is."""
    dependencies: tuple[Id, ...] = Field(default=(), examples=[["core-network"]])
    """Services that this one cannot work without."""
    criticality: Literal["high", "normal", "low"] = "normal"
    """How much the organisation depends on it."""
    site: Id | None = Field(default=None, examples=["munich"])
    """Where it is run, if at one place."""
    max_loss_percent: Percent | None = None
    """Telecom: packet loss in percent that is still good enough. None: not watched."""
    max_jitter_ms: Decimal | None = Field(default=None, ge=0)
    """Telecom: jitter in milliseconds that is still good enough. None: not watched."""
    max_failed_calls_percent: Percent | None = None
    """Telecom: failed calls in percent that are still good enough. None: not watched."""


class DependentDeclared(ITEvent, type="it.service.dependent_declared", kind="service"):
    """A service says to one that it depends on: I do, or no longer. Written by IT's own rules."""

    dependent: Id = Field(examples=["crm"])
    """The service that depends on this one."""
    behind: tuple[Id, ...] = Field(default=(), examples=[["web-shop"]])
    """The services that depend on that one in turn, directly or not."""
    depends: bool = True
    """False: it does not any more."""


class OutageDetected(ITEvent, type="it.outage.detected", kind="service"):
    """A service is down, or was for a while: an outage may be told of long after it began."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id, one per outage of the service."""
    since: Instant = Field(examples=["2026-03-02T09:10:00Z"])
    """When it began."""
    impact: Impact = Field(default="complete", examples=["complete"])
    """How bad it is."""


class OutageUpdated(ITEvent, type="it.outage.updated", kind="service"):
    """More is known of an outage, or what was said of it was wrong. Fields left out stay as they were."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    since: Instant | None = None
    """When it really began."""
    until: Instant | None = None
    """When it really ended."""
    impact: Impact | None = None
    """How bad it is."""


class OutageResolved(ITEvent, type="it.outage.resolved", kind="service"):
    """The service works again."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    until: Instant = Field(examples=["2026-03-02T11:40:00Z"])
    """When it worked again."""
    cause: str | None = Field(default=None, max_length=500)
    """What it was, in words."""


class OutageSuspected(ITEvent, type="it.outage.suspected", kind="service"):
    """A change may have caused an outage, or turns out not to have. Written by correlation, which sees both."""

    outage: Id = Field(examples=["OUT-12"])
    """The outage's id."""
    change: Id = Field(examples=["CHG-7"])
    """The suspected change."""
    changed: Id = Field(examples=["core-network"])
    """The service that was changed: this one, or one that it depends on."""
    holds: bool = True
    """False: it was suspected, and is not any more."""
    revision: int = Field(default=1, ge=1)
    """How often something was said from there. The highest counts."""


class CapacityMeasured(ITEvent, type="it.capacity.measured", kind="service"):
    """How full something is that a service needs."""

    resource: Id = Field(examples=["disk-data"])
    """What was measured: a disk, a link, a licence pool."""
    used_percent: Percent
    """How much of it is in use."""


class QualityMeasured(ITEvent, type="it.quality.measured", kind="service"):
    """How well a telecom service carries traffic, measured over the last interval."""

    measure: Literal["loss", "jitter", "failed_calls"] = Field(examples=["loss"])
    """loss and failed_calls in percent, jitter in milliseconds."""
    value: Decimal = Field(ge=0, examples=["0.4"])
    """The measured value, in the measure's unit."""


class UpgradeDue(ITEvent, type="it.upgrade.due", kind="service"):
    """An upgrade of a service has to be performed by a date; said again, the date has moved."""

    upgrade: Id = Field(examples=["PATCH-2026-03"])
    """The upgrade's id."""
    due_on: Day = Field(examples=["2026-03-31"])
    """The last day for it."""


class UpgradePerformed(ITEvent, type="it.upgrade.performed", kind="service"):
    """An upgrade was performed."""

    upgrade: Id = Field(examples=["PATCH-2026-03"])
    """The upgrade's id."""


class DesignSubmitted(ITEvent, type="it.design.submitted", kind="service"):
    """A network design was submitted for a decision; its clock starts at the event's time."""

    design: Id = Field(examples=["DSN-7"])
    """The design's id."""


class DesignApproved(ITEvent, type="it.design.approved", kind="service"):
    """A network design was approved."""

    design: Id = Field(examples=["DSN-7"])
    """The design's id."""
    by: PersonId = Field(examples=["E-104"])
    """Who decided."""


class DesignRejected(ITEvent, type="it.design.rejected", kind="service"):
    """A network design was rejected."""

    design: Id = Field(examples=["DSN-7"])
    """The design's id."""
    by: PersonId = Field(examples=["E-104"])
    """Who decided."""
    reason: str | None = Field(default=None, max_length=500)
    """Why, in words."""


# Devices


class DeviceDeclared(ITEvent, type="it.device.declared", kind="device"):
    """Reference data: a device exists, or its data have changed."""

    heartbeat_seconds: int | None = Field(default=None, ge=1, le=86_400, examples=[60])
    """It is heard from this often, in seconds. None: it sends no heartbeats, or none any more."""
    service: Id | None = None
    """The service it carries."""
    site: Id | None = Field(default=None, examples=["munich"])
    """Where it stands."""


class HeartbeatReceived(ITEvent, type="it.heartbeat.received", kind="device"):
    """A device was heard."""


# Incidents


class IncidentOpened(ITEvent, type="it.incident.opened", kind="incident"):
    """Somebody reported that something does not work."""

    opened_at: Instant = Field(examples=["2026-03-02T09:20:00Z"])
    """When it was reported; the SLA clock starts here."""
    priority: Priority
    """1 critical to 4 low."""
    category: Text | None = Field(default=None, examples=["Network"])
    """What it is about, in the ticket system's words."""
    service: Id | None = None
    """The service it concerns."""


class IncidentAssigned(ITEvent, type="it.incident.assigned", kind="incident"):
    """An incident was given to a group or a person: that acknowledges it."""

    group: Text | None = Field(default=None, examples=["Network operations"])
    """The group that has it."""
    to: PersonId | None = Field(default=None, examples=["E-104"])
    """The person who has it."""


class IncidentAwaiting(ITEvent, type="it.incident.awaiting", kind="incident"):
    """Work on an incident waits for somebody else: the SLA clock pauses."""

    awaiting: Literal["User Info", "Problem", "Vendor", "Evidence"] = Field(examples=["User Info"])
    """What it waits for."""


class IncidentResumed(ITEvent, type="it.incident.resumed", kind="incident"):
    """Work on an incident goes on."""


class IncidentResolved(ITEvent, type="it.incident.resolved", kind="incident"):
    """What did not work works again."""


class IncidentReopened(ITEvent, type="it.incident.reopened", kind="incident"):
    """It does not work after all."""


class IncidentClosed(ITEvent, type="it.incident.closed", kind="incident"):
    """The record is closed."""

    caused_by: Id | None = None
    """The change that caused the incident."""


class IncidentUpdated(ITEvent, type="it.incident.updated", kind="incident"):
    """The whole record of an incident as a ticket system such as ServiceNow exports it, once per update."""

    state: Text = Field(examples=["Awaiting User Info"])
    """New, Active, Awaiting <what>, Resolved, Closed, or another text of that system."""
    priority: Priority
    """1 critical to 4 low."""
    opened_at: Instant = Field(examples=["2026-03-02T09:20:00Z"])
    """When it was reported."""
    updated_at: Instant = Field(examples=["2026-03-02T09:45:00Z"])
    """When this update was made."""
    reassignment_count: int = Field(default=0, ge=0, examples=[1])
    """How often the record has changed hands so far."""
    reopen_count: int = Field(default=0, ge=0)
    """How often it was reopened so far."""
    modification_count: int = Field(default=0, ge=0, examples=[4])
    """How often the record was changed so far. Updates may come out of this order."""
    made_sla: bool | None = None
    """The outside system's own judgement; False: the target is missed. None: it does not say."""
    category: Text | None = Field(default=None, examples=["Network"])
    """What it is about."""
    subcategory: Text | None = None
    """The same, finer."""
    location: Text | None = None
    """Where it is."""
    assignment_group: Text | None = Field(default=None, examples=["Network operations"])
    """The group that has it."""
    assigned_to: PersonId | None = Field(default=None, examples=["E-104"])
    """The person who has it."""
    caused_by: Id | None = None
    """The change that caused it."""
    problem: Id | None = None
    """The problem record it belongs to."""
    vendor: Text | None = None
    """The supplier who is involved."""
    resolved_at: Instant | None = None
    """When it was resolved; only on the record of a closed incident."""
    closed_at: Instant | None = None
    """When it was closed; only on the record of a closed incident."""


# Changes


class ChangeScheduled(ITEvent, type="it.change.scheduled", kind="change"):
    """A change is planned; said again, the plan has moved."""

    service: Id = Field(examples=["vpn"])
    """The service that is changed."""
    starts_at: Instant = Field(examples=["2026-03-07T20:00:00Z"])
    """Planned start."""
    ends_at: Instant = Field(examples=["2026-03-07T22:00:00Z"])
    """Planned end."""
    design: Id | None = None
    """The network design it builds."""


class ChangeStarted(ITEvent, type="it.change.started", kind="change"):
    """Work on a change began."""


class ChangeCompleted(ITEvent, type="it.change.completed", kind="change"):
    """A change is done."""


class ChangeCancelled(ITEvent, type="it.change.cancelled", kind="change"):
    """A change will not be made, or not be made further."""


class ChangeFailed(ITEvent, type="it.change.failed", kind="change"):
    """A change did not work out."""

    rolled_back: bool = Field(examples=[True])
    """True: everything is as it was before."""


# Freezes


class FreezeDeclared(ITEvent, type="it.freeze.declared", kind="freeze"):
    """Reference data: nothing is to be changed for a time. Said again, it has moved."""

    starts_at: Instant = Field(examples=["2026-12-18T18:00:00Z"])
    """When it begins."""
    ends_at: Instant = Field(examples=["2027-01-04T06:00:00Z"])
    """When it is over."""
    services: tuple[Id, ...] = Field(default=(), max_length=1000, examples=[["erp"]])
    """The services that are not to be changed; all of them when none is named."""
    reason: str | None = Field(default=None, max_length=500, examples=["year-end closing"])
    """Why, in words."""


class FreezeLifted(ITEvent, type="it.freeze.lifted", kind="freeze"):
    """A freeze holds no more, or never did."""


# Accounts


class AccountProvisionRequested(ITEvent, type="it.account.provision_requested", kind="account"):
    """Somebody needs an account."""

    person: PersonId = Field(examples=["E-311"])
    """The employee's id."""
    starts_on: Day | None = Field(default=None, examples=["2026-04-01"])
    """Their first day: the account must be there when it begins."""
    needs_service: Id | None = Field(default=None, examples=["directory"])
    """The service without which it cannot be provisioned: while that is down, its time stands still."""


class AccountProvisioned(ITEvent, type="it.account.provisioned", kind="account"):
    """An account is there."""


class AccountDeprovisioned(ITEvent, type="it.account.deprovisioned", kind="account"):
    """An account is gone."""


class DeadlineCredited(Credit, ITEvent, type="it.deadline.credited"):
    """An outage took time from one of IT's deadlines. Written by correlation. Subject: the deadline's own."""


class FindingReviewed(Review, ITEvent, type="it.finding.reviewed"):
    """Somebody looked at an alert of IT and decided about it. Subject: the alert's own."""

    rule: str = Field(examples=["it.upgrade_overdue"], pattern=r"^it\.[a-z_]+$")
    """The alert's rule."""
    identity: dict[str, str] = Field(default={}, examples=[{"upgrade": "PATCH-2026-03"}])
    """The alert's distinguishing labels."""
    by: PersonId = Field(examples=["E-104"])
    """Who decided."""
    outcome: Outcome = Field(examples=["waived"])
    """What was decided; `confirmed`: the finding is right and stays."""
    until: Instant | None = None
    """How long the decision holds. None: for good."""


EVENTS = tuple(concrete_events(ITEvent))
"""Every event type of IT."""

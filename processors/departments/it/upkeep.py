"""Upkeep of services: upgrades performed by their date, network designs decided in time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from processors.departments.it.service import Design, Service, Upgrade
from processors.departments.reviews import is_reviewed, review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.facts import DesignTold
from schemas.it import (
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    FindingReviewed,
    UpgradeDue,
    UpgradePerformed,
)
from schemas.processing import DeadlinePassed

UPGRADE_OVERDUE = Rule(
    "it.upgrade_overdue",
    "warning",
    "an upgrade is not performed by its date",
    "it is performed, its date has moved, or it is reviewed, as waived say",
    distinguish=("upgrade",),
    settings=("calendar",),
)
DESIGN_OVERDUE = Rule(
    "it.design_overdue",
    "warning",
    "a network design was submitted and not decided in 10 business days",
    "it is approved or rejected, or reviewed, as waived say",
    distinguish=("design",),
    settings=("design_business_days", "calendar"),
)
RULES = (UPGRADE_OVERDUE, DESIGN_OVERDUE)

LAPSED = timedelta(milliseconds=1)
"""The least time after which a review that holds until an instant holds no more."""

REMEMBERED = timedelta(days=30)
"""What is done is remembered this long, for word of its beginning that comes late."""


def upgrade(service: Service, event: UpgradeDue | UpgradePerformed, at: datetime) -> Step[Service]:
    """An upgrade has a date, or is done."""
    known = service.upgrades.get(event.upgrade, Upgrade())
    if isinstance(event, UpgradePerformed):
        done = replace(known, performed=True)
        step = Step(service.evolve(upgrades=service.upgrades.put(event.upgrade, done, after(at, REMEMBERED))))
        step = step.awaits(f"it.upgrade_overdue/{event.upgrade}", None)
        return step.resolves(UPGRADE_OVERDUE, at, "it was performed", by=[event], upgrade=event.upgrade)
    if known.performed:
        return Step(service)
    now = Upgrade(event.due_on, record=event.about.record)
    due = service.settings.hours.end_of_day(event.due_on)
    step = Step(service.evolve(upgrades=service.upgrades.put(event.upgrade, now)))
    if due > at:
        step = step.resolves(UPGRADE_OVERDUE, at, f"it is now due on {event.due_on}", by=[event], upgrade=event.upgrade)
    return step.awaits(f"it.upgrade_overdue/{event.upgrade}", due)


def upgrade_missed(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Its date is over."""
    name = event.name.partition("/")[2]
    known = service.upgrades.get(name)
    if known is None or known.performed or is_reviewed(service, UPGRADE_OVERDUE, upgrade=name):
        return Step(service)
    return Step(service).fires(
        UPGRADE_OVERDUE,
        at,
        f"Upgrade {name} of {service.id} was due on {known.due_on} and is not performed",
        because=[known.record] if known.record else [],
        labels={"upgrade": name},
        due=event.due,
    )


def design(service: Service, event: DesignSubmitted | DesignApproved | DesignRejected, at: datetime) -> Step[Service]:
    """A design waits for a decision, or has one. Submitted again after a rejection, it waits again."""
    known, name = service.designs.get(event.design, Design()), event.design
    deadline = f"it.design_overdue/{name}"
    if not isinstance(event, DesignSubmitted):
        designs = service.designs.put(name, replace(known, decided=True), after(at, REMEMBERED))
        word = "approved" if isinstance(event, DesignApproved) else "rejected"
        step = _published(Step(service.evolve(designs=designs)), event).awaits(deadline, None)
        return step.resolves(DESIGN_OVERDUE, at, f"it was {word}", by=[event], design=name)
    if known.decided and known.submitted_at is None:
        return Step(service)
    if known.submitted_at and not known.decided:
        return Step(service)
    now = Design(event.about.time, record=event.about.record)
    hours = service.settings.hours
    last_day = hours.add_business_days(hours.local_date(event.about.time), service.settings.design_business_days)
    step = _published(Step(service.evolve(designs=service.designs.put(name, now))), event)
    return step.awaits(deadline, hours.end_of_business_day(last_day))


def _published(step: Step[Service], event: DesignSubmitted | DesignApproved | DesignRejected) -> Step[Service]:
    """How a design stands, for those who build it."""
    told = step.state.designs_told + 1
    status: Any = event.type.rpartition(".")[2]
    fact = DesignTold(service=step.state.id, status=status, revision=told, record=event.about.record)
    return step.evolve(designs_told=told).emits(f"design/{event.design}", fact)


def design_missed(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Nobody decided in time."""
    name = event.name.partition("/")[2]
    known = service.designs.get(name)
    if known is None or known.decided or is_reviewed(service, DESIGN_OVERDUE, design=name):
        return Step(service)
    return Step(service).fires(
        DESIGN_OVERDUE,
        at,
        f"Design {name} of {service.id} is not decided in {service.settings.design_business_days} business days",
        because=[known.record] if known.record else [],
        labels={"design": name},
        due=event.due,
    )


def reviewed(service: Service, event: FindingReviewed, at: datetime) -> Step[Service]:
    """A finding is settled. Where that holds for a time only, it is looked at again afterwards."""
    rule = next((rule for rule in RULES if rule.name == event.rule), None)
    if rule is None:
        return Step(service)
    step = review(Step(service), event, at, rule)
    (label,) = rule.distinguish
    name = event.identity.get(label)
    if name is None or event.until is None or not is_reviewed(step.state, rule, **{label: name}):
        return step
    deadline, lapses = f"{rule.name}/{name}", after(event.until, LAPSED)
    return step.awaits(deadline, max(step.state.deadlines.get(deadline, lapses), lapses))

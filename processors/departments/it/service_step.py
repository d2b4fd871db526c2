"""What each event of a service does."""

from collections.abc import Callable
from datetime import datetime

from processors.departments.it import measurements, outages, upkeep
from processors.departments.it.service import Service
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import ServiceDependsOn
from schemas.it import (
    CapacityMeasured,
    DependentDeclared,
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    FindingReviewed,
    OutageDetected,
    OutageResolved,
    OutageSuspected,
    OutageUpdated,
    QualityMeasured,
    ServiceDeclared,
    UpgradeDue,
    UpgradePerformed,
)
from schemas.processing import DeadlinePassed

RULES = (*outages.RULES, *measurements.RULES, *upkeep.RULES)

DEADLINES: dict[str, Callable[[Service, DeadlinePassed, datetime], Step[Service]]] = {
    "it.flapping": outages.quiet,
    "it.capacity": measurements.stayed_full,
    "it.telecom_quality": measurements.stayed_bad,
    "it.upgrade_overdue": upkeep.upgrade_missed,
    "it.design_overdue": upkeep.design_missed,
}


def step(state: Service, event: Event, at: datetime) -> Step[Service]:
    """One event of a service, or one of its deadlines."""
    match event:
        case OutageDetected() | OutageUpdated() | OutageResolved() | OutageSuspected():
            return outages.outage(state, event, at)
        case CapacityMeasured():
            return measurements.capacity(state, event, at)
        case QualityMeasured():
            return measurements.quality(state, event, at)
        case UpgradeDue() | UpgradePerformed():
            return upkeep.upgrade(state, event, at)
        case DesignSubmitted() | DesignApproved() | DesignRejected():
            return upkeep.design(state, event, at)
        case ServiceDeclared():
            return _declared(state, event, at)
        case DependentDeclared():
            return _depended_on(state, event)
        case FindingReviewed():
            return upkeep.reviewed(state, event, at)
        case DeadlinePassed(name=name) if react := DEADLINES.get(name.partition("/")[0]):
            return react(state, event, at)
    return Step(state)


def _declared(service: Service, event: ServiceDeclared, at: datetime) -> Step[Service]:
    """The services it needs are told so, so that their outages can name it and whatever is behind it; and so is
    correlation, for what happens to this service concerns them."""
    before, now = set(service.dependencies), set(event.dependencies) - {service.id}
    step = Step(
        service.evolve(
            declared=event.about.record,
            category=event.category,
            criticality=event.criticality,
            site=event.site,
            dependencies=tuple(sorted(now)),
            max_loss_percent=event.max_loss_percent,
            max_jitter_ms=event.max_jitter_ms,
            max_failed_calls_percent=event.max_failed_calls_percent,
        )
    )
    for changed in sorted(before ^ now):
        step = _tells(step, changed, depends=changed in now)
    if before != now:
        revision = service.declarations + 1
        needs = ServiceDependsOn(dependencies=tuple(sorted(now)), revision=revision)
        step = step.evolve(declarations=revision).emits(service.key, needs)
    return outages.declared(measurements.without_limit(step, event, at), event, at)


def _depended_on(service: Service, event: DependentDeclared) -> Step[Service]:
    """What is behind this service has changed, and so what is behind those that it needs. A circle of services
    comes to rest, for only news is passed on; it may go on naming one that has left it."""
    known = service.dependents
    dependents = known.put(event.dependent, event.behind) if event.depends else known.drop(event.dependent)
    step = Step(service.evolve(dependents=dependents))
    if step.state.downstream != service.downstream:
        for dependency in service.dependencies:
            step = _tells(step, dependency, depends=True)
    return step


def _tells(step: Step[Service], dependency: str, *, depends: bool) -> Step[Service]:
    """To a service that this one needs: that it does, and who is behind it."""
    service = step.state
    behind = tuple(name for name in service.downstream if name != dependency) if depends else ()
    told = DependentDeclared(dependent=service.id, behind=behind, depends=depends)
    return step.emits(f"service/{dependency}", told)

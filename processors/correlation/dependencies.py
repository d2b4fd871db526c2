"""What happens to a service is told to those it needs, and by them to those that they need.

A fact goes from key to key, each time one further, at most as far as the settings say. Each key remembers what every
dependent passed on to it and tells only news, so that circles of services come to rest, and a dependency that is
declared late or dropped is told, or taken back, what is in memory.
"""

import json
from collections.abc import Iterator
from datetime import datetime

from processors.correlation.service import Change, Happening, Outage, Passed, Route, Service
from processors.step import Step
from schemas.facts import DependentHappened, ServiceDependsOn


def of_change(service: Service, name: str, change: Change) -> Happening:
    """When a change is planned, as those it may collide with need to know; one that is over collides no more."""
    holds = change.holds and change.over_at is None
    return Happening(
        "change", name, service.id, change.starts_at, change.ends_at, holds, change.revision, change.record
    )


def of_outage(service: Service, name: str, outage: Outage) -> Happening:
    return Happening("outage", name, service.id, outage.since, outage.until, True, outage.revision, outage.record)


def happened(step: Step[Service], happening: Happening) -> Step[Service]:
    """Something happens to this very service, or is known better."""
    for dependency in step.state.dependencies:
        step = _tells(step, dependency, Route(happening, 0, 0))
    return step


def declared(step: Step[Service], event: ServiceDependsOn) -> Step[Service]:
    """What it needs from now on hears of what is in memory; what it needs no more, that this does not concern it."""
    if event.revision <= step.state.declared:
        return step
    before, now = set(step.state.dependencies), set(event.dependencies) - {step.state.id}
    known = tuple(_known(step.state))
    step = step.evolve(dependencies=tuple(sorted(now)), declared=event.revision)
    for dependency in sorted(before ^ now):
        for route in known:
            step = _tells(step, dependency, route, holds=dependency in now)
    return step


def arrived(step: Step[Service], event: DependentHappened, at: datetime) -> tuple[Step[Service], Happening | None]:
    """A dependent passes something on; also gives what is known of it now, if that is news."""
    service = step.state
    entry = json.dumps([event.what, event.service, event.name], ensure_ascii=False)
    known = service.passed.get(entry)
    routes = known.routes if known else {}
    if event.service == service.id or (event.via in routes and routes[event.via].told >= event.told):
        return step, None
    now = Passed({**routes, event.via: Route(_read(event), event.distance, event.told)})
    step = step.evolve(passed=service.passed.put(entry, now, service.forget_at(event.ends, at)))
    before = known.latest if known else None
    if before is not None and _news(before) == _news(now.latest):
        return step, None
    return _passes_on(step, before, now.latest), now.latest.happening


def _news(route: Route) -> tuple[Happening, int]:
    return route.happening, route.distance


def _read(event: DependentHappened) -> Happening:
    return Happening(
        event.what, event.name, event.service, event.begins, event.ends, event.holds, event.revision, event.record
    )


def _known(service: Service) -> Iterator[Route]:
    for name, change in service.changes.items():
        yield Route(of_change(service, name, change), 0, 0)
    for name, outage in service.outages.items():
        yield Route(of_outage(service, name, outage), 0, 0)
    for passed in service.passed.values():
        if passed.latest.happening.holds:
            yield passed.latest


def _passes_on(step: Step[Service], before: Route | None, now: Route) -> Step[Service]:
    """To those this service needs in turn. What has moved out of reach is taken back."""
    depth = step.state.settings.dependency_depth
    for dependency in step.state.dependencies:
        if now.distance < depth:
            step = _tells(step, dependency, now)
        elif before is not None:
            step = _tells(step, dependency, before, holds=False)
    return step


def _tells(step: Step[Service], dependency: str, route: Route, *, holds: bool = True) -> Step[Service]:
    service, happening = step.state, route.happening
    if dependency == happening.service or route.distance >= service.settings.dependency_depth:
        return step
    fact = DependentHappened(
        what=happening.what,
        name=happening.name,
        service=happening.service,
        via=service.id,
        distance=route.distance + 1,
        begins=happening.begins,
        ends=happening.ends,
        holds=holds and happening.holds,
        revision=happening.revision,
        told=service.told + 1,
        record=happening.record,
    )
    return step.evolve(told=service.told + 1).emits(f"service/{dependency}", fact)

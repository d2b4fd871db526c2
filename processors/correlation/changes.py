"""Changes of a service and of those that need it: they do not collide, and they are suspects when something fails."""

import json
from datetime import datetime, timedelta

from processors.correlation import dependencies
from processors.correlation.dependencies import of_change, of_outage
from processors.correlation.service import Change, Happening, Outage, Service
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event
from schemas.facts import ChangeTold
from schemas.it import OutageSuspected
from schemas.processing import DeadlinePassed

CHANGE_COLLISION = Rule(
    "it.change_collision",
    "warning",
    "two changes are planned at one time on one service or on one that it needs, or one within a freeze",
    "one of them is moved, completed or cancelled, the freeze is lifted, or the time they share is over",
    distinguish=("change", "other"),
    settings=("dependency_depth",),
)
CHANGE_SUSPECT = Rule(
    "it.change_suspect",
    "info",
    "an outage begins during a change of the service, or of one that it needs, or within 2 h after it; "
    "the outage's own alert names the change",
    "the outage is over, or turns out to have begun at another time",
    distinguish=("change", "outage", "down"),
    settings=("change_suspect_minutes", "dependency_depth"),
)
RULES = (CHANGE_COLLISION, CHANGE_SUSPECT)

OVER = CHANGE_COLLISION.name


def told(step: Step[Service], event: ChangeTold, at: datetime) -> Step[Service]:
    """A change of this service is planned, moved, begun or over."""
    service = step.state
    known = service.changes.get(event.change)
    if known is not None and known.revision >= event.revision:
        return step
    change = Change(
        event.starts_at,
        event.ends_at,
        event.began_at,
        event.over_at,
        event.holds,
        event.revision,
        event.record,
    )
    forget = service.forget_at(max(event.ends_at, event.over_at or event.ends_at), at)
    step = step.evolve(changes=service.changes.put(event.change, change, forget))
    plan = of_change(step.state, event.change, change)
    step = dependencies.happened(step, plan)
    for other in (*_own_plans(step.state), *_passed(step.state, "change")):
        step = _collide(step, plan, other, event, at)
    for outage in (*_own_outages(step.state), *_passed(step.state, "outage")):
        step = _suspect(step, event.change, change, outage, event, at)
    return step


def outage_told(step: Step[Service], name: str, outage: Outage, event: Event, at: datetime) -> Step[Service]:
    """This service is, or was, down: its changes may have done it."""
    happening = of_outage(step.state, name, outage)
    return _suspects(dependencies.happened(step, happening), happening, event, at)


def passed_on(step: Step[Service], happening: Happening, event: Event, at: datetime) -> Step[Service]:
    """Something happens to a service that needs this one, or does not any more."""
    if happening.what == "outage":
        return _suspects(step, happening, event, at)
    for plan in _own_plans(step.state):
        step = _collide(step, plan, happening, event, at)
    return step


def no_longer_shared(step: Step[Service], event: DeadlinePassed, at: datetime) -> Step[Service]:
    """The time that two changes had in common is over."""
    change, other = json.loads(event.name.partition("/")[2])
    return step.resolves(CHANGE_COLLISION, at, "the time they share is over", by=[event], change=change, other=other)


def _own_plans(service: Service) -> list[Happening]:
    return [of_change(service, name, change) for name, change in service.changes.items()]


def _own_outages(service: Service) -> list[Happening]:
    return [of_outage(service, name, outage) for name, outage in service.outages.items()]


def _passed(service: Service, what: str) -> list[Happening]:
    happenings = (passed.latest.happening for passed in service.passed.values())
    return [happening for happening in happenings if happening.what == what]


def _collide(step: Step[Service], one: Happening, two: Happening, event: Event, at: datetime) -> Step[Service]:
    """Half-open windows: one that begins when the other ends does not collide with it."""
    if one.name == two.name:
        return step
    first, second = sorted((one, two), key=lambda plan: plan.name)
    deadline = f"{OVER}/{json.dumps([first.name, second.name], ensure_ascii=False)}"
    labels = {"change": first.name, "other": second.name}
    begins, ends = max(one.begins, two.begins), min(one.ends or one.begins, two.ends or two.begins)
    if not (one.holds and two.holds and begins < ends and at <= ends):
        step = step.awaits(deadline, None)
        return step.resolves(CHANGE_COLLISION, at, "they share no time any more", by=[event], **labels)
    return step.awaits(deadline, ends).fires(
        CHANGE_COLLISION,
        at,
        f"Changes {first.name} of {first.service} and {second.name} of {second.service} are planned at one time",
        because=[plan.record for plan in (first, second) if plan.record],
        labels={**labels, "service": step.state.id},
        annotations={"from": begins.isoformat(), "until": ends.isoformat()},
    )


def _suspects(step: Step[Service], outage: Happening, event: Event, at: datetime) -> Step[Service]:
    for name, change in step.state.changes.items():
        step = _suspect(step, name, change, outage, event, at)
    return step


def _suspect(
    step: Step[Service], name: str, change: Change, outage: Happening, event: Event, at: datetime
) -> Step[Service]:
    """Whether a change may have caused an outage: the outage's department hears of it, and of its being wrong."""
    service = step.state
    entry = json.dumps([name, outage.service, outage.name], ensure_ascii=False)
    suspected = outage.holds and change.holds and _may_have_caused(change, outage.begins, service)
    if suspected != (entry in service.suspects):
        step = _tells_suspicion(step, name, outage, holds=suspected)
    forget = service.forget_at(outage.ends, at)
    kept = service.suspects.put(entry, True, forget) if suspected else service.suspects.drop(entry)
    step = step.evolve(suspects=kept)
    labels = {"change": name, "outage": outage.name, "down": outage.service}
    if not suspected or outage.ends is not None:
        because = "the outage is over" if suspected else "the outage did not begin soon after the change"
        return step.resolves(CHANGE_SUSPECT, at, because, by=[event], **labels)
    return step.fires(
        CHANGE_SUSPECT,
        at,
        f"{outage.service} went down during change {name} of {service.id} or soon after it",
        because=[record for record in (change.record, outage.record) if record],
        labels=labels,
    )


def _may_have_caused(change: Change, since: datetime, service: Service) -> bool:
    """From its beginning to 2 h after its end, both as they were, not as they were planned."""
    if change.began_at is None:
        return False
    window = timedelta(minutes=service.settings.change_suspect_minutes)
    return change.began_at <= since and (change.over_at is None or since <= after(change.over_at, window))


def _tells_suspicion(step: Step[Service], change: str, outage: Happening, *, holds: bool) -> Step[Service]:
    service = step.state
    suspected = OutageSuspected(
        outage=outage.name, change=change, changed=service.id, holds=holds, revision=service.told + 1
    )
    return step.evolve(told=service.told + 1).emits(f"service/{outage.service}", suspected)

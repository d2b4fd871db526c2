"""Outages: who is down, who goes down and up all the time, and the facts others need to know."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from processors.departments.it.service import Outage, Service, Start, Suspect, Word
from processors.instants import after, in_words
from processors.rule import Rule, Severity
from processors.step import Step, is_firing
from schemas.envelope import Event, Evidence
from schemas.facts import ServiceDown, ServiceUp
from schemas.it import OutageDetected, OutageResolved, OutageSuspected, OutageUpdated, ServiceDeclared
from schemas.processing import DeadlinePassed

OUTAGE = Rule(
    "it.outage",
    "critical",
    "a service is down: critical when completely, error for some of its users, warning when only slow",
    "it works again; while it flaps, once it is quiet",
    settings=("outage_memory_days",),
)
FLAPPING = Rule(
    "it.flapping",
    "warning",
    "5 outages of one service within 1 h; its outage alert then stays one until it is quiet",
    "it neither went down nor came back for 1 h",
    settings=("flapping_outages", "flapping_minutes"),
)
RULES = (OUTAGE, FLAPPING)

QUIET = "it.flapping/quiet"

SEVERITY: dict[str, Severity] = {"complete": "critical", "partial": "error", "degraded": "warning"}
WORDS = {"complete": "is down", "partial": "is down for some of its users", "degraded": "is slow"}

SHOWN = 30
"""At most this many downstream services are named in an alert."""

MOST_SUSPECTS = 20
"""At most this many changes are suspected of one outage."""

Told = OutageDetected | OutageUpdated | OutageResolved


def outage(service: Service, event: Told | OutageSuspected, at: datetime) -> Step[Service]:
    """Something was said of an outage."""
    if isinstance(event, OutageSuspected):
        return _suspected(service, event, at)
    before = service.outages.get(event.outage, Outage())
    now = _told(before, event)
    changed = (now.since, now.until) != (before.since, before.until)
    if changed and now.since is not None:
        now = replace(now, revision=before.revision + 1)
    step = Step(service.evolve(outages=service.outages.put(event.outage, now, until=_forget(service, now, at))))
    others = tuple(known for known in service.open_outages if known != event.outage)
    step = step.evolve(open_outages=(*others, event.outage) if now.open else others)
    if now.revision > before.revision:
        step = _publish(step, event.outage, now, event)
    began = now.since is not None and (before.since is None or (before.until is not None and now.until is None))
    if began and now.since is not None:
        ended = before.ended if before.until is not None else None
        step = _started(step, Start(now.since, event.outage, event.about.record, ended))
    step = _turned(step, now.until or now.since)
    return _available(_flapping(step, event, at, began), event, at, now)


def _suspected(service: Service, event: OutageSuspected, at: datetime) -> Step[Service]:
    """A change may have caused an outage, or did not after all: while it lasts, its alert says so."""
    known = service.outages.get(event.outage)
    entry = f"{event.change} of {event.changed}"
    if known is None or (entry in known.suspects and known.suspects[entry].revision >= event.revision):
        return Step(service)
    if entry not in known.suspects and len(known.suspects) >= MOST_SUSPECTS:
        return Step(service)
    now = replace(known, suspects={**known.suspects, entry: Suspect(event.holds, event.revision)})
    step = Step(service.evolve(outages=service.outages.put(event.outage, now, until=_forget(service, now, at))))
    return _available(step, event, at, now) if service.down else step


def declared(step: Step[Service], event: ServiceDeclared, at: datetime) -> Step[Service]:
    """While it is down, its alert says what kind of service it is from now on."""
    return _available(step, event, at, Outage()) if step.state.down else step


def quiet(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """It has neither gone down nor come back for a while: the flapping is over, and the folded outage alert may be."""
    hour = in_words(timedelta(minutes=service.settings.flapping_minutes))
    step = Step(service).resolves(FLAPPING, at, f"it was quiet for {hour}", by=[event])
    return step if service.down else step.resolves(OUTAGE, at, f"it was quiet for {hour}", by=[event])


def _forget(service: Service, outage: Outage, at: datetime) -> datetime | None:
    memory = timedelta(days=service.settings.outage_memory_days)
    return None if outage.open else after(max(at, outage.until or at), memory)


def _told(outage: Outage, event: Told) -> Outage:
    """The outage with what was said of it, as far as that outranks what was said before."""
    said = Word(event.about.time, isinstance(event, OutageUpdated))
    since = None if isinstance(event, OutageResolved) else event.since
    until = None if isinstance(event, OutageDetected) else event.until
    impact = None if isinstance(event, OutageResolved) else event.impact
    outage = replace(outage, record=outage.record or event.about.record)
    if isinstance(event, OutageDetected) and outage.until is not None and event.since > outage.until:
        newest = outage.impact_at is None or said.at >= outage.impact_at
        judged = None if newest else outage.judged  # it began again under the same id
        outage = replace(outage, since_by=None, until=None, until_by=None, begun=None, judged=judged)
    here = event.about.record
    if since is not None and said.outranks(outage.since_by):
        outage = replace(outage, since=since, since_by=said, begun=outage.begun or here)
    if until is not None and said.outranks(outage.until_by):
        outage = replace(outage, until=until, until_by=said, ended=here)
    if impact is not None and (outage.impact_at is None or said.at >= outage.impact_at):
        if impact != outage.impact or outage.judged is None:
            outage = replace(outage, judged=here, begun=here if since is not None else outage.begun)
        outage = replace(outage, impact=impact, impact_at=said.at)
    return outage


def _publish(step: Step[Service], name: str, outage: Outage, event: Event) -> Step[Service]:
    """The interval as it is known now, for rules over several departments."""
    if outage.since is None:
        return step
    record = event.about.record
    if outage.until is None:
        return step.emits(
            step.state.key, ServiceDown(outage=name, since=outage.since, revision=outage.revision, record=record)
        )
    up = ServiceUp(outage=name, since=outage.since, until=outage.until, revision=outage.revision, record=record)
    return step.emits(step.state.key, up)


def _started(step: Step[Service], start: Start) -> Step[Service]:
    most = step.state.settings.flapping_outages
    return step.evolve(starts=tuple(sorted((*step.state.starts, start), key=lambda each: each.at)[-most:]))


def _turned(step: Step[Service], turned: datetime | None) -> Step[Service]:
    instants = [instant for instant in (step.state.last_turn, turned) if instant is not None]
    return step.evolve(last_turn=max(instants, default=None))


def _flapping(step: Step[Service], event: Told, at: datetime, began: bool) -> Step[Service]:
    service, settings = step.state, step.state.settings
    window = timedelta(minutes=settings.flapping_minutes)
    starts = service.starts[-settings.flapping_outages :]
    many = len(starts) == settings.flapping_outages
    if began and many and starts[-1].at - starts[0].at <= window:
        summary = f"Service {service.id} is flapping: {settings.flapping_outages} outages within {in_words(window)}"
        step = step.fires(FLAPPING, at, summary, because=_flaps(starts))
    if is_firing(step.state, FLAPPING) and service.last_turn:
        step = step.awaits(QUIET, after(service.last_turn, window))
    return step


def _flaps(starts: Sequence[Start]) -> Iterator[Evidence]:
    """What said that each of them began; and that it had ended, where it began twice."""
    seen = set[str]()
    for start in starts:
        if start.ended is not None and start.outage in seen:
            yield start.ended
        if start.record is not None:
            yield start.record
        seen.add(start.outage)


def _available(step: Step[Service], event: Event, at: datetime, outage: Outage) -> Step[Service]:
    service = step.state
    if not service.down:
        if is_firing(service, FLAPPING):
            return step
        lasted = in_words(outage.until - outage.since) if outage.until and outage.since else "a time unknown"
        return step.resolves(OUTAGE, at, f"it works again after {lasted}", by=[event])
    worst = min((service.outages[name] for name in service.open_outages), key=lambda o: list(SEVERITY).index(o.impact))
    downstream = service.downstream
    suspects = _suspects(service)
    labels = {"impact": worst.impact, **({"category": service.category} if service.category else {})}
    records = (service.declared if service.category else None, worst.begun, worst.judged)
    return step.fires(
        OUTAGE,
        at,
        f"Service {service.id} {WORDS[worst.impact]}" + (f"; suspected: {suspects}" if suspects else ""),
        severity=SEVERITY[worst.impact],
        because=[record for record in records if record],
        labels=labels,
        annotations={
            "outages": ", ".join(service.open_outages),
            "downstream": ", ".join(downstream[:SHOWN]) or "none declared",
            **({"suspects": suspects} if suspects else {}),
        },
    )


def _suspects(service: Service) -> str:
    """The changes that may have caused what is down now, such as `CHG-7 of core-network`."""
    open_outages = (service.outages[name] for name in service.open_outages)
    return ", ".join(
        sorted({entry for outage in open_outages for entry, suspect in outage.suspects.items() if suspect.holds})
    )

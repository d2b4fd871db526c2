"""Measurements of services: what fills up, and telecom lines that carry traffic badly."""

from dataclasses import replace
from datetime import datetime, timedelta
from statistics import linear_regression

from processors.departments.it.service import Quality, Resource, Sample, Service
from processors.departments.it.settings import ITSettings
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, firing_of, is_firing
from schemas.it import CapacityMeasured, QualityMeasured
from schemas.processing import DeadlinePassed

CAPACITY = Rule(
    "it.capacity",
    "warning",
    "a measure is above 85 % for 15 min; info: its trend fills it within 7 days",
    "it is below 80 %, and no trend fills it",
    distinguish=("resource",),
    settings=(
        "capacity_above_percent",
        "capacity_below_percent",
        "capacity_minutes",
        "capacity_forecast_days",
        "capacity_forecast_hours",
    ),
)
TELECOM_QUALITY = Rule(
    "it.telecom_quality",
    "error",
    "a telecom service's loss, jitter or failed calls are beyond the declared limit for 15 min",
    "it is back inside",
    distinguish=("measure",),
    settings=("quality_minutes",),
)
RULES = (CAPACITY, TELECOM_QUALITY)

HOUR = timedelta(hours=1)
SAMPLES = 24
"""The trend looks at this many intervals of its time, with one measure at the end of each."""

UNITS = {"loss": " %", "jitter": " ms", "failed_calls": " %"}


def capacity(service: Service, event: CapacityMeasured, at: datetime) -> Step[Service]:
    """Something was measured; a measure older than the latest one changes nothing."""
    time, settings = event.about.time, service.settings
    known = service.resources.get(event.resource)
    if known and time <= known.as_of:
        return Step(service)
    over = (known.over if known else None) or time
    resource = Resource(
        as_of=time,
        over=over if event.used_percent > settings.capacity_above_percent else None,
        samples=_sampled(known.samples if known else (), Sample(time, event.used_percent), settings),
        record=event.about.record,
    )
    step = Step(service.evolve(resources=service.resources.put(event.resource, resource)))
    full_at = after(resource.over, timedelta(minutes=settings.capacity_minutes)) if resource.over else None
    full = (full_at is not None and time >= full_at) or (
        _is_full(service, event.resource) and event.used_percent >= settings.capacity_below_percent
    )
    step = step.awaits(f"it.capacity/{event.resource}", None if full else full_at)
    if full:
        return _fires_full(step, event.resource, resource, at)
    if _fills_within(resource.samples, settings.capacity_forecast_hours, settings.capacity_forecast_days):
        days = settings.capacity_forecast_days
        summary = f"{event.resource} of {service.id} fills within {days} days if it goes on like this"
        return step.fires(CAPACITY, at, summary, severity="info", because=[event], labels={"resource": event.resource})
    return step.resolves(CAPACITY, at, f"it is at {event.used_percent} %", by=[event], resource=event.resource)


def stayed_full(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Nothing lower was measured in time."""
    name = event.name.partition("/")[2]
    resource = service.resources.get(name)
    if resource is None or resource.over is None:
        return Step(service)
    return _fires_full(Step(service), name, resource, at, due=event.due)


def _is_full(service: Service, name: str) -> bool:
    firing = firing_of(service, CAPACITY, resource=name)
    return firing is not None and firing.severity == CAPACITY.severity


def _fires_full(
    step: Step[Service], name: str, resource: Resource, at: datetime, due: datetime | None = None
) -> Step[Service]:
    summary = f"{name} of {step.state.id} is above {step.state.settings.capacity_above_percent} %"
    because = [resource.record] if resource.record else []
    return step.fires(CAPACITY, at, summary, because=because, labels={"resource": name}, due=due)


def _sampled(samples: tuple[Sample, ...], sample: Sample, settings: ITSettings) -> tuple[Sample, ...]:
    if samples and sample.at - samples[-1].at < settings.capacity_forecast_hours * HOUR / SAMPLES:
        return samples
    return (*samples, sample)[-SAMPLES - 1 :]


def _fills_within(samples: tuple[Sample, ...], hours: int, days: int) -> bool:
    """Whether the least-squares line through the samples reaches 100 % within `days` of the last one."""
    if len(samples) < 3 or samples[-1].at - samples[0].at < hours * HOUR:
        return False
    x = [(sample.at - samples[-1].at) / HOUR for sample in samples]
    slope, now = linear_regression(x, [float(sample.used_percent) for sample in samples])
    return slope > 0 and now + slope * 24 * days >= 100


def quality(service: Service, event: QualityMeasured, at: datetime) -> Step[Service]:
    """A telecom line was measured; without a declared limit it is not watched."""
    time, limit = event.about.time, service.limit(event.measure)
    known = service.qualities.get(event.measure)
    if known and time <= known.as_of:
        return Step(service)
    beyond = limit is not None and event.value > limit
    over = ((known.over if known else None) or time) if beyond else None
    now = Quality(as_of=time, over=over, record=event.about.record)
    step = Step(service.evolve(qualities=service.qualities.put(event.measure, now)))
    due = after(over, timedelta(minutes=service.settings.quality_minutes)) if over else None
    fires = due is not None and (time >= due or is_firing(service, TELECOM_QUALITY, measure=event.measure))
    step = step.awaits(f"it.telecom_quality/{event.measure}", None if fires else due)
    if fires:
        return _fires_bad(step, event.measure, now, at)
    if beyond:
        return step
    return step.resolves(TELECOM_QUALITY, at, "it is back inside its limit", by=[event], measure=event.measure)


def stayed_bad(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Nothing better was measured in time."""
    name = event.name.partition("/")[2]
    known = service.qualities.get(name)
    if known is None or known.over is None:
        return Step(service)
    return _fires_bad(Step(service), name, known, at, due=event.due)


def _fires_bad(
    step: Step[Service], measure: str, quality: Quality, at: datetime, due: datetime | None = None
) -> Step[Service]:
    limit = f"{step.state.limit(measure)}{UNITS.get(measure, '')}"
    summary = f"{measure.replace('_', ' ').capitalize()} of {step.state.id} is beyond its limit of {limit}"
    because = [quality.record] if quality.record else []
    return step.fires(TELECOM_QUALITY, at, summary, because=because, labels={"measure": measure}, due=due)


def without_limit(step: Step[Service], at: datetime) -> Step[Service]:
    """Measures whose limit was taken away are no longer watched."""
    for measure in UNITS:
        known = step.state.qualities.get(measure)
        if known and known.over and step.state.limit(measure) is None:
            qualities = step.state.qualities.put(measure, replace(known, over=None))
            step = step.evolve(qualities=qualities).awaits(f"it.telecom_quality/{measure}", None)
            step = step.resolves(TELECOM_QUALITY, at, "it has no limit any more", measure=measure)
    return step

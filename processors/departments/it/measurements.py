"""Measurements of services: what fills up, and telecom lines that carry traffic badly."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import linear_regression

from processors.departments.it.service import Quality, Resource, Sample, Service
from processors.departments.it.settings import ITSettings
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, firing_of, is_firing
from schemas.envelope import Event, Evidence
from schemas.it import CapacityMeasured, QualityMeasured
from schemas.processing import DeadlinePassed

CAPACITY = Rule(
    "it.capacity",
    "warning",
    "a measure is above 85 % for 15 min; info: its trend fills it within 7 days",
    "it is below 80 %, and no trend fills it",
    distinguish=("resource",),
    measure="of the forecast: the trend of its measures of the last 24 hours, one an hour",
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
    goes_on = known is not None and known.over is not None
    over, because = (known.over, known.because) if known and goes_on else (time, event.about.record)
    is_over = event.used_percent > settings.capacity_above_percent
    resource = Resource(
        as_of=time,
        over=over if is_over else None,
        samples=_sampled(known.samples if known else (), Sample(time, event.used_percent), settings),
        because=because if is_over else None,
    )
    step = Step(service.evolve(resources=service.resources.put(event.resource, resource)))
    full_at = after(resource.over, timedelta(minutes=settings.capacity_minutes)) if resource.over else None
    full = (full_at is not None and time >= full_at) or (
        _is_full(service, event.resource) and event.used_percent >= settings.capacity_below_percent
    )
    step = step.awaits(f"it.capacity/{event.resource}", None if full else full_at)
    if full:
        return _fires_full(step, event.resource, [resource.because, event.about.record], at)
    trend = _trend(resource.samples, settings.capacity_forecast_hours)
    if trend and trend.reached_after(settings.capacity_forecast_days) >= 100:
        return _fires_soon(step, event, trend, at)
    return step.resolves(CAPACITY, at, f"it is at {event.used_percent} %", by=[event], resource=event.resource)


def stayed_full(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Nothing lower was measured in time."""
    name = event.name.partition("/")[2]
    return _fires_full(Step(service), name, [service.resources[name].because], at, due=event.due)


def _is_full(service: Service, name: str) -> bool:
    firing = firing_of(service, CAPACITY, resource=name)
    return firing is not None and firing.severity == CAPACITY.severity


def _fires_full(
    step: Step[Service], name: str, records: list[Evidence | None], at: datetime, due: datetime | None = None
) -> Step[Service]:
    """Nothing lower came since the first of these, so it says enough; unless it is another one that shows how long."""
    summary = f"{name} of {step.state.id} is above {step.state.settings.capacity_above_percent} %"
    because = [record for record in records if record]
    return step.fires(CAPACITY, at, summary, because=because, labels={"resource": name}, due=due)


def _sampled(samples: tuple[Sample, ...], sample: Sample, settings: ITSettings) -> tuple[Sample, ...]:
    if samples and sample.at - samples[-1].at < settings.capacity_forecast_hours * HOUR / SAMPLES:
        return samples
    return (*samples, sample)[-SAMPLES - 1 :]


@dataclass(frozen=True, slots=True)
class Trend:
    """The least-squares line through some samples: percent a day, and percent at the last one."""

    daily: float
    now: float
    samples: int

    def reached_after(self, days: int) -> float:
        """In percent. What shrinks fills nothing."""
        return self.now + self.daily * days if self.daily > 0 else 0.0


def _trend(samples: tuple[Sample, ...], hours: int) -> Trend | None:
    """None: there are too few samples, or of too short a time."""
    if len(samples) < 3 or samples[-1].at - samples[0].at < hours * HOUR:
        return None
    x = [(sample.at - samples[-1].at) / HOUR for sample in samples]
    slope, now = linear_regression(x, [float(sample.used_percent) for sample in samples])
    return Trend(slope * 24, now, len(samples))


def _fires_soon(step: Step[Service], event: CapacityMeasured, trend: Trend, at: datetime) -> Step[Service]:
    days = step.state.settings.capacity_forecast_days
    return step.fires(
        CAPACITY,
        at,
        f"{event.resource} of {step.state.id} fills within {days} days if it goes on like this",
        severity="info",
        because=[event],
        labels={"resource": event.resource},
        measured=f"{trend.now:.1f} %, and {trend.daily:.1f} points more a day, by {trend.samples} measures",
    )


def quality(service: Service, event: QualityMeasured, at: datetime) -> Step[Service]:
    """A telecom line was measured; without a declared limit it is not watched."""
    time, limit = event.about.time, service.limit(event.measure)
    known = service.qualities.get(event.measure)
    if known and time <= known.as_of:
        return Step(service)
    beyond = limit is not None and event.value > limit
    over, because = (None, ()) if known is None else (known.over, known.because)
    if over is None:
        over, because = time, tuple(r for r in (service.declared, event.about.record) if r)
    now = Quality(as_of=time, over=over, because=because) if beyond else Quality(as_of=time)
    step = Step(service.evolve(qualities=service.qualities.put(event.measure, now)))
    due = after(now.over, timedelta(minutes=service.settings.quality_minutes)) if now.over else None
    fires = due is not None and (time >= due or is_firing(service, TELECOM_QUALITY, measure=event.measure))
    step = step.awaits(f"it.telecom_quality/{event.measure}", None if fires else due)
    if fires:
        return _fires_bad(step, event.measure, (*now.because, event.about.record), at)
    if beyond:
        return step
    return step.resolves(TELECOM_QUALITY, at, "it is back inside its limit", by=[event], measure=event.measure)


def stayed_bad(service: Service, event: DeadlinePassed, at: datetime) -> Step[Service]:
    """Nothing better was measured in time."""
    name = event.name.partition("/")[2]
    return _fires_bad(Step(service), name, service.qualities[name].because, at, due=event.due)


def _fires_bad(
    step: Step[Service], measure: str, records: tuple[Evidence | None, ...], at: datetime, due: datetime | None = None
) -> Step[Service]:
    limit = f"{step.state.limit(measure)}{UNITS.get(measure, '')}"
    summary = f"{measure.replace('_', ' ').capitalize()} of {step.state.id} is beyond its limit of {limit}"
    because = [record for record in records if record]
    return step.fires(TELECOM_QUALITY, at, summary, because=because, labels={"measure": measure}, due=due)


def without_limit(step: Step[Service], event: Event, at: datetime) -> Step[Service]:
    """Measures whose limit was taken away are no longer watched."""
    for measure in UNITS:
        known = step.state.qualities.get(measure)
        if known and known.over and step.state.limit(measure) is None:
            qualities = step.state.qualities.put(measure, replace(known, over=None, because=()))
            step = step.evolve(qualities=qualities).awaits(f"it.telecom_quality/{measure}", None)
            step = step.resolves(TELECOM_QUALITY, at, "it has no limit any more", by=[event], measure=measure)
    return step

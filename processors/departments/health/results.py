"""Results: a critical one is seen by somebody responsible in time."""

from dataclasses import replace
from datetime import datetime, timedelta

from processors.departments.health.patient import NO_RESULT, NO_TREND, Patient, Result, fires
from processors.departments.reviews import review
from processors.instants import after
from processors.rule import Rule
from processors.step import Step, is_firing
from schemas.envelope import Event
from schemas.health import FindingReviewed, ResultAcknowledged, ResultReceived
from schemas.processing import DeadlinePassed

CRITICAL = Rule(
    "health.critical_result",
    "critical",
    "a critical result is not acknowledged within 60 min",
    "acknowledged, corrected to one that is not critical, or reviewed",
    distinguish=("result",),
    settings=("critical_result_minutes",),  # not the limits: an alert says nothing of what was tested
)

PREFIX = "result/"


def check(now: Step[Patient], event: Event, at: datetime) -> Step[Patient]:
    match event:
        case ResultReceived():
            return _received(now, event, at)
        case ResultAcknowledged():
            known = now.state.results.get(event.result, NO_RESULT)
            seen = max(event.about.time, known.acknowledged_at or event.about.time)
            return _settle(now, event, event.result, replace(known, acknowledged_at=seen), at)
        case DeadlinePassed(name=name, due=due) if name.startswith(PREFIX):
            return _unseen(now, name.removeprefix(PREFIX), due, at)
        case FindingReviewed(rule=CRITICAL.name):
            return review(now, event, at, CRITICAL)
    return now


def _received(now: Step[Patient], event: ResultReceived, at: datetime) -> Step[Patient]:
    """The last word, by its own time, counts. A correction that stays critical keeps the first clock while unseen."""
    time, known = event.about.time, now.state.results.get(event.result, NO_RESULT)
    if known.told_at is not None and time < known.told_at:
        return now
    limit = now.state.settings.critical_limits.get(event.test)
    passed = limit is not None and event.value is not None and limit.is_passed(event.value)
    critical = passed if event.critical is None else event.critical
    told = replace(known, critical=critical)
    if not (known.owed and critical):
        told = replace(told, told_at=time, because=event.about.record)
    return _settle(_counted(now, event, critical), event, event.result, told, at)


def _settle(now: Step[Patient], event: Event, name: str, result: Result, at: datetime) -> Step[Patient]:
    settings = now.state.settings
    forgotten = after(at, timedelta(days=settings.result_memory_days))
    now = now.evolve(results=now.state.results.put(name, result, forgotten))
    if result.owed and result.told_at is not None:
        due = after(result.told_at, timedelta(minutes=settings.critical_result_minutes))
        return now if due <= at and is_firing(now.state, CRITICAL, result=name) else now.awaits(PREFIX + name, due)
    why = "it is acknowledged" if result.critical else "it was corrected, and is not critical"
    return now.awaits(PREFIX + name, None).resolves(CRITICAL, at, why, by=[event], result=name)


def _unseen(now: Step[Patient], name: str, due: datetime, at: datetime) -> Step[Patient]:
    result = now.state.results.get(name, NO_RESULT)
    if not result.owed:
        return now
    return fires(
        now,
        CRITICAL,
        at,
        f"Patient {now.state.id}: nobody has acknowledged critical result {name}",
        because=[result.because],
        labels={"result": name},
        due=due,
    )


def _counted(now: Step[Patient], event: ResultReceived, critical: bool) -> Step[Patient]:
    """The trend of a test. A corrected value takes the place of the one before."""
    trend = now.state.tests.get(event.test, NO_TREND)
    trend = replace(trend, was_critical=trend.was_critical or critical)
    if event.value is None:
        trend = replace(trend, without_value=trend.without_value + 1)
    elif event.result == trend.result:
        trend = replace(trend, last=event.value)
    else:
        trend = replace(trend, result=event.result, previous=trend.last, last=event.value)
    return now.evolve(tests=now.state.tests.put(event.test, trend))

"""Correlation alone, and short words for the facts that it is told."""

import random
from collections.abc import Sequence
from typing import Any

from processors.correlation import correlation
from processors.step import Emission
from schemas.facts import ChangeTold, ServiceDependsOn, ServiceDown, ServiceUp
from tests.office import Office, instant

SHUFFLES = range(100)


def at(clock: str) -> Any:
    """`09:30` of Monday, 5 January 2026, or `13T09:30` of a later day of that month."""
    day, _, hour = clock.rpartition("T")
    return instant(f"2026-01-{day or '05'}T{hour}")


def correlating(*said: Emission, now: str = "12:00", partitions: int = 3, **settings: Any) -> Office:
    """Correlation alone, which has just heard this."""
    told = {"correlation": settings} if settings else None
    return Office(processors=[correlation], settings=told, partitions=partitions).at(at(now)).receives(*said)


def shuffled(said: Sequence[Emission], seed: int, **told: Any) -> Office:
    """The same in another order, in as many partitions as the seed says."""
    order = list(said)
    random.Random(seed).shuffle(order)
    return correlating(*order, partitions=1 + seed % 5, **told)


def holding(office: Office) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Severity and words of what holds now, by rule, subject and distinguishing labels."""
    return {
        (rule, subject, " ".join(value for _, value in sorted(identity))): (fired.severity, fired.summary)
        for (rule, subject, identity), fired in office.conditions().items()
    }


def down(service: str, since: str, revision: int = 1, outage: str = "OUT-1") -> Emission:
    return Emission(f"service/{service}", ServiceDown(outage=outage, since=at(since), revision=revision))


def up(service: str, since: str, until: str, revision: int = 2, outage: str = "OUT-1") -> Emission:
    told = ServiceUp(outage=outage, since=at(since), until=at(until), revision=revision)
    return Emission(f"service/{service}", told)


def needs(service: str, *dependencies: str, revision: int = 1) -> Emission:
    return Emission(f"service/{service}", ServiceDependsOn(dependencies=dependencies, revision=revision))


def change(name: str, service: str, starts: str, ends: str, revision: int = 1, **told: Any) -> Emission:
    """Of the times `began_at` and `over_at`, and `holds`, those given."""
    instants = {key: at(value) if isinstance(value, str) else value for key, value in told.items()}
    fact = ChangeTold(change=name, starts_at=at(starts), ends_at=at(ends), revision=revision, **instants)
    return Emission(f"service/{service}", fact)


def remembered(office: Office, key: str) -> Any:
    """What correlation remembers under a key; a department may have the same key."""
    return next((state for fold in office.folds["facts"] if (state := fold.states().get(key))), None)

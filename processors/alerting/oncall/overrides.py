"""Overrides given by command: kept, published, and forgotten some time after their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from processors.alerting import index
from processors.alerting.index import owner
from processors.alerting.state import Alerting
from processors.instants import after
from processors.step import Step, Tombstone
from schemas.oncall import Override, OverrideRemove, OverrideSet

DEADLINE = "override"


def given(step: Step[Alerting], event: OverrideSet, at: datetime) -> Step[Alerting]:
    """An override is made, or made anew with other words."""
    override = Override(
        override=event.override,
        schedule=event.schedule,
        user=event.user,
        instead_of=event.instead_of,
        besides=event.besides,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        created_by=event.by,
        comment=event.comment,
        updated_at=at,
    )
    return _keep(_forget(step, event.override), override)


def removed(step: Step[Alerting], event: OverrideRemove, at: datetime) -> Step[Alerting]:
    """It ends now; one that has not begun is as if it had never been given."""
    known = step.state.overrides.get(event.override)
    if known is None or known.ends_at <= at:
        return step
    if known.starts_at >= at:
        return _cease(step, event.override)
    return _keep(_forget(step, event.override), known.model_copy(update={"ends_at": at, "updated_at": at}))


def deadline_passed(step: Step[Alerting], entry: str) -> Step[Alerting]:
    """Nobody asks about it any more. `entry` is the deadline's name after `override/`."""
    return _cease(step, entry)


def of(office: Alerting, schedule: str) -> Sequence[Override]:
    """Those of a schedule, the latest last."""
    known = (office.overrides[name] for name in index.members(office.substitutes, owner(schedule)))
    return sorted(known, key=lambda override: (override.updated_at, override.override))


def _keep(step: Step[Alerting], override: Override) -> Step[Alerting]:
    office, name = step.state, override.override
    forgotten = after(override.ends_at, timedelta(days=office.settings.override_retention_days))
    kept = step.evolve(
        overrides=office.overrides.put(name, override),
        substitutes=index.add(office.substitutes, owner(override.schedule), name),
    )
    return kept.awaits(f"{DEADLINE}/{name}", forgotten).emits(f"override/{name}", override)


def _forget(step: Step[Alerting], name: str) -> Step[Alerting]:
    office = step.state
    if (known := office.overrides.get(name)) is None:
        return step
    dropped = step.evolve(
        overrides=office.overrides.drop(name),
        substitutes=index.discard(office.substitutes, owner(known.schedule), name),
    )
    return dropped.awaits(f"{DEADLINE}/{name}", None)


def _cease(step: Step[Alerting], name: str) -> Step[Alerting]:
    gone = _forget(step, name)
    return Step(gone.state, (*gone.emit, Tombstone(f"override/{name}", Override.topic)))

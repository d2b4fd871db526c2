"""Network designs: none is built before it was approved."""

from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.it import department as it
from processors.step import Emission
from schemas.facts import DesignBuilt, DesignTold
from schemas.it import (
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    ITEvent,
)
from tests.office import Office
from tests.unit.correlation.telling import SHUFFLES, at, holding, shuffled

RULE = "it.design_unapproved"


def started(design: str | None = "DSN-1") -> Office:
    """A change that builds a design has begun."""
    plan = ChangeScheduled(service="core", starts_at=at("20:00"), ends_at=at("22:00"), design=design)
    office = Office(processors=[it, correlation]).at("2026-01-05T12:00")
    return office.receives(("change/A", plan), ("change/A", ChangeStarted()))


def decided(*events: ITEvent) -> list[tuple[str, ITEvent]]:
    return [("service/core", event) for event in events]


SUBMITTED, APPROVED = DesignSubmitted(design="DSN-1"), DesignApproved(design="DSN-1", by="E-1")
REJECTED = DesignRejected(design="DSN-1", by="E-1")


def test_a_change_that_builds_what_is_not_decided_until_it_is_approved() -> None:
    office = started()
    assert "not known" in office.one(RULE).summary
    office.receives(*decided(SUBMITTED))
    assert office.one(RULE).labels == {"change": "A", "service": "core"}
    assert "not decided" in office.one(RULE).summary
    assert office.receives(*decided(APPROVED)).firing() == set()


def test_a_rejected_design_is_not_to_be_built_either() -> None:
    office = started().receives(*decided(SUBMITTED, REJECTED))
    assert "rejected" in office.one(RULE).summary
    assert office.receives(("change/A", ChangeFailed(rolled_back=True))).firing() == set()


def test_what_was_built_half_stays_built() -> None:
    assert started().receives(("change/A", ChangeFailed(rolled_back=False))).firing() == {RULE}


def test_one_that_is_approved_before_or_only_planned_to_be_built_is_quiet() -> None:
    office = Office(processors=[it, correlation]).receives(*decided(SUBMITTED, APPROVED))
    plan = ChangeScheduled(service="core", starts_at=at("20:00"), ends_at=at("22:00"), design="DSN-1")
    office.receives(("change/A", plan), ("change/A", ChangeStarted()))
    assert (
        office.receives(("change/B", plan.model_copy(update={"design": "DSN-2", "service": "vpn"}))).firing() == set()
    )


def test_an_approval_that_is_taken_back_and_one_that_is_submitted_again() -> None:
    office = started().receives(*decided(SUBMITTED, APPROVED, SUBMITTED))
    assert office.firing() == set()
    assert office.receives(*decided(REJECTED)).firing() == {RULE}


def test_a_change_that_builds_another_design_after_all() -> None:
    office = started()
    plan = ChangeScheduled(service="core", starts_at=at("20:00"), ends_at=at("22:00"), design=None)
    assert office.receives(("change/A", plan)).firing() == set()


def told(status: Any, revision: int) -> Emission:
    return Emission("design/DSN-1", DesignTold(service="core", status=status, revision=revision))


def built(change: str, revision: int, *, built: bool = True) -> Emission:
    return Emission("design/DSN-1", DesignBuilt(change=change, service="core", built=built, revision=revision))


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_give_the_same_alerts(seed: int) -> None:
    said = [
        told("submitted", 1),
        told("approved", 2),
        told("submitted", 3),
        told("rejected", 4),
        built("A", 1),
        built("B", 1),
        built("B", 2, built=False),
        built("C", 1, built=False),
        built("C", 2),
    ]
    assert {identity for _, _, identity in holding(shuffled(said, seed))} == {"A", "C"}

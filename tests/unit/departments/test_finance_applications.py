"""Finance: applications are decided in time, and approved by somebody else than who took them in."""

from itertools import permutations
from typing import Any

import pytest

from processors.departments.finance import department
from processors.step import Emission
from schemas.envelope import Event
from schemas.finance import (
    ApplicationAdvanced,
    ApplicationDecided,
    ApplicationReopened,
    ApplicationSubmitted,
    ApplicationWorked,
    DeadlineCredited,
    FindingReviewed,
    OfferSent,
)
from tests.office import Office, instant

OVERDUE, FOUR_EYES = "finance.application_overdue", "finance.four_eyes"


def application(*events: Event) -> list[Emission]:
    return [Emission("application/L-1", event) for event in events]


def bank(at: str = "2026-03-02T09:00", **told: Any) -> Office:
    return Office(processors=[department], partitions=1, settings={"finance": told} if told else None).at(at)


def submitted(**told: Any) -> ApplicationSubmitted:
    return ApplicationSubmitted.model_validate({"product": "loan", "needs_service": "scoring", **told})


def decided(outcome: Any = "approved", by: str | None = "bob") -> ApplicationDecided:
    return ApplicationDecided(outcome=outcome, by=by)


# In time


def test_no_decision_within_thirty_days() -> None:
    office = bank().receives(*application(submitted()))
    assert office.at("2026-04-01T09:00").firing() == set()
    office.at("2026-04-01T09:00:01")
    assert office.one(OVERDUE).due == instant("2026-04-01T09:00")
    assert office.state("application/L-1").needs_service == "scoring"
    assert office.receives(*application(decided())).firing() == set()


@pytest.mark.parametrize("outcome", ["approved", "declined", "cancelled"])
def test_any_decision_at_the_very_end_is_in_time(outcome: str) -> None:
    office = bank().receives(*application(submitted())).at("2026-04-01T09:00")
    assert office.receives(*application(decided(outcome))).passes("2027-01-01").signals() == []


def test_a_decision_that_is_told_before_the_application() -> None:
    office = bank().receives(*application(decided(), submitted()))
    assert office.passes("2027-01-01").signals() == []


def test_each_product_has_its_target_and_the_clock_starts_when_the_client_applied() -> None:
    office = bank(application_targets_days={"*": 30, "overdraft": 2})
    office.receives(*application(submitted(product="overdraft", submitted_at="2026-03-01T12:00:00Z")))
    assert office.at("2026-03-03T12:00").firing() == set()
    assert office.at("2026-03-03T12:00:01").firing() == {OVERDUE}


def test_a_correction_does_not_restart_the_clock_but_may_change_the_target() -> None:
    office = bank(application_targets_days={"*": 30, "mortgage": 60}).receives(*application(submitted()))
    office.at("2026-03-20").receives(*application(submitted()))
    assert office.at("2026-04-02").firing() == {OVERDUE}
    assert office.receives(*application(submitted(product="mortgage"))).firing() == set()
    assert office.at("2026-05-01T09:00:01").firing() == {OVERDUE}


def test_a_reopened_application_has_its_time_anew() -> None:
    office = bank().receives(*application(submitted())).at("2026-03-10").receives(*application(decided("declined")))
    office.at("2026-05-01").receives(*application(ApplicationReopened(by="bob")))
    assert office.at("2026-05-31").firing() == set()
    assert office.at("2026-05-31T00:00:01").firing() == {OVERDUE}
    assert office.receives(*application(decided())).firing() == set()
    assert (
        office.receives(*application(ApplicationReopened()), time="2026-04-15").passes("2027-01-01").firing() == set()
    )


def test_an_outage_of_what_it_needs_gives_it_time_also_when_that_is_told_too_late() -> None:
    office = bank().receives(*application(submitted())).at("2026-04-01T10:00")
    assert office.firing() == {OVERDUE}
    down = {"deadline": "decision", "service": "scoring", "outage": "OUT-1", "since": "2026-03-10T00:00:00Z"}
    office.receives(*application(DeadlineCredited.model_validate({**down, "until": "2026-03-10T02:00:00Z"})))
    assert office.firing() == set()
    assert office.at("2026-04-01T11:00").firing() == set()
    assert office.at("2026-04-01T11:00:01").one(OVERDUE).due == instant("2026-04-01T11:00")


def test_an_accepted_delay_stays_accepted() -> None:
    office = bank().receives(*application(submitted())).at("2026-04-02")
    review = FindingReviewed(rule=OVERDUE, by="audit", outcome="accepted")
    assert office.receives(*application(review, OfferSent())).passes("2027-01-01").firing() == set()


# By two


ENTERED, RELEASED = ApplicationAdvanced(stage="accepted", by="ann"), decided(by="ann")


@pytest.mark.parametrize("order", list(permutations([submitted(by="112"), ENTERED, RELEASED])))
def test_who_accepted_it_must_not_approve_it_whatever_is_told_first(order: tuple[Event, ...]) -> None:
    office = bank().receives(*application(*order))
    assert office.one(FOUR_EYES).labels == {"item": "L-1", "person": "ann"}


@pytest.mark.parametrize(
    "events",
    [
        (ENTERED, decided(by="bob")),
        (ENTERED, decided("declined", by="ann")),
        (ENTERED, decided(by=None)),
        (ApplicationAdvanced(stage="incomplete", by="ann"), RELEASED),
        (OfferSent(by="ann"), ApplicationWorked(work="fraud_check", phase="completed", by="ann"), RELEASED),
    ],
)
def test_what_two_people_did_or_one_may_do(events: tuple[Event, ...]) -> None:
    assert bank().receives(*application(*events)).firing() == set()


def test_who_took_it_in_counts_and_a_machine_does_not() -> None:
    assert bank().receives(*application(submitted(by="ann"), RELEASED)).firing() == {FOUR_EYES}
    office = bank(automatic_users=["ann"]).receives(*application(submitted(by="ann"), ENTERED, RELEASED))
    assert office.firing() == set()


def test_a_reviewed_finding_does_not_come_back() -> None:
    office = bank().receives(*application(ENTERED, RELEASED))
    review = FindingReviewed(rule=FOUR_EYES, identity={"item": "L-1", "person": "ann"}, by="audit", outcome="accepted")
    assert office.receives(*application(review, ENTERED)).firing() == set()


# Measures


def test_an_approval_is_late_after_its_target_and_not_at_it() -> None:
    late = department.measures["applications_approved_late"]
    for at, answer in (("2026-04-01T09:00", set()), ("2026-04-01T09:00:01", {"L-1"})):
        office = bank().receives(*application(submitted())).at(at).receives(*application(decided()))
        assert late.over([("application/L-1", office.state("application/L-1"))]) == answer

"""Emergency access is plausible with an admission, a shift or an incident behind it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.hr import department as hr
from schemas.envelope import Event
from schemas.facts import EmergencyAccessUsed, FindingReviewed, ShiftStated
from schemas.hr import ShiftCancelled, ShiftPlanned
from schemas.reviews import Outcome
from tests.office import Office, instant
from tests.unit.correlation.orders import ANY_ORDER, holding, layout, shuffled

RULE = "health.emergency_access_implausible"

Said = tuple[str, Event]

DAY = timedelta(days=1)


def used(at: str = "2026-01-05T23:00", access: str = "BG-1", **more: Any) -> Said:
    more = {"admitted": False, "revision": 1, **more}
    return "person/E-7", EmergencyAccessUsed(patient="P-1", access=access, at=instant(at), **more)


def night(begins: datetime, revision: int = 1, shift: str = "S-1", holds: bool = True) -> Said:
    ends = begins + timedelta(hours=10)
    return "person/E-7", ShiftStated(shift=shift, starts_at=begins, ends_at=ends, holds=holds, revision=revision)


TONIGHT = instant("2026-01-05T20:00")


def office(*said: Said, **settings: int) -> Office:
    firm = Office(processors=[hr, correlation], settings={"correlation": settings})
    return firm.at("2026-01-05T23:00").receives(*said)


def reviewed(outcome: Outcome) -> Said:
    return "person/E-7", FindingReviewed(rule=RULE, identity={"access": "BG-1"}, by="E-1", outcome=outcome)


def test_an_access_with_nothing_behind_it_is_critical_after_five_minutes() -> None:
    firm = office(used())
    assert firm.at("2026-01-05T23:05").firing() == set()
    found = firm.at("2026-01-05T23:05:01").one(RULE)
    assert (found.severity, found.identity, found.about.subject) == ("critical", {"access": "BG-1"}, "person/E-7")


def test_a_correction_has_no_wait_of_its_own_and_names_what_was_told_first() -> None:
    firm = office(used(admitted=True)).at("2026-01-06T09:00").receives(used(revision=2))
    assert len(firm.one(RULE).evidence) == 2
    later = office(used(), emergency_access_wait_minutes=60).at("2026-01-06T00:00:01")
    assert len(later.one(RULE).evidence) == 1


def test_without_a_wait_it_is_critical_at_once() -> None:
    assert office(used(), emergency_access_wait_minutes=0).firing() == {RULE}


@pytest.mark.parametrize(
    "said",
    [[used(admitted=True)], [used(incident="INC-7")], [night(TONIGHT), used()], [used(), night(TONIGHT)]],
)
def test_what_matches_is_quiet(said: list[Said]) -> None:
    assert office(*said).at("2026-03-01").signals(RULE) == []


@pytest.mark.parametrize("days", [-1, 1])
def test_a_shift_that_is_off_by_a_day_fires_once(days: int) -> None:
    firm = office(night(TONIGHT + days * DAY), used()).at("2026-01-10")
    assert len(firm.signals(RULE)) == 1
    assert firm.firing() == {RULE}


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("2026-01-05T18:59:59", False),
        ("2026-01-05T19:00", True),
        ("2026-01-06T07:00", True),
        ("2026-01-06T07:00:01", False),
    ],
)
def test_an_hour_before_and_after_a_shift_still_belong_to_it(at: str, quiet: bool) -> None:
    firm = office(night(TONIGHT), used(at)).at("2026-01-10")
    assert firm.firing() == (set() if quiet else {RULE})


@pytest.mark.parametrize(
    "cure", [night(TONIGHT), used(admitted=True, revision=2), used(incident="INC-7", revision=2), reviewed("justified")]
)
def test_what_ends_it(cure: Said) -> None:
    firm = office(used()).at("2026-01-06")
    assert firm.firing() == {RULE}
    assert firm.receives(cure).at("2026-01-20").firing() == set()


def test_a_shift_that_is_moved_or_cancelled_explains_nothing_any_more() -> None:
    firm = office(night(TONIGHT), used()).at("2026-01-06")
    assert firm.receives(night(TONIGHT + DAY, 2)).firing() == {RULE}
    assert firm.receives(night(TONIGHT, 3)).firing() == set()
    assert firm.receives(night(TONIGHT, 4, holds=False)).firing() == {RULE}


def test_a_confirmed_finding_stays_and_a_review_can_be_taken_back() -> None:
    firm = office(used()).at("2026-01-06").receives(reviewed("confirmed"))
    assert firm.firing() == {RULE}
    assert firm.receives(reviewed("justified"), reviewed("confirmed")).firing() == {RULE}


def test_a_review_that_names_no_access_changes_nothing() -> None:
    nameless = FindingReviewed(rule=RULE, by="E-1", outcome="justified")
    firm = office(used()).at("2026-01-06").receives(("person/E-7", nameless))
    assert (firm.firing(), firm.dead_letters) == ({RULE}, [])


def test_the_same_access_told_twice_is_one_alert() -> None:
    firm = office(used(), used()).at("2026-01-06").receives(used()).at("2026-01-07")
    assert len(firm.signals(RULE)) == 1


def test_hr_plans_moves_and_cancels_shifts() -> None:
    def planned(begins: datetime) -> Said:
        return "employee/E-7", ShiftPlanned(shift="S-1", starts_at=begins, ends_at=begins + timedelta(hours=10))

    cancelled = ("employee/E-7", ShiftCancelled(shift="S-1"))
    firm = office(planned(TONIGHT), used()).at("2026-01-06T01:00")
    assert firm.firing() == set()
    assert firm.receives(planned(TONIGHT + DAY)).firing() == {RULE}
    assert firm.at("2026-01-06T02:00").receives(planned(TONIGHT)).firing() == set()
    assert firm.at("2026-01-06T03:00").receives(cancelled).firing() == {RULE}
    assert firm.at("2026-01-06T04:00").receives(planned(TONIGHT)).firing() == set()


def test_a_shift_that_ends_before_it_begins_is_a_contradiction_and_explains_nothing() -> None:
    backwards = ShiftPlanned(shift="S-1", starts_at=TONIGHT + DAY, ends_at=TONIGHT)
    firm = office(("employee/E-7", backwards), used()).at("2026-01-06")
    assert firm.firing() == {RULE, "hr.record_inconsistent"}


def test_accesses_and_shifts_are_forgotten() -> None:
    firm = office(night(TONIGHT), used(admitted=True)).at("2026-03-10")
    state = firm.state("person/E-7")
    assert state is None or (dict(state.accesses), dict(state.shifts)) == ({}, {})


@ANY_ORDER
def test_facts_in_any_order_find_the_same_accesses(seed: int) -> None:
    facts = [
        night(TONIGHT, 1),
        night(TONIGHT + DAY, 2),
        night(TONIGHT + 3 * DAY, 1, "S-2"),
        night(TONIGHT + 3 * DAY, 2, "S-2", holds=False),
        used("2026-01-05T23:00", "BG-1"),
        used("2026-01-06T23:00", "BG-2"),
        used("2026-01-05T22:00", "BG-3"),
        used("2026-01-05T22:00", "BG-3", admitted=True, revision=2),
        used("2026-01-05T22:30", "BG-4", incident="INC-7"),
        used("2026-01-05T22:30", "BG-4", revision=2),
        used("2026-01-08T22:30", "BG-5"),
    ]
    firm = Office(partitions=layout(seed), processors=[correlation]).at("2026-01-09")
    firm.receives(*shuffled(facts, seed)).at("2026-01-10")
    assert {dict(labels)["access"] for _, _, labels in holding(firm)} == {"BG-1", "BG-4", "BG-5"}

"""Changes: two at one time on one service or on what it needs, one within a freeze, one before an outage."""

from itertools import permutations
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.it import department as it
from processors.step import Emission
from schemas.facts import FREEZES, ChangePlanned, FreezeTold
from schemas.it import (
    ChangeCancelled,
    ChangeCompleted,
    ChangeFailed,
    ChangeScheduled,
    ChangeStarted,
    FreezeDeclared,
    FreezeLifted,
    ITEvent,
    OutageDetected,
    OutageResolved,
    OutageSuspected,
    OutageUpdated,
    ServiceDeclared,
)
from schemas.signals import ConditionResolved
from tests.office import Office
from tests.unit.correlation.telling import SHUFFLES, at, change, correlating, down, holding, needs, shuffled, up

COLLISION, SUSPECT = "it.change_collision", "it.change_suspect"

# Two changes


def test_two_changes_of_one_service_at_one_time_collide() -> None:
    office = correlating(change("A", "vpn", "20:00", "22:00"), change("B", "vpn", "21:00", "23:00"))
    alert = office.one(COLLISION)
    assert (alert.identity, alert.severity) == ({"change": "A", "other": "B"}, "warning")
    assert office.at("2026-01-05T22:00").firing() == {COLLISION}
    assert office.at("2026-01-05T22:00:01").firing() == set()


@pytest.mark.parametrize(("starts", "collides"), [("22:00", False), ("21:59:59", True), ("18:00", True)])
def test_one_that_begins_when_the_other_ends_does_not_collide(starts: str, collides: bool) -> None:
    office = correlating(change("A", "vpn", "20:00", "22:00"), change("B", "vpn", starts, "23:00"))
    assert office.firing() == ({COLLISION} if collides else set())


def test_changes_of_services_that_do_not_need_one_another_do_not_collide() -> None:
    office = correlating(
        needs("crm", "core"),
        needs("shop", "core"),
        change("A", "crm", "20:00", "22:00"),
        change("B", "shop", "20:00", "22:00"),
    )
    assert office.firing() == set()


def test_a_change_collides_with_one_of_what_its_service_needs_however_far() -> None:
    office = correlating(needs("shop", "crm"), needs("crm", "db"), needs("db", "core"))
    office.receives(change("A", "shop", "20:00", "22:00"), change("B", "core", "21:00", "23:00"))
    alert = office.one(COLLISION)
    assert (alert.about.subject, alert.summary) == (
        "service/core",
        "Changes A of shop and B of core are planned at one time",
    )


def test_how_far_is_a_setting() -> None:
    said = [
        needs("shop", "crm"),
        needs("crm", "core"),
        change("A", "shop", "20:00", "22:00"),
        change("B", "core", "20:00", "22:00"),
    ]
    assert correlating(*said, dependency_depth=1).firing() == set()
    assert correlating(*said, dependency_depth=2).firing() == {COLLISION}


@pytest.mark.parametrize(
    "later",
    [
        change("B", "core", "22:00", "23:00", revision=2),
        change("B", "core", "21:00", "23:00", revision=2, began_at="11:00", over_at="11:30"),
        change("B", "core", "21:00", "23:00", revision=2, holds=False),
        needs("crm", revision=2),
        change("A", "crm", "17:00", "18:00", revision=2),
    ],
    ids=["moved", "over", "of another service", "not needed any more", "the other one moved"],
)
def test_a_collision_is_over_when_one_is_moved_or_over_or_the_service_is_not_needed(later: Emission) -> None:
    office = correlating(needs("crm", "core"), change("A", "crm", "20:00", "22:00"))
    office.receives(change("B", "core", "21:00", "23:00"))
    assert office.firing() == {COLLISION}
    assert office.receives(later).firing() == set()


def test_a_dependency_declared_late_hears_of_what_is_in_memory() -> None:
    office = correlating(change("A", "shop", "20:00", "22:00"), change("B", "core", "21:00", "23:00"))
    office.receives(needs("shop", "crm"))
    assert office.firing() == set()
    assert office.receives(needs("crm", "core")).firing() == {COLLISION}


def test_what_both_ways_of_a_diamond_tell_ends_only_with_both() -> None:
    office = correlating(needs("shop", "crm", "erp"), needs("crm", "core"), needs("erp", "core"))
    office.receives(change("A", "shop", "20:00", "22:00"), change("B", "core", "20:00", "22:00"))
    assert office.receives(needs("crm", revision=2)).firing() == {COLLISION}
    assert office.receives(needs("erp", revision=2)).firing() == set()


def test_a_circle_of_services_comes_to_rest_and_forgets_one_that_has_left_it() -> None:
    office = correlating(needs("a", "b"), needs("b", "c"), needs("c", "a"), needs("x", "a"))
    office.receives(change("A", "x", "20:00", "22:00"), change("B", "c", "20:00", "22:00"))
    assert office.firing() == {COLLISION}
    assert office.receives(needs("x", revision=2)).firing() == set()
    assert len(office.records["facts"]) < 60


def test_a_collision_told_when_it_is_past_is_not_mentioned() -> None:
    office = correlating(change("A", "vpn", "08:00", "10:00"), change("B", "vpn", "09:00", "11:00"))
    assert office.signals() == []


# Freezes


def planned(name: str, service: str, starts: str, ends: str, **told: Any) -> Emission:
    return Emission(
        FREEZES, ChangePlanned(change=name, service=service, starts_at=at(starts), ends_at=at(ends), **told)
    )


def frozen(starts: str, ends: str, *services: str, **told: Any) -> Emission:
    freeze = FreezeTold(freeze="YEAR-END", starts_at=at(starts), ends_at=at(ends), services=services, **told)
    return Emission(FREEZES, freeze)


@pytest.mark.parametrize(
    ("starts", "ends", "forbidden"),
    [("17:00", "18:00", False), ("17:00", "18:00:01", True), ("19:59:59", "21:00", True), ("20:00", "21:00", False)],
)
def test_a_change_within_a_freeze(starts: str, ends: str, forbidden: bool) -> None:
    for said in permutations([frozen("18:00", "20:00"), planned("A", "vpn", starts, ends)]):
        assert correlating(*said).firing() == ({COLLISION} if forbidden else set())


def test_a_freeze_of_one_service_leaves_the_others_alone_and_a_lifted_one_all() -> None:
    office = correlating(frozen("18:00", "20:00", "erp"), planned("A", "vpn", "18:00", "19:00"))
    assert office.firing() == set()
    office.receives(planned("B", "erp", "18:00", "19:00"))
    assert office.one(COLLISION).labels == {"change": "B", "other": "YEAR-END", "service": "erp"}
    assert office.receives(frozen("18:00", "20:00", "erp", holds=False, revision=2)).firing() == set()


# Suspects


@pytest.mark.parametrize(
    ("since", "suspected"), [("07:59:59", False), ("08:00", True), ("11:00", True), ("11:00:01", False)]
)
def test_an_outage_from_the_beginning_of_a_change_until_two_hours_after_its_end(since: str, suspected: bool) -> None:
    over = change("A", "vpn", "07:00", "10:00", began_at="08:00", over_at="09:00")
    for said in ([over, down("vpn", since)], [down("vpn", since), over]):
        office = correlating(*said)
        assert office.firing() == ({SUSPECT} if suspected else set())
        assert bool(office.said(OutageSuspected)) is suspected


def test_a_change_that_never_began_is_no_suspect() -> None:
    assert correlating(change("A", "vpn", "08:00", "10:00"), down("vpn", "09:00")).firing() == set()


def test_a_change_of_what_the_service_needs_is_a_suspect_until_the_outage_is_over() -> None:
    office = correlating(needs("crm", "core"), change("A", "core", "08:00", "10:00", began_at="08:00"))
    office.receives(down("crm", "09:00"))
    assert office.one(SUSPECT).identity == {"change": "A", "outage": "OUT-1", "down": "crm"}
    assert office.receives(up("crm", "09:00", "11:00")).firing() == set()


def test_a_corrected_beginning_takes_the_suspicion_back() -> None:
    office = correlating(change("A", "vpn", "08:00", "10:00", began_at="08:00"), down("vpn", "09:00"))
    office.receives(down("vpn", "07:00", revision=2))
    told = [(s.holds, s.revision) for s in office.said(OutageSuspected) if isinstance(s, OutageSuspected)]
    assert (office.firing(), told) == (set(), [(True, 1), (False, 2)])


FACTS = [
    needs("shop", "crm", "mail"),
    needs("shop", "crm", revision=2),
    needs("crm", "core"),
    needs("mail", "core"),
    change("A", "shop", "20:00", "22:00"),
    change("A", "shop", "21:00", "22:00", revision=2),
    change("B", "core", "21:30", "23:00"),
    change("C", "core", "07:00", "09:00", began_at="07:30"),
    change("C", "core", "07:00", "09:00", began_at="07:30", over_at="08:00", revision=2),
    change("D", "mail", "21:00", "23:00"),
    change("E", "crm", "21:00", "23:00", holds=False, revision=2),
    change("E", "crm", "21:00", "23:00"),
    down("shop", "08:30"),
    down("shop", "09:30", revision=2),
    down("mail", "09:40"),
    up("mail", "09:40", "09:50"),
    frozen("22:00", "22:30"),
    planned("B", "core", "21:30", "23:00"),
    planned("A", "shop", "22:00", "23:00"),
    planned("A", "shop", "21:00", "22:00", revision=2),
]


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_and_any_partitions_give_the_same_collisions_and_suspects(seed: int) -> None:
    office = shuffled(FACTS, seed)
    assert {(rule, subject, identity) for rule, subject, identity in holding(office)} == {
        (COLLISION, "service/core", "A B"),
        (COLLISION, "service/core", "B D"),
        (COLLISION, FREEZES, "B YEAR-END"),
        (SUSPECT, "service/core", "C shop OUT-1"),
    }
    suspected: dict[tuple[str, str], bool] = {}
    for said in office.said(OutageSuspected):
        assert isinstance(said, OutageSuspected)
        suspected[said.about.subject, said.change] = said.holds
    assert {pair for pair, holds in suspected.items() if holds} == {("service/shop", "C"), ("service/mail", "C")}
    assert office.dead_letters == []


# What the department says


def it_and_correlation() -> Office:
    return Office(processors=[it, correlation]).at("2026-01-05T12:00")


def scheduled(name: str, service: str, starts: str, ends: str) -> tuple[str, ITEvent]:
    return f"change/{name}", ChangeScheduled(service=service, starts_at=at(starts), ends_at=at(ends))


@pytest.mark.parametrize("end", [ChangeCompleted(), ChangeFailed(rolled_back=True), ChangeCancelled()])
def test_changes_as_it_plans_them_collide_until_one_is_over(end: ITEvent) -> None:
    office = it_and_correlation()
    office.receives(("service/crm", ServiceDeclared(category="application", dependencies=("core",))))
    office.receives(scheduled("A", "crm", "20:00", "22:00"), scheduled("B", "core", "21:00", "23:00"))
    assert office.firing() == {COLLISION}
    assert office.receives(("change/B", end)).firing() == set()


def test_a_change_that_moves_to_another_service_or_time_collides_there() -> None:
    office = it_and_correlation()
    office.receives(scheduled("A", "crm", "20:00", "22:00"), scheduled("B", "core", "20:00", "22:00"))
    assert office.receives(scheduled("B", "crm", "20:00", "22:00")).firing() == {COLLISION}
    assert office.receives(scheduled("B", "crm", "22:00", "23:00")).firing() == set()


def test_a_freeze_is_declared_moved_and_lifted() -> None:
    office = it_and_correlation().receives(scheduled("A", "crm", "20:00", "22:00"))
    freeze = FreezeDeclared(starts_at=at("18:00"), ends_at=at("21:00"))
    assert office.receives(("freeze/YEAR-END", freeze)).firing() == {COLLISION}
    moved = freeze.model_copy(update={"ends_at": at("20:00")})
    assert office.receives(("freeze/YEAR-END", moved)).firing() == set()
    assert office.receives(("freeze/YEAR-END", freeze)).firing() == {COLLISION}
    assert office.receives(("freeze/YEAR-END", FreezeLifted())).firing() == set()


def test_a_freeze_said_earlier_and_heard_later_does_not_count() -> None:
    office = it_and_correlation().receives(scheduled("A", "crm", "20:00", "22:00"))
    office.receives(("freeze/YEAR-END", FreezeLifted()))
    freeze = FreezeDeclared(starts_at=at("18:00"), ends_at=at("21:00"))
    assert office.receives(("freeze/YEAR-END", freeze), time="2026-01-05T11:00").firing() == set()


@pytest.mark.parametrize("outage_first", [False, True])
def test_the_outages_own_alert_names_the_change_also_when_that_is_told_later(outage_first: bool) -> None:
    office = it_and_correlation()
    office.receives(("service/crm", ServiceDeclared(category="application", dependencies=("core",))))
    said: list[tuple[str, ITEvent, str]] = [
        (*scheduled("A", "core", "08:00", "10:00"), "07:00"),
        ("change/A", ChangeStarted(), "08:00"),
        ("change/A", ChangeCompleted(), "09:00"),
        ("service/crm", OutageDetected(outage="OUT-1", since=at("10:30")), "11:00"),
    ]
    for subject, event, clock in [said[-1], *said[:-1]] if outage_first else said:
        office.receives((subject, event), time=at(clock))
    alert = office.one("it.outage")
    assert alert.summary == "Service crm is down; suspected: A of core"
    assert office.firing() == {"it.outage", SUSPECT}
    office.receives(("service/crm", OutageUpdated(outage="OUT-1", since=at("07:00"))))
    assert office.one("it.outage").summary == "Service crm is down"
    assert office.firing() == {"it.outage"}
    office.receives(("service/crm", OutageResolved(outage="OUT-1", until=at("11:30"))))
    assert office.firing() == set()
    assert [s.because for s in office.signals(SUSPECT) if isinstance(s, ConditionResolved)] == [
        "the outage did not begin soon after the change"
    ]

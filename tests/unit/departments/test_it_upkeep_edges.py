"""Upgrades and designs at the edges: their days, what alerts say, and waivers that lapse."""

from datetime import date

import pytest

from schemas.it import (
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    FindingReviewed,
    ITEvent,
    UpgradeDue,
    UpgradePerformed,
)
from tests.office import instant
from tests.unit.departments.telling_it import it_office, on_monday, vpn, why_resolved

UPGRADE, DESIGN = "it.upgrade_overdue", "it.design_overdue"


def due(on: str) -> UpgradeDue:
    return UpgradeDue(upgrade="P-1", due_on=date.fromisoformat(on))


def test_an_overdue_upgrade_says_its_day_and_when_that_was_over() -> None:
    alert = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-08T00:00:01").one(UPGRADE)
    assert (alert.due, alert.labels) == (instant("2026-01-08"), {"upgrade": "P-1"})
    assert alert.summary == "Upgrade P-1 of vpn was due on 2026-01-07 and is not performed"


@pytest.mark.parametrize(("on", "left"), [("2026-01-08", {UPGRADE}), ("2026-01-09", set())])
def test_only_a_date_to_come_ends_an_overdue_upgrade(on: str, left: set[str]) -> None:
    office = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-09T00:00:01")
    assert office.receives(*vpn(due(on))).firing() == left


@pytest.mark.parametrize(("again", "owed"), [("2026-02-04T08:00", False), ("2026-02-04T08:00:01", True)])
def test_that_an_upgrade_was_performed_is_remembered_for_thirty_days(again: str, owed: bool) -> None:
    office = it_office().receives(*vpn(UpgradePerformed(upgrade="P-1"))).at(again).receives(*vpn(due("2026-02-05")))
    assert (office.at("2026-02-10").firing() == {UPGRADE}) is owed


def test_an_undecided_design_says_by_when_it_was_to_be_decided() -> None:
    alert = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-19T17:00:01").one(DESIGN)
    assert (alert.due, alert.labels) == (instant("2026-01-19T17:00"), {"design": "D"})
    assert alert.summary == "Design D of vpn is not decided in 10 business days"


@pytest.mark.parametrize(
    ("decision", "says"),
    [(DesignApproved(design="D", by="E"), "it was approved"), (DesignRejected(design="D", by="E"), "it was rejected")],
)
def test_a_decision_ends_the_waiting_for_it(decision: ITEvent, says: str) -> None:
    office = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-20").receives(*vpn(decision))
    assert why_resolved(office, DESIGN) == [says]


def test_a_design_decided_before_its_submission_is_told_is_decided_and_said_twice_waits_from_the_first_time() -> None:
    decided = it_office().receives(*vpn(DesignApproved(design="D", by="E"), DesignSubmitted(design="D")))
    assert decided.at("2026-03-01").firing() == set()
    twice = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-12")
    twice.receives(*vpn(DesignSubmitted(design="D")))
    assert twice.at("2026-01-19T17:00:01").firing() == {DESIGN}


def test_the_day_of_a_submission_is_that_of_its_time_zone() -> None:
    office = it_office(calendar={"time_zone": "Asia/Tokyo"}, design_business_days=1).at(on_monday("16:00"))
    office.receives(*vpn(DesignSubmitted(design="D")))  # on Tuesday, in Tokyo
    assert office.at("2026-01-07T08:00").firing() == set()
    assert office.at("2026-01-07T08:00:01").firing() == {DESIGN}


def waived(rule: str, until: str | None, **identity: str) -> FindingReviewed:
    told = {"rule": rule, "identity": identity, "by": "E-1", "outcome": "waived", "until": until}
    return FindingReviewed.model_validate(told)


def test_a_design_that_is_waived_is_looked_at_again_once_that_lapses() -> None:
    office = it_office().receives(*vpn(DesignSubmitted(design="D"))).at("2026-01-20")
    office.receives(*vpn(waived(DESIGN, "2026-01-25T00:00:00Z", design="D")))
    assert office.firing() == set()
    assert office.at("2026-01-25T00:00").firing() == set()
    assert office.at("2026-01-25T00:00:01").one(DESIGN).due == instant("2026-01-25T00:00:00.001")


def test_a_review_of_what_it_knows_no_finding_of_changes_nothing() -> None:
    other = (
        waived("it.major_incident", None, upgrade="P-1"),
        waived(UPGRADE, "2026-02-01T00:00:00Z", design="P-1"),
        waived(UPGRADE, "2026-02-01T00:00:00Z", upgrade="P-2"),
        waived(UPGRADE, "2026-01-02T00:00:00Z", upgrade="P-1"),
    )
    office = it_office().receives(*vpn(due("2026-01-07"))).at("2026-01-09").receives(*vpn(*other))
    assert office.firing() == {UPGRADE}
    assert (office.at("2026-03-01").firing(), office.dead_letters) == ({UPGRADE}, [])


def test_a_waiver_of_a_day_to_come_without_an_end_holds_for_good() -> None:
    office = it_office().receives(*vpn(due("2026-01-07"), waived(UPGRADE, None, upgrade="P-1")))
    assert office.at("2026-03-01").signals() == []

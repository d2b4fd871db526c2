"""Upkeep of services: upgrades by their date, designs decided in time, and findings that are waived."""

from datetime import date
from typing import Any

import pytest

from schemas.it import (
    DesignApproved,
    DesignRejected,
    DesignSubmitted,
    FindingReviewed,
    UpgradeDue,
    UpgradePerformed,
)
from tests.unit.departments.telling_it import it_office, on_monday, vpn

# Upgrades and designs

PATCH = UpgradeDue(upgrade="PATCH-1", due_on=date(2026, 1, 7))


def test_an_upgrade_is_overdue_when_its_day_is_over() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-08")
    assert office.firing() == set()
    assert office.at("2026-01-08T00:00:01").one("it.upgrade_overdue").identity == {"upgrade": "PATCH-1"}
    assert office.receives(*vpn(UpgradePerformed(upgrade="PATCH-1"))).firing() == set()


def test_an_upgrade_performed_before_its_due_date_was_told_is_not_owed() -> None:
    office = it_office().receives(*vpn(UpgradePerformed(upgrade="PATCH-1"), PATCH))
    assert office.at("2026-01-20").firing() == set()


def test_an_upgrade_gets_a_later_date() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09")
    office.receives(*vpn(UpgradeDue(upgrade="PATCH-1", due_on=date(2026, 1, 12))))
    assert office.firing() == set()
    assert office.at("2026-01-14").firing() == {"it.upgrade_overdue"}


def waived(until: str | None = None, outcome: str = "waived") -> FindingReviewed:
    told = {"rule": "it.upgrade_overdue", "identity": {"upgrade": "PATCH-1"}, "by": "E-1", "outcome": outcome}
    return FindingReviewed.model_validate({**told, "until": until})


def test_an_upgrade_that_is_waived_is_quiet_for_as_long_as_that_holds() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09").receives(*vpn(waived("2026-01-20T00:00:00Z")))
    assert office.firing() == set()
    assert office.at("2026-01-19").firing() == set()
    assert office.at("2026-01-21").firing() == {"it.upgrade_overdue"}


def test_an_upgrade_waived_ahead_is_not_asked_for_early() -> None:
    office = it_office().receives(*vpn(PATCH)).receives(*vpn(waived("2026-01-06T00:00:00Z")))
    assert office.at("2026-01-07T12:00").firing() == set()
    assert office.at("2026-01-09").firing() == {"it.upgrade_overdue"}


def test_a_finding_that_is_confirmed_stays() -> None:
    office = it_office().receives(*vpn(PATCH)).at("2026-01-09").receives(*vpn(waived(outcome="confirmed")))
    assert office.firing() == {"it.upgrade_overdue"}


@pytest.mark.parametrize("decision", [DesignApproved, DesignRejected])
def test_a_design_is_decided_within_ten_business_days(decision: Any) -> None:
    office = it_office().at(on_monday("10:00")).receives(*vpn(DesignSubmitted(design="DSN-1")))
    assert office.at("2026-01-19T17:00").firing() == set()
    assert office.at("2026-01-19T17:01").firing() == {"it.design_overdue"}
    assert office.receives(*vpn(decision(design="DSN-1", by="E-1"))).firing() == set()


def test_a_design_decided_in_time_is_quiet_and_waits_again_when_submitted_again() -> None:
    office = it_office().at(on_monday("10:00")).receives(*vpn(DesignSubmitted(design="DSN-1")))
    office.at("2026-01-12").receives(*vpn(DesignRejected(design="DSN-1", by="E-1"), DesignSubmitted(design="DSN-1")))
    assert office.at("2026-01-23").firing() == set()
    assert office.at("2026-01-27").firing() == {"it.design_overdue"}

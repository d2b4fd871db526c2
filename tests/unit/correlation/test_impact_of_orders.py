"""The impact ledger hears of manufacturing: late orders with their value and delay, and what cost more than planned."""

import random
from decimal import Decimal
from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.it import department as it
from processors.departments.manufacturing import department as manufacturing
from schemas.envelope import Event
from schemas.facts import ImpactReported
from schemas.it import OutageDetected, OutageResolved
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES, remembered
from tests.unit.departments.telling_manufacturing import (
    Said,
    booked,
    cancelled,
    changed,
    placed,
    reversed_,
    shipped,
)

FRIDAY, MONDAY = "2026-01-09", "2026-01-12"
ORDER = placed(value="800", promised_on=FRIDAY, needs_service="mes")


def the_line(partitions: int = 3) -> Office:
    return Office(processors=[it, manufacturing, correlation], partitions=partitions).at("2026-01-05T09:00")


def down(since: str, outage: str = "OUT-1", service: str = "mes") -> Said:
    return f"service/{service}", OutageDetected(outage=outage, since=instant(since))


def up(until: str, outage: str = "OUT-1") -> Said:
    return "service/mes", OutageResolved(outage=outage, until=instant(until))


def ledger(office: Office, outage: str = "OUT-1") -> tuple[dict[str, int], dict[str, Decimal], Decimal]:
    """Numbers and sums that are not zero, and hours."""
    row = remembered(office, "service/mes").ledgers[outage]
    return {k: n for k, n in row.counts.items() if n}, {k: m for k, m in row.money.items() if m}, row.hours


def reports(office: Office) -> list[tuple[str, str, bool]]:
    said = [f for f in office.said(ImpactReported) if isinstance(f, ImpactReported)]
    return [(f.about.subject, f.what, f.holds) for f in said]


# Late orders


def test_an_order_that_an_outage_made_late_is_booked_with_its_value_and_then_with_its_delay() -> None:
    office = the_line().receives(ORDER).at(f"{FRIDAY}T14:00").receives(down(f"{FRIDAY}T14:00"))
    assert reports(office.at("2026-01-10T00:00")) == []
    assert ledger(office.at("2026-01-10T00:00:01")) == ({"order": 1}, {"EUR": Decimal(800)}, Decimal(0))
    office.at(f"{MONDAY}T10:30").receives(up(f"{MONDAY}T09:00"), shipped())
    assert ledger(office) == ({"order": 1}, {"EUR": Decimal(800)}, Decimal("1.50"))
    office.at("2026-01-14").receives(booked("10", order="WO-1"))
    assert ledger(office) == ({"order": 1}, {"EUR": Decimal(800)}, Decimal("1.50"))


def test_one_that_is_promised_for_a_sunday_had_its_last_working_day_on_friday() -> None:
    sunday = placed(promised_on="2026-01-11", needs_service="mes")
    office = the_line().receives(sunday).at(f"{FRIDAY}T16:00").receives(down(f"{FRIDAY}T14:00"), up(f"{FRIDAY}T16:00"))
    assert ledger(office.at(MONDAY).at(f"{MONDAY}T00:00:01")) == ({"order": 1}, {}, Decimal(0))


def test_an_outage_of_another_day_or_another_service_is_not_charged() -> None:
    office = the_line().receives(ORDER).at("2026-01-08T12:00").receives(down("2026-01-08T10:00"))
    office.receives(up("2026-01-08T12:00"), down("2026-01-08T12:00", service="mail")).at(MONDAY)
    assert reports(office) == [("service/mes", "order", True)]
    assert not remembered(office, "service/mes").ledgers


@pytest.mark.parametrize("told", [{}, {"promised_on": FRIDAY}, {"needs_service": "mes"}])
def test_an_order_without_a_promise_or_without_a_service_reports_nothing(told: dict[str, Any]) -> None:
    assert reports(the_line().receives(placed(value="800", **told)).at("2026-02-01")) == []


def test_an_order_at_risk_is_not_late() -> None:
    risky = placed(promised_on=FRIDAY, needs_service="mes", planned_hours=Decimal(500))
    office = the_line().receives(risky)
    assert "manufacturing.order_late" in office.firing()
    assert reports(office) == []


@pytest.mark.parametrize(
    "later",
    [cancelled(), changed(promised_on="2026-03-31"), changed(needs_service="mail")],
    ids=["cancelled", "promised for later", "needs another"],
)
def test_an_order_that_is_not_late_after_all_is_taken_off(later: Said) -> None:
    office = the_line().receives(ORDER, down("2026-01-06T09:00")).at(MONDAY)
    assert ledger(office)[0] == {"order": 1}
    assert ledger(office.receives(later))[0] == {}
    assert reports(office).count(("service/mes", "order", False)) == 1


def test_one_that_had_left_in_time_as_it_turns_out_is_taken_off() -> None:
    office = the_line().receives(ORDER, down("2026-01-06T09:00")).at(MONDAY)
    assert ledger(office.receives(shipped(), time=f"{FRIDAY}T23:59"))[0] == {}


def test_orders_of_two_projects_have_ids_of_their_own() -> None:
    office = the_line().receives(ORDER, ("project/P-2", ORDER[1]), down("2026-01-06T09:00")).at(MONDAY)
    assert ledger(office)[0] == {"order": 2}


# Overruns


def test_what_an_order_cost_beyond_its_plan_on_the_day_of_an_outage_is_booked_and_corrected() -> None:
    plain = placed(value="800", needs_service="mes")
    office = the_line().receives(plain, down("2026-01-05T09:00")).at("2026-01-05T15:00")
    office.receives(booked("800", "B-1", order="WO-1"))
    assert reports(office) == []
    office.receives(booked("0.01", "B-2", order="WO-1"))
    assert ledger(office) == ({"overrun": 1}, {"EUR": Decimal("0.01")}, Decimal(0))
    office.at("2026-01-20").receives(up("2026-01-06T09:00"), booked("150", "B-2", order="WO-1"))
    assert ledger(office) == ({"overrun": 1}, {"EUR": Decimal(150)}, Decimal(0))
    assert ledger(office.receives(reversed_("B-2"))) == ({}, {}, Decimal(0))
    office.receives(booked("300", "B-3", order="WO-1"))  # two weeks later: not that outage's doing
    assert ledger(office) == ({}, {}, Decimal(0))


def test_costs_in_another_currency_or_of_the_project_at_large_are_no_overrun_of_an_order() -> None:
    office = the_line().receives(placed(value="800", needs_service="mes"), down("2026-01-05T09:00"))
    office.receives(booked("9000", "B-1", order="WO-1", currency="USD"), booked("9000", "B-2"))
    assert reports(office) == []


@pytest.mark.parametrize("seed", SHUFFLES)
def test_what_is_told_in_any_order_gives_the_same_ledger(seed: int) -> None:
    said: list[tuple[str, tuple[str, Event]]] = [
        ("2026-01-05T09:00", ORDER),
        (f"{FRIDAY}T10:00", down(f"{FRIDAY}T10:00")),
        (f"{FRIDAY}T12:00", up(f"{FRIDAY}T12:00")),
        (f"{FRIDAY}T11:00", booked("1000", order="WO-1")),
        (f"{FRIDAY}T11:30", placed("WO-2", value="50", promised_on=FRIDAY, needs_service="mail")),
    ]
    random.Random(seed).shuffle(said)
    office = the_line(partitions=1 + seed % 5)
    for when, each in said:
        office.receives(each, time=when)
    office.at(MONDAY).receives(shipped())
    assert ledger(office) == ({"order": 1, "overrun": 1}, {"EUR": Decimal(1000)}, Decimal(0))
    assert office.dead_letters == []

"""Manufacturing: what a report on the shop floor counts, each at the edge where an order belongs to it no more."""

from typing import Any

import pytest

from processors.departments.manufacturing import department
from schemas.manufacturing import WorkReported
from tests.unit.departments.telling_manufacturing import Said, p1, placed, works

INSPECTION, PACKING = "Final Inspection Q.C.", "Packing"


def report(operation: str = "Turning", order: str = "WO-1", **told: Any) -> Said:
    return p1(WorkReported.model_validate({"order": order, "operation": operation, **told}))


def answer(measure: str, *said: Said) -> Any:
    state = works().receives(*said).state("project/P-1")
    return department.measures[measure].over([("project/P-1", state)])


def counted_in(among: tuple[str, ...], *said: Said) -> set[str]:
    """Which of these measures count the order."""
    return {measure for measure in among if answer(measure, *said) == {"WO-1"}}


def test_reports_are_counted_by_type() -> None:
    told = [report(report=kind) for kind in ("production", "production", "production", "setup", "setup", "breakdown")]
    assert answer("shop_floor_reports", *told) == {"production": 3, "setup": 2, "breakdown": 1}


def test_pieces_are_summed_over_operations_and_orders() -> None:
    told = [
        report(completed=10, rejected=1, for_review=2),
        report("Milling", completed=9, rejected=1, rework=True),
        report(order="WO-2", completed=5, for_review=1, rework=True),
    ]
    assert answer("pieces_reported", *told) == {"completed": 24, "rejected": 2, "for_review": 3, "reworks": 2}


SIGNS = (
    "orders_reported",
    "orders_with_rejects",
    "orders_with_reviews",
    "orders_with_rework",
    "orders_with_breakdowns",
    "orders_inspected",
    "orders_packed",
)


@pytest.mark.parametrize(
    ("said", "measures"),
    [
        (placed(), set()),
        (report(), {"orders_reported"}),
        (report(rejected=1), {"orders_reported", "orders_with_rejects"}),
        (report(for_review=1), {"orders_reported", "orders_with_reviews"}),
        (report(rework=True), {"orders_reported", "orders_with_rework"}),
        (report(report="breakdown"), {"orders_reported", "orders_with_breakdowns"}),
        (report(INSPECTION), {"orders_reported", "orders_inspected"}),
        (report(PACKING), {"orders_reported", "orders_packed"}),
    ],
)
def test_what_an_order_is_counted_for(said: Said, measures: set[str]) -> None:
    assert counted_in(SIGNS, said) == measures


@pytest.mark.parametrize(("rejected", "heavily"), [(10, False), (11, True)])
def test_an_order_that_is_rejected_heavily(rejected: int, heavily: bool) -> None:
    bad = report(rejected=rejected)
    assert counted_in(("orders_rejected_heavily",), placed(quantity=100), bad) == (
        {"orders_rejected_heavily"} if heavily else set()
    )
    assert answer("orders_rejected_heavily", bad) == set(), "of how many is not known"


INSPECTED = ("inspected_not_ordered", "inspected_less_than_ordered")


@pytest.mark.parametrize(
    ("good", "bad", "measures"),
    [(98, 2, set()), (98, 1, set(INSPECTED)), (99, 2, {"inspected_not_ordered"})],
)
def test_what_was_inspected_against_what_was_ordered(good: int, bad: int, measures: set[str]) -> None:
    told = [
        report(completed=500),
        report(INSPECTION, completed=good - 1),
        report(INSPECTION, completed=1, rejected=bad),
    ]
    assert counted_in(INSPECTED, placed(quantity=100), *told) == measures
    assert counted_in(INSPECTED, placed(quantity=100)) == set()
    assert counted_in(INSPECTED, report(INSPECTION, completed=1)) == {"inspected_not_ordered"}


PACKED = ("packed_less_than_ordered", "packed_more_than_ordered")


@pytest.mark.parametrize(
    ("pieces", "measures"),
    [(99, {"packed_less_than_ordered"}), (100, set()), (101, {"packed_more_than_ordered"})],
)
def test_what_was_packed_against_what_was_ordered(pieces: int, measures: set[str]) -> None:
    told = [report(completed=500), report(PACKING, completed=pieces - 1), report(PACKING, completed=1, rejected=7)]
    assert counted_in(PACKED, placed(quantity=100), *told) == measures
    assert counted_in(PACKED, placed(quantity=100)) == set()
    assert counted_in(PACKED, report(PACKING, completed=5)) == set(), "how many were ordered is not known"


LEAD_TIMES = ("lead_time_long", "lead_time_very_long")


@pytest.mark.parametrize(
    ("ended", "measures"),
    [
        ("2026-01-19T08:00:00Z", set()),
        ("2026-01-19T08:00:01Z", {"lead_time_long"}),
        ("2026-02-04T08:00:00Z", {"lead_time_long"}),
        ("2026-02-04T08:00:01Z", set(LEAD_TIMES)),
    ],
)
def test_an_order_takes_from_its_first_start_to_its_last_end(ended: str, measures: set[str]) -> None:
    first = report(started_at="2026-01-05T08:00:00Z", completed_at="2026-01-05T09:00:00Z")
    last = report(started_at="2026-01-06T08:00:00Z", completed_at=ended)
    assert counted_in(LEAD_TIMES, first, last) == measures
    assert counted_in(LEAD_TIMES, last, first) == measures


@pytest.mark.parametrize("told", [{"started_at": "2020-01-05T08:00:00Z"}, {"completed_at": "2026-01-05T08:00:00Z"}])
def test_an_order_that_has_not_begun_or_not_ended_takes_no_time(told: dict[str, Any]) -> None:
    assert counted_in(LEAD_TIMES, report(**told), report()) == set()

"""A real log of machining work orders (Levy 2014): what is measured equals its known answers, id for id."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.manufacturing import department
from tests.real_logs import Folded

pytestmark = pytest.mark.real_logs

LOG = "production_levy2014"
FILE = f"{LOG}.csv"

MISMATCH = "manufacturing.quantity_mismatch"

TYPES = {"D": "production", "S": "setup", "B": "breakdown"}


@pytest.fixture(scope="module")
def log(folder: Path) -> Folded:
    return Folded.of(department, known_importer("work-orders"), folder / FILE).passes(timedelta(days=3 * 366))


MEASURED = [
    ("orders_with_rejects", "work_orders_with_any_rejected", 122),
    ("orders_rejected_heavily", "work_orders_rejected_total_over_10pct_of_order_qty", 31),
    ("orders_with_reviews", "work_orders_with_MRB_qty", 10),
    ("orders_with_breakdowns", "work_orders_with_breakdown_B", 37),
    ("inspected_not_ordered", "final_inspection_completed_plus_rejected_ne_order_qty", 108),
    ("inspected_less_than_ordered", "final_inspection_completed_plus_rejected_lt_order_qty", 108),
    ("packed_less_than_ordered", "packed_qty_lt_order_qty", 117),
    ("lead_time_long", "lead_time_over_14_days", 111),
    ("lead_time_very_long", "lead_time_over_30_days", 53),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_orders_are_those_of_the_known_answer(
    log: Folded, known: dict[str, set[str]], name: str, answer: str, n: int
) -> None:
    assert log.measure(name) == known[answer]
    assert len(known[answer]) == n


NUMBERS = [
    ("orders_reported", "work_orders", 225),
    ("orders_with_rework", "work_orders_with_rework_Y", 24),
    ("orders_inspected", "work_orders_with_Final_Inspection_QC", 176),
    ("orders_packed", "work_orders_with_Packing", 175),
    ("packed_more_than_ordered", "packed_qty_gt_order_qty", 0),
]


@pytest.mark.parametrize(("name", "answer", "n"), NUMBERS, ids=[m[0] for m in NUMBERS])
def test_as_many_orders_as_the_known_answer(
    log: Folded, counts: dict[str, Any], name: str, answer: str, n: int
) -> None:
    found = log.measure(name)
    assert isinstance(found, frozenset)
    assert len(found) == counts[answer] == n


def test_answers_that_are_sums(log: Folded, counts: dict[str, Any]) -> None:
    types = counts["report_type_rows"]
    assert log.measure("shop_floor_reports") == {TYPES[letter]: n for letter, n in types.items()}
    assert log.measure("pieces_reported") == {
        "completed": counts["sum_qty_completed"],
        "rejected": counts["sum_qty_rejected"],
        "for_review": counts["sum_qty_for_mrb"],
        "reworks": counts["rework_rows"],
    }
    assert counts["sum_qty_completed"] == 92_519


def test_an_order_is_said_to_be_off_whose_final_inspections_do_not_come_to_what_was_ordered(
    log: Folded, known: dict[str, set[str]]
) -> None:
    stands = {labels for rule, _, labels in log.firing() if rule == MISMATCH}
    answer = known["final_inspection_completed_plus_rejected_ne_order_qty"]
    assert stands == {json.dumps({"order": order}) for order in answer}
    assert (len(answer), len(log.ever_fired(MISMATCH))) == (108, 147)


def test_an_order_that_stood_still_was_said_to(log: Folded) -> None:
    """Nobody says in this log that an order is done: each stands still at last."""
    assert log.ever_fired("manufacturing.stalled") == log.measure("orders_reported")

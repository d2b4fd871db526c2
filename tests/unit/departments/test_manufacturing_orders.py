"""Orders: shipped by their promised date, not stalled, and complete with what was ordered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.facts import DutyDone
from schemas.manufacturing import MaterialReceived, OrderConfirmed, WorkReported
from tests.unit.departments.telling_manufacturing import (
    Said,
    cancelled,
    changed,
    completed,
    lot,
    p1,
    placed,
    reviewed,
    shipped,
    started,
    works,
)

LATE, STALLED, MISMATCH = "manufacturing.order_late", "manufacturing.stalled", "manufacturing.quantity_mismatch"


def reported(**more: Any) -> Said:
    return p1(WorkReported(order="WO-1", operation="Turning", **more))


# Promised dates.


def test_an_order_is_late_when_its_promised_day_is_over() -> None:
    office = works().receives(placed(promised_on="2026-01-09"))
    assert office.passes("2026-01-10T00:00").firing() == set()
    late = office.passes("2026-01-10T00:01").one(LATE)
    assert (late.severity, late.identity, late.due) == (
        "error",
        {"order": "WO-1"},
        datetime(2026, 1, 10, tzinfo=UTC),
    )


def test_an_order_shipped_at_midnight_of_its_day_is_in_time() -> None:
    office = works().receives(placed(promised_on="2026-01-09")).at("2026-01-10T00:00").receives(shipped())
    assert office.at("2026-02-01").signals(LATE) == []


CURES = {"shipped": shipped(), "cancelled": cancelled(), "moved": changed(promised_on="2026-03-31")}


@pytest.mark.parametrize("cure", CURES.values(), ids=CURES)
def test_what_ends_a_late_order(cure: Said) -> None:
    office = works().receives(placed(promised_on="2026-01-09")).at("2026-01-12")
    assert office.firing() == {LATE}
    assert office.receives(cure).firing() == set()


def test_a_promised_date_that_has_moved_is_the_one_that_counts() -> None:
    office = works().receives(placed(promised_on="2026-01-09"), changed(promised_on="2026-01-16"))
    assert office.at("2026-01-17").firing() == set()
    assert office.at("2026-01-17T00:01").firing() == {LATE}


def test_a_confirmation_moves_the_date_and_leaves_the_rest() -> None:
    confirmed = OrderConfirmed.model_validate({"order": "WO-1", "promised_on": "2026-01-16"})
    office = works().receives(placed(promised_on="2026-01-09", quantity=5), p1(confirmed))
    assert office.at("2026-01-12").firing() == set()
    assert office.state("project/P-1").orders["WO-1"].quantity == 5


def test_an_order_is_late_until_the_last_partial_shipment_has_left() -> None:
    office = works().receives(placed(promised_on="2026-01-09", quantity=10), shipped(quantity=6)).at("2026-01-12")
    assert office.firing() == {LATE}
    assert office.receives(shipped(quantity=3, shipment="SH-2")).firing() == {LATE}
    assert office.receives(shipped(quantity=4, shipment="SH-2")).firing() == set(), "corrected to 4"


def test_a_shipment_corrected_downwards_is_late_after_all() -> None:
    office = works().receives(placed(promised_on="2026-01-09", quantity=10), shipped(quantity=10)).at("2026-01-12")
    assert office.firing() == set()
    assert office.receives(shipped(quantity=9)).firing() == {LATE}


def test_an_order_told_long_after_its_date_is_late_at_once() -> None:
    assert works().at("2026-02-01").receives(placed(promised_on="2026-01-09")).firing() == {LATE}


def test_work_that_does_not_fit_before_the_date_is_a_warning_the_moment_it_does_not() -> None:
    """Monday 8:00 to Friday evening are 40 working hours; 32 hours of work fit until Tuesday 9:00."""
    office = works().receives(placed(promised_on="2026-01-09", planned_hours="32"))
    assert office.passes("2026-01-06T09:00").firing() == set()
    found = office.passes("2026-01-06T09:00:01").one(LATE)
    assert (found.severity, "has more work left" in found.summary) == ("warning", True)
    assert office.passes("2026-01-10T00:01").one(LATE).severity == "error"


@pytest.mark.parametrize(("hours", "fires"), [("40", False), ("40.01", True)])
def test_work_that_just_fits_is_no_warning(hours: str, fires: bool) -> None:
    office = works().receives(placed(promised_on="2026-01-09", planned_hours=hours))
    assert office.firing() == ({LATE} if fires else set())


def test_pieces_that_are_done_are_work_no_more() -> None:
    office = works().receives(placed(promised_on="2026-01-09", planned_hours="60", quantity=100))
    assert office.firing() == {LATE}
    assert office.receives(lot("QC-1", 50, 0, "WO-1")).firing() == set()


def test_an_estimate_of_the_shop_floor_counts_for_more_than_the_plan() -> None:
    office = works().receives(placed(promised_on="2026-01-09", planned_hours="10"))
    assert office.receives(reported(remaining_hours="41")).firing() == {LATE}
    office.receives(reported(remaining_hours="1"))
    assert office.firing() == set()


def test_two_people_do_twice_the_work() -> None:
    office = works(work_per_hour=2).receives(placed(promised_on="2026-01-09", planned_hours="80"))
    assert office.firing() == set()
    assert office.at("2026-01-05T09:01").firing() == {LATE}


def test_a_date_of_a_mistyped_year_is_waited_for() -> None:
    office = works().receives(placed(promised_on="9999-12-31", planned_hours="50"))
    assert office.at("2030-01-01").firing() == set()


# Work goes on.


def test_work_stalls_after_eight_working_hours() -> None:
    office = works().at("2026-01-05T13:00").receives(started())
    assert office.passes("2026-01-06T13:00").firing() == set()
    assert office.passes("2026-01-06T13:00:01").one(STALLED).identity == {"order": "WO-1"}


SIGNS = {
    "a report": reported(completed=3),
    "an inspection": lot("QC-1", 3, 0, "WO-1"),
    "material": p1(MaterialReceived(order="WO-1", receipt="GR-1", quantity=5)),
}


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_a_sign_of_work_ends_it_and_counts_anew(sign: Said) -> None:
    office = works().at("2026-01-05T13:00").receives(started()).at("2026-01-07T10:00").receives(sign)
    assert office.firing() == set()
    assert office.at("2026-01-08T10:00").firing() == set()
    assert office.at("2026-01-08T10:01").firing() == {STALLED}


@pytest.mark.parametrize("end", [completed(5, 0), shipped(), cancelled()])
def test_what_is_done_does_not_stall(end: Said) -> None:
    assert works().receives(started(), end).at("2026-03-01").signals(STALLED) == []


def test_work_that_was_not_begun_does_not_stall() -> None:
    assert works().receives(placed(quantity=5)).at("2026-03-01").firing() == set()


def test_a_sign_of_work_that_comes_late_does_not_make_it_look_idle() -> None:
    office = works().at("2026-01-06T13:00").receives(started())
    office.receives(reported(), time="2026-01-05T09:00")
    assert office.at("2026-01-07T13:00").firing() == set()
    assert office.at("2026-01-07T13:01").firing() == {STALLED}


def test_a_clock_that_is_ahead_does_not_keep_an_order_alive() -> None:
    office = works().at("2026-01-05T13:00").receives(started(), time="2027-01-01")
    assert office.at("2026-01-06T13:01").firing() == {STALLED}


def test_a_waiver_of_a_stalled_order_lapses() -> None:
    office = works().at("2026-01-05T13:00").receives(started()).at("2026-01-07")
    office.receives(reviewed(STALLED, "waived", "2026-01-20T00:00:00Z", order="WO-1"))
    assert office.firing() == set()
    assert office.at("2026-01-20").firing() == set()
    assert office.at("2026-01-20T00:01").firing() == {STALLED}


# What came out is what was ordered.


@pytest.mark.parametrize(("produced", "rejected", "fires"), [(98, 2, False), (98, 1, True), (99, 2, True)])
def test_good_and_rejected_pieces_are_what_was_ordered(produced: int, rejected: int, fires: bool) -> None:
    office = works().receives(placed(quantity=100), started())
    assert office.firing() == set()
    assert office.receives(completed(produced, rejected)).firing() == ({MISMATCH} if fires else set())


MENDED = {
    "completion": completed(98, 2),
    "quantity": changed(quantity=99),
    "cancelled": cancelled(),
    "reviewed": reviewed(MISMATCH, order="WO-1"),
}


@pytest.mark.parametrize("mend", MENDED.values(), ids=MENDED)
def test_what_ends_a_mismatch(mend: Said) -> None:
    office = works().receives(placed(quantity=100), completed(97, 2))
    assert office.firing() == {MISMATCH}
    assert office.receives(mend).firing() == set()


def test_a_finding_that_is_confirmed_stays() -> None:
    office = works().receives(placed(quantity=100), completed(97, 2))
    assert office.receives(reviewed(MISMATCH, "confirmed", order="WO-1")).firing() == {MISMATCH}


def test_what_was_inspected_counts_where_the_completion_says_nothing() -> None:
    office = works().receives(placed(quantity=100), lot("QC-1", 60, 5, "WO-1"), lot("QC-2", 30, 4, "WO-1"), completed())
    assert "90 good and 9 rejected" in office.one(MISMATCH).summary
    assert office.receives(lot("QC-2", 30, 5, "WO-1")).firing() == set(), "the inspection was corrected"


def test_pieces_that_were_worked_over_are_counted_once() -> None:
    office = works().receives(placed(quantity=100), lot("QC-1", 90, 10, "WO-1"), completed())
    assert office.firing() == set()
    assert office.receives(lot("QC-2", 8, 2, "WO-1", rework=True)).firing() == set()
    order = office.state("project/P-1").orders["WO-1"]
    assert (order.accepted, order.rejected) == (98, 2)


def test_final_inspections_of_the_shop_floor_count_where_there_are_no_others() -> None:
    final = p1(WorkReported(order="WO-1", operation="Final Inspection Q.C.", completed=97, rejected=2))
    office = works().receives(placed(quantity=100), reported(completed=400), final, completed())
    assert "97 good and 2 rejected" in office.one(MISMATCH).summary


def inspected(completed: int, rejected: int) -> Said:
    operation = "Final Inspection Q.C."
    return p1(WorkReported(order="WO-1", operation=operation, completed=completed, rejected=rejected))


def test_a_final_inspection_completes_an_order_where_it_is_set_to() -> None:
    office = works(final_inspection_completes=True).receives(placed(quantity=100), reported(completed=400))
    assert office.firing() == set(), "it was not inspected yet"
    assert office.receives(inspected(97, 2)).firing() == {MISMATCH}
    assert office.receives(inspected(1, 0)).firing() == set(), "the numbers agree"
    assert works().receives(placed(quantity=100), inspected(97, 2)).firing() == set(), "off unless set"


def test_a_report_says_how_many_were_ordered_where_nothing_else_does() -> None:
    assert works().receives(reported(order_quantity=100), completed(97, 2)).firing() == {MISMATCH}
    assert works().receives(placed(quantity=99), reported(order_quantity=100), completed(97, 2)).firing() == set()


def test_an_order_of_which_nothing_was_counted_is_not_judged() -> None:
    assert works().receives(placed(quantity=100), completed()).firing() == set()


def test_a_quantity_may_be_off_by_the_tolerance() -> None:
    office = works(quantity_tolerance_percent=2).receives(placed(quantity=100), completed(98, 0))
    assert office.firing() == set()
    assert office.receives(completed(97, 0)).firing() == {MISMATCH}


def test_the_order_may_be_told_after_its_completion() -> None:
    assert works().receives(completed(97, 2), placed(quantity=100)).firing() == {MISMATCH}


def test_work_that_begins_again_is_not_complete() -> None:
    office = works().receives(placed(quantity=100), completed(97, 2)).at("2026-01-06T09:00").receives(started())
    assert office.firing() == set()


# Duties, for rules over several departments.


def duties(*said: Said) -> list[tuple[str, str, str, bool, int]]:
    facts = works().receives(*said).said(DutyDone)
    return [(f.about.subject, f.person, f.duty, f.holds, f.revision) for f in facts if isinstance(f, DutyDone)]


def test_who_placed_an_order_with_a_vendor_and_took_its_goods_is_published_once() -> None:
    bought = placed(vendor="acme", placed_by="E-1", value="5")
    came = p1(MaterialReceived(order="WO-1", receipt="GR-1", quantity=5, received_by="E-2"))
    assert duties(bought, bought, came, came) == [
        ("vendor/acme", "E-1", "place_order", True, 1),
        ("vendor/acme", "E-2", "receive_goods", True, 2),
    ]
    assert duties(came, bought)[0][:3] == ("vendor/acme", "E-1", "place_order")


def test_a_duty_that_was_a_mistake_is_taken_back() -> None:
    said = duties(placed(vendor="acme", placed_by="E-1"), placed(vendor="acme", placed_by="E-3"), cancelled())
    assert [(person, holds, revision) for _, person, _, holds, revision in said] == [
        ("E-1", True, 1),
        ("E-1", False, 2),
        ("E-3", True, 3),
        ("E-3", False, 4),
    ]


def test_an_order_made_here_has_no_vendor_to_tell() -> None:
    assert duties(placed(placed_by="E-1")) == []

"""A real log of 15,182 purchase order lines, folded whole: alerts and measures equal its known answers, id for id."""

import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known as known_importer
from processors.departments.accounting import department
from schemas.signals import ConditionFired
from tests.real_logs import Folded, known_answers, known_ids

pytestmark = pytest.mark.real_logs

LOG = "bpi2019_p2p_invoice_after_gr"
FILE = f"{LOG}.csv.gz"

Ids = dict[str, set[str]]


@pytest.fixture(scope="module")
def firm(folder: Path) -> Folded:
    """After the whole log and a hundred days more, so that every timer has run out."""
    return Folded.of(department, known_importer("purchase-to-pay"), folder / FILE).passes(timedelta(days=100))


@pytest.fixture(scope="module")
def known(folder: Path) -> Ids:
    """The order lines of each answer, `order/line`."""
    return {rule: {id.replace("_", "/") for id in ids} for rule, ids in known_ids(folder, LOG).items()}


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    return known_answers(folder, LOG)


MEASURED = [
    ("order_lines_goods_based", "items_all_gr_based_true", 15_182),
    ("lines_received", "items_with_goods_receipt", 14_539),
    ("lines_invoiced", "items_with_invoice_receipt", 11_128),
    ("lines_paid", "items_cleared", 9_676),
    ("lines_not_invoiced", "goods_receipt_but_no_invoice_receipt", 3_411),
    ("lines_invoice_dated_before_goods", "first_vendor_invoice_date_before_first_goods_receipt", 5_754),
    ("lines_paid_without_goods", "cleared_without_any_goods_receipt", 1),
    ("lines_paid_before_goods", "cleared_before_first_goods_receipt_or_without", 1),
    ("lines_paid_after_60_days", "invoice_receipt_to_clear_over_60_days", 1_704),
    ("lines_paid_again", "items_more_than_one_Clear_Invoice", 1_011),
    ("lines_blocked", "items_Set_Payment_Block", 61),
    ("lines_released", "items_Remove_Payment_Block", 2_230),
    ("lines_blocked_and_released", "items_both_Set_and_Remove_Payment_Block", 3),
    ("lines_released_later", "items_Set_then_later_Remove_Payment_Block", 2),
    ("lines_released_unblocked", "items_Remove_without_any_Set", 2_227),
    ("lines_value_off", "net_goods_value_ne_net_invoice_value", 1_927),
    ("lines_value_over", "net_invoice_value_gt_net_goods_value", 665),
    ("lines_value_varies", "items_net_worth_varies_between_events", 3_977),
    ("lines_repriced", "items_Change_Price", 1_093),
    ("lines_repriced_after_invoice", "items_Change_Price_after_first_invoice_receipt", 241),
    ("lines_deleted", "items_deleted", 329),
    ("lines_deleted_and_paid", "items_deleted_and_not_reactivated_but_cleared", 1),
]


@pytest.mark.parametrize(("name", "answer", "n"), MEASURED, ids=[m[0] for m in MEASURED])
def test_the_measured_order_lines_are_those_of_the_known_answer(
    firm: Folded, known: Ids, name: str, answer: str, n: int
) -> None:
    assert firm.measure(name) == known[answer]
    assert len(known[answer]) == n


NUMBERS = [
    ("vendors_ordered_from", "vendors", 531),
    ("purchase_orders", "purchase_documents", 9_456),
    ("order_lines", "purchase_items", 15_182),
    ("lines_received_and_invoiced", "items_with_both_GR_and_IR", 11_128),
    ("lines_more_invoices_than_receipts", "count_of_invoice_receipts_net_of_cancels_gt_goods_receipts_net", 218),
    ("lines_invoiced_before_goods", "invoice_receipt_before_or_without_goods_receipt", 0),
    ("lines_paid_while_blocked", "items_cleared_while_block_set_never_removed", 0),
    ("people_creating_orders", "human_users_creating_PO", 94),
    ("people_recording_invoices", "human_users_recording_invoice_receipt", 19),
]


@pytest.mark.parametrize(("name", "answer", "n"), NUMBERS, ids=[m[0] for m in NUMBERS])
def test_answers_that_are_numbers(firm: Folded, answers: dict[str, Any], name: str, answer: str, n: int) -> None:
    assert len(firm.ids(name)) == answers[answer] == n


def test_every_row_counts_also_those_that_look_like_repeats(firm: Folded, answers: dict[str, Any]) -> None:
    years = firm.measure("order_line_events_by_year")
    assert isinstance(years, dict)
    assert sum(years.values()) == answers["rows"] == 319_233
    elsewhere = sum(n for year, n in years.items() if year not in ("2018", "2019"))
    assert elsewhere == answers["rows_dated_before_2018_or_after_2019"] == 90
    repeats = answers["duplicate_events_same_case_activity_timestamp_user"]
    assert firm.measure("order_line_events_repeated") == {"repeated": repeats}
    assert repeats == 177_859


# Alerts


def lines(found: list[tuple[str, dict[str, str]]]) -> set[str]:
    return {f"{labels['order']}/{labels['line']}" for _, labels in found}


def standing(firm: Folded, rule: str) -> int:
    return sum(1 for name, _, _ in firm.firing() if name == rule)


def resolved(firm: Folded, rule: str) -> set[str]:
    """The order lines of which this was said, and is not true any more."""
    return {
        f"{s['data']['identity']['order']}/{s['data']['identity']['line']}"
        for s in firm.said
        if s["type"] != ConditionFired.type and s["data"]["rule"] == rule
    }


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ("accounting.invoice_before_goods", "first_vendor_invoice_date_before_first_goods_receipt"),
        ("accounting.price_changed_after_invoice", "items_Change_Price_after_first_invoice_receipt"),
        ("accounting.paid_without_goods", "cleared_before_first_goods_receipt_or_without"),
    ],
)
def test_the_alerts_are_those_of_the_known_answer(firm: Folded, known: Ids, rule: str, answer: str) -> None:
    assert known[answer]
    assert lines(firm.fired(rule)) == known[answer]


def test_a_payment_block_that_stands_is_told_of(firm: Folded, known: Ids) -> None:
    blocked = {labels["invoice"] for _, labels in firm.fired("accounting.payment_blocked_long")}
    assert blocked == known["items_Set_Payment_Block"]
    assert standing(firm, "accounting.payment_blocked_long") == 61 - len(
        known["items_Set_then_later_Remove_Payment_Block"]
    )


def test_who_is_not_paid_in_sixty_days_is_paid_late_or_never(firm: Folded, known: Ids) -> None:
    never = known["items_with_invoice_receipt"] - known["items_cleared"]
    assert lines(firm.fired("accounting.line_unpaid")) == known["invoice_receipt_to_clear_over_60_days"] | never
    assert resolved(firm, "accounting.line_unpaid") == known["invoice_receipt_to_clear_over_60_days"]


def test_goods_that_nobody_invoices_are_told_of_until_somebody_does(firm: Folded, known: Ids) -> None:
    rule = "accounting.goods_not_invoiced"
    ever, later = lines(firm.fired(rule)), resolved(firm, rule)
    assert ever - later == known["goods_receipt_but_no_invoice_receipt"]
    assert later <= known["items_with_invoice_receipt"]


def test_value_charged_and_value_that_came_differ_where_the_alert_stands(firm: Folded, known: Ids) -> None:
    rule = "accounting.three_way_mismatch"
    holds = {identity for name, _, identity in firm.firing() if name == rule}
    at_the_end = [(subject, labels) for subject, labels in firm.fired(rule) if _text(labels) in holds]
    assert lines(at_the_end) == known["net_goods_value_ne_net_invoice_value"]
    said = [s["data"]["summary"] for s in firm.said if s["data"]["rule"] == rule and s["type"] == ConditionFired.type]
    assert len(said) > len(holds)
    assert not [summary for summary in said if "before any goods" in summary], "the system that wrote it sees to that"


def _text(labels: dict[str, str]) -> str:
    return json.dumps(labels)


DUTIES = [
    ("create_order", "receive_goods", "sod_same_human_PO_and_goods_receipt", 2_351),
    ("create_order", "record_invoice", "sod_same_human_PO_and_invoice_receipt", 0),
    ("receive_goods", "record_invoice", "sod_same_human_goods_receipt_and_invoice_receipt", 0),
    ("record_invoice", "pay", "sod_same_human_invoice_receipt_and_clear", 349),
    ("record_invoice", "unblock", "sod_same_human_invoice_receipt_and_Remove_Payment_Block", 96),
    ("unblock", "pay", "sod_same_human_Remove_Payment_Block_and_Clear", 49),
]


@pytest.fixture(scope="module")
def clashes(firm: Folded) -> dict[frozenset[str], set[str]]:
    """The order lines with each combination of duties in one hand."""
    found: dict[frozenset[str], set[str]] = defaultdict(set)
    for said in firm.said:
        if said["data"]["rule"] == "accounting.segregation_of_duties":
            labels = said["data"]["labels"]
            found[frozenset(labels["duties"].split(","))].add(labels["purchase"])
    return found


@pytest.mark.parametrize(("one", "other", "answer", "n"), DUTIES, ids=[f"{d[0]} and {d[1]}" for d in DUTIES])
def test_two_duties_in_one_hand(
    clashes: dict[frozenset[str], set[str]],
    known: Ids,
    answers: dict[str, Any],
    one: str,
    other: str,
    answer: str,
    n: int,
) -> None:
    found: set[str] = set().union(*(lines for duties, lines in clashes.items() if {one, other} <= duties))
    assert found == known.get(answer, set())
    assert len(found) == answers[answer] == n


def test_those_who_order_never_record_invoices(firm: Folded, answers: dict[str, Any]) -> None:
    assert not firm.ids("people_creating_orders") & firm.ids("people_recording_invoices")
    assert answers["sod_same_human_PO_GR_and_IR"] == 0


def test_no_program_and_nobody_unknown_is_suspected(firm: Folded) -> None:
    suspected = {labels["person"] for _, labels in firm.fired("accounting.segregation_of_duties")}
    assert suspected
    assert all(person.startswith("user_") for person in suspected)


def test_no_other_rule_speaks_but_those_over_amounts(firm: Folded) -> None:
    rules = {said["data"]["rule"] for said in firm.said}
    assert rules == {
        "accounting.first_digit",
        "accounting.goods_not_invoiced",
        "accounting.invoice_before_goods",
        "accounting.line_unpaid",
        "accounting.paid_without_goods",
        "accounting.payment_blocked_long",
        "accounting.price_changed_after_invoice",
        "accounting.segregation_of_duties",
        "accounting.split_purchase",
        "accounting.three_way_mismatch",
    }

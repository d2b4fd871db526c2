"""Invoices and payments at the edges: what alerts say, what is corrected, and what several currencies do."""

from datetime import date
from typing import Any

import pytest

from schemas.accounting import (
    FindingReviewed,
    PaymentBlocked,
    PaymentLinked,
    PaymentUnblocked,
    VendorBankChanged,
    VendorClassified,
    VendorCreated,
)
from tests.office import instant
from tests.unit.departments.telling_accounting import (
    FAR,
    Said,
    acme,
    approved,
    day,
    eur,
    fired,
    invoice,
    office,
    order,
    paid,
    rejected,
    why_resolved,
)

DUPLICATE, LIMIT = "accounting.duplicate_invoice", "accounting.approval_limit"
SPLIT, OVERDUE = "accounting.split_purchase", "accounting.invoice_overdue"
UNLINKED, BANK = "accounting.payment_without_order", "accounting.bank_changed_before_payment"
BLOCKED = "accounting.payment_blocked_long"


def reviewed(rule: str, outcome: str = "justified", **identity: str) -> Said:
    told = {"rule": rule, "identity": identity, "by": "karl", "outcome": outcome}
    return acme(FindingReviewed.model_validate(told))


def test_what_is_known_of_a_vendor_stays_until_it_is_said_otherwise() -> None:
    firm = office().receives(acme(VendorCreated(created_by="dana", country="DE", vendor_class="gold")))
    firm.receives(acme(VendorCreated(created_by="dana")))
    state = firm.state("vendor/acme")
    assert (state.created_by, state.country, state.vendor_class) == ("dana", "DE", "gold")
    assert firm.receives(acme(VendorClassified(vendor_class="tin"))).state("vendor/acme").vendor_class == "tin"


# Duplicates


def test_a_duplicate_says_of_what_and_in_which_way() -> None:
    firm = office().receives(invoice("RE-1", number="INV-7"), invoice("RE-2", 99, number="inv 7"))
    assert firm.one(DUPLICATE).summary == "Invoice RE-2 of acme has the number of RE-1: inv 7"
    assert firm.one(DUPLICATE).labels == {"invoice": "RE-2", "original": "RE-1"}
    other = office().receives(invoice("RE-1"), invoice("RE-2"))
    assert other.one(DUPLICATE).summary == "Invoice RE-2 of acme has the amount and date of RE-1, under another number"


@pytest.mark.parametrize(
    "other",
    [
        invoice("RE-2", "500.01"),
        invoice("RE-2", issued_on=day("2026-01-03")),
        acme(invoice("RE-2")[1].model_copy(update={"amount": eur(500, "CHF")})),
    ],
)
def test_another_amount_date_or_currency_is_another_invoice(other: Said) -> None:
    assert office().receives(invoice("RE-1"), other).firing() == set()
    same = office().receives(invoice("RE-1", "500.00"), invoice("RE-2", "500.0"))
    assert same.firing() == {DUPLICATE}, "written with other zeros it is the same amount"


def test_a_copy_that_is_corrected_is_none_and_an_original_that_is_corrected_has_none() -> None:
    both = (invoice("RE-1", number="INV-7"), invoice("RE-2", 99, number="INV-7"))
    firm = office().receives(*both, invoice("RE-2", 99, number="INV-8"))
    assert why_resolved(firm, DUPLICATE) == ["it was received anew, corrected"]
    moved = office().receives(invoice("RE-1", number="INV-7"), invoice("RE-1", number="INV-9"))
    assert moved.receives(invoice("RE-2", 99, number="INV-7")).firing() == set()


def test_where_amounts_are_not_compared_only_numbers_are() -> None:
    firm = office(duplicate_window_days=None).receives(invoice("RE-1"), invoice("RE-2"))
    assert firm.firing() == set()
    assert firm.receives(invoice("RE-3", 99, number="RE-1")).firing() == {DUPLICATE}


def test_of_the_copies_of_a_rejected_invoice_the_first_that_stands_takes_its_place() -> None:
    firm = office().receives(*(invoice(f"RE-{n}", 100 + n, number="INV-7") for n in range(1, 5)))
    assert firm.ever_fired(DUPLICATE) == {"acme"}
    firm.receives(rejected("RE-2"), rejected("RE-1"))
    assert firm.one(DUPLICATE).labels == {"invoice": "RE-4", "original": "RE-3"}
    assert set(why_resolved(firm, DUPLICATE)) == {"it was rejected", "RE-1 was rejected"}
    firm.receives(invoice("RE-5", 105, number="INV-7"))
    assert fired(firm, DUPLICATE)[-1].labels == {"invoice": "RE-5", "original": "RE-3"}


def test_a_rejected_invoice_that_comes_again_stands_again_and_late_word_of_a_rejection_does_not_count() -> None:
    firm = office().at("2026-01-06").receives(invoice("RE-1")).receives(rejected(), time="2026-01-05T23:59")
    assert not firm.state("vendor/acme").invoice("RE-1").rejected
    firm.receives(rejected())
    assert firm.state("vendor/acme").invoice("RE-1").rejected
    assert not firm.at("2026-01-07").receives(invoice("RE-1")).state("vendor/acme").invoice("RE-1").rejected


# Approvals


def test_an_approval_above_the_limit_says_who_may_approve_how_much() -> None:
    firm = office().receives(invoice(amount=600), approved("RE-1", "ines", 500))
    assert firm.one(LIMIT).labels == {"invoice": "RE-1", "approver": "ines"}
    assert "ines approved RE-1 of acme over " in firm.one(LIMIT).summary
    assert why_resolved(firm.receives(approved("RE-1", "karl", 600)), LIMIT) == ["karl approved it too"]


@pytest.mark.parametrize(
    ("said", "fires"),
    [
        ([approved("RE-1", "ines", 500), rejected()], False),
        ([approved("RE-1", "ines", 500), approved("RE-1", "ines", 600)], False),  # her latest approval counts
        ([approved("RE-1", "ines", 600), approved("RE-1", "karl", 500)], False),  # ines covers it
        ([approved("RE-1", "ines", 500), approved("RE-1", "karl", 599)], True),
        ([approved("RE-1", "ines", 500), invoice(amount=500)], False),
    ],
)
def test_somebody_who_may_has_to_approve(said: list[Said], fires: bool) -> None:
    assert (LIMIT in office().receives(invoice(amount=600), *said).firing()) is fires


def test_a_limit_in_another_currency_is_trusted() -> None:
    said = acme(approved("RE-1", "ines")[1].model_copy(update={"approver_limit": eur(1, "CHF")}))
    assert LIMIT not in office().receives(invoice(amount=600), said).firing()


# Overdue


@pytest.mark.parametrize(
    ("when", "severity", "due", "says"),
    [
        ("2026-01-12T17:00:01", "warning", "2026-01-12T17:00", "was due on 2026-01-12 and is not paid"),
        ("2026-02-11T17:00:01", "error", "2026-02-11T17:00", "is 30 days overdue"),
        ("2026-04-13T17:00:01", "error", "2026-04-13T17:00", "is 90 days overdue"),  # the 12th is a Sunday
    ],
)
def test_an_overdue_invoice_says_how_late_it_is(when: str, severity: str, due: str, says: str) -> None:
    for alert in (
        office().receives(invoice(due=day("2026-01-12"))).at(when).one(OVERDUE),
        office().at(when).receives(invoice(due=day("2026-01-12"))).one(OVERDUE),
    ):
        assert (alert.severity, alert.due, alert.labels) == (severity, instant(due), {"invoice": "RE-1"})
        assert alert.summary.endswith(says)


def test_stages_are_said_in_their_order_and_an_amended_due_date_moves_them() -> None:
    firm = office(overdue_stages_days=[20, 10]).receives(invoice(due=day("2026-01-05"))).at("2026-01-16")
    assert [alert.summary.rpartition(" is ")[2] for alert in fired(firm, OVERDUE)][1:] == ["10 days overdue"]
    assert why_resolved(firm.receives(invoice(due=FAR)), OVERDUE) == ["it is due later"]
    assert dict(firm.state("vendor/acme").deadlines) == {"overdue/RE-1": instant("2030-01-01T17:00")}


@pytest.mark.parametrize(("cure", "says"), [(rejected(), "it was rejected"), (paid(invoice="RE-1"), "it is paid")])
def test_an_overdue_invoice_ends_as_it_does(cure: Said, says: str) -> None:
    firm = office().receives(invoice(due=day("2026-01-05"))).at("2026-01-08").receives(cure)
    assert why_resolved(firm, OVERDUE) == [says]
    assert dict(firm.state("vendor/acme").deadlines) == {}


def test_without_terms_an_invoice_without_a_day_is_never_due() -> None:
    assert office(payment_terms_days=None).receives(invoice(due=None)).at("2027-01-01").firing() == set()


@pytest.mark.parametrize("due", [date.min, date.max])
def test_a_mistyped_year_stops_nothing(due: date) -> None:
    firm = office().receives(invoice(due=due)).at("2026-02-01")
    assert (firm.firing(), firm.dead_letters) == ({OVERDUE} if due == date.min else set(), [])


def test_a_payment_of_another_invoice_or_currency_pays_nothing_until_it_is_said_again() -> None:
    firm = office().receives(invoice(due=day("2026-01-05")), paid(invoice="RE-2", order="PO"))
    firm.receives(acme(paid("PAY-2", invoice="RE-1", order="PO")[1].model_copy(update={"amount": eur(500, "CHF")})))
    assert firm.at("2026-01-06").firing() == {OVERDUE}
    assert firm.receives(paid(invoice="RE-1", order="PO")).firing() == set()
    state = firm.state("vendor/acme")
    assert (state.invoice("RE-2").paid, state.invoice("RE-2").payments) == ((), ())


@pytest.mark.parametrize("again", [paid(invoice="RE-3"), acme(PaymentLinked(payment="PAY-1", invoice="RE-3"))])
def test_a_payment_that_turns_out_to_be_for_another_invoice_leaves_the_first_one_unpaid(again: Said) -> None:
    firm = office().receives(invoice(due=day("2026-01-06"), order="PO"), acme(PaymentBlocked(invoice="RE-1")))
    firm.receives(paid(invoice="RE-1", order="PO"), again)
    assert firm.at("2026-01-06T17:00").firing() == set()
    assert firm.at("2026-01-06T17:00:01").firing() == {OVERDUE}
    assert firm.at("2026-01-19T08:00:01").firing() == {OVERDUE, BLOCKED}
    late = office().receives(invoice(due=day("2026-01-06"), order="PO"), paid(invoice="RE-1", order="PO"))
    assert late.at("2026-01-08").receives(again).firing() == {OVERDUE}


# Payments


def test_a_payment_without_a_purpose_says_which_and_over_how_much() -> None:
    alert = office().receives(paid()).one(UNLINKED)
    assert (alert.labels, alert.severity) == ({"payment": "PAY-1"}, "critical")
    assert alert.summary.startswith("Payment PAY-1 of ")
    assert alert.summary.endswith(" to acme has neither an order nor an approval")


def test_a_link_adds_to_what_is_known_of_a_payment() -> None:
    firm = office().receives(paid(order="PO-1"), acme(PaymentLinked(payment="PAY-1", invoice="RE-1")), paid())
    payment = firm.state("vendor/acme").payments["PAY-1"]
    assert (payment.order, payment.invoice, payment.amount) == ("PO-1", "RE-1", eur(500))
    assert firm.firing() == set()


@pytest.mark.parametrize(("on", "days"), [("2026-01-05", "0 days"), ("2026-01-19", "14 days")])
def test_a_payment_to_a_new_account_says_how_new_it_is(on: str, days: str) -> None:
    firm = office().receives(acme(VendorBankChanged()), paid(on=on, order="PO-1"))
    alert = firm.one(BANK)
    assert (alert.labels, len(alert.evidence)) == ({"payment": "PAY-1"}, 2)
    assert alert.summary.endswith(f" to acme went out {days} after its bank details changed")


def test_the_latest_change_of_bank_details_counts_on_its_day_where_accounting_works() -> None:
    firm = office(calendar={"time_zone": "Asia/Tokyo"}, bank_change_window_days=0).at("2026-01-20")
    firm.receives(acme(VendorBankChanged()), time="2026-01-06T16:00")
    firm.receives(acme(VendorBankChanged()), time="2026-01-05T16:00").receives(paid(on="2026-01-07", order="PO-1"))
    assert firm.firing() == {BANK}, "the 7th has begun in Tokyo"
    assert office().receives(acme(VendorBankChanged())).firing() == set(), "nothing was paid"


def test_a_change_after_several_payments_is_held_against_the_latest() -> None:
    said = (paid(f"PAY-{n}", on="2026-01-06", order="PO-1") for n in (1, 2))
    firm = office().receives(*said, acme(VendorBankChanged()))
    assert firm.one(BANK).identity == {"payment": "PAY-2"}


# Blocks


def test_a_forgotten_block_says_since_when_it_stands() -> None:
    alert = office().receives(invoice(), acme(PaymentBlocked(invoice="RE-1"))).at("2026-01-19T08:00:01").one(BLOCKED)
    assert (alert.due, alert.labels) == (instant("2026-01-19T08:00"), {"invoice": "RE-1"})
    assert alert.summary == "Invoice RE-1 of acme has been blocked since 2026-01-05"


@pytest.mark.parametrize(
    ("cure", "says"),
    [
        (acme(PaymentUnblocked(invoice="RE-1")), "it was unblocked"),
        (rejected(), "the invoice was rejected"),
        (paid(invoice="RE-1", order="PO-1"), "the invoice is paid"),
        (acme(PaymentLinked(payment="PAY-1", invoice="RE-1")), "the invoice is paid"),
    ],
)
def test_a_block_ends_as_it_does(cure: Said, says: str) -> None:
    firm = office().receives(invoice(), paid(order="PO-1"), acme(PaymentBlocked(invoice="RE-1"))).at("2026-01-20")
    assert why_resolved(firm.receives(cure), BLOCKED) == [says]
    assert "blocked/RE-1" not in firm.state("vendor/acme").deadlines


def test_a_block_told_late_counts_from_when_it_was_and_one_after_a_release_anew() -> None:
    firm = office().at("2026-01-08").receives(invoice(), acme(PaymentBlocked(invoice="RE-1")))
    firm.receives(acme(PaymentBlocked(invoice="RE-1")), time="2026-01-06")
    assert firm.at("2026-01-20T00:00:01").one(BLOCKED).due == instant("2026-01-20")
    firm.receives(acme(PaymentUnblocked(invoice="RE-1"))).at("2026-01-21")
    firm.receives(acme(PaymentBlocked(invoice="RE-1")))
    assert firm.at("2026-02-04").firing() == set()
    assert firm.at("2026-02-04T00:00:01").firing() == {BLOCKED}


def test_what_is_paid_by_a_discount_that_was_granted_meanwhile_is_neither_blocked_nor_overdue() -> None:
    firm = office().receives(invoice(due=day("2026-01-12")), acme(PaymentBlocked(invoice="RE-1")))
    firm.receives(paid(amount=400, invoice="RE-1", order="PO-1"))
    firm.told("accounting", {"cash_discount_percent": 20})
    assert firm.at("2026-03-01").firing() == set()


def test_a_release_at_the_very_instant_of_the_block_releases() -> None:
    said = (acme(PaymentUnblocked(invoice="RE-1")), acme(PaymentBlocked(invoice="RE-1")))
    assert office().receives(*said).at("2026-03-01").firing() == set()


# Split purchases


def test_a_split_purchase_names_its_parts_the_limit_and_the_first() -> None:
    firm = office().receives(*(order(f"PO-{n}", 4900) for n in range(3)))
    alert = firm.one(SPLIT)
    assert (alert.labels, len(alert.evidence)) == ({"limit": "5000 EUR", "first": "PO-0"}, 3)
    assert alert.summary.startswith("3 purchases of acme just under ")
    assert alert.summary.endswith(": PO-0, PO-1, PO-2")


def test_the_same_order_said_again_is_one_purchase_and_another_currency_is_another_limit() -> None:
    assert office().receives(*[order("PO-1", 4900)] * 3).firing() == set()
    swiss = (acme(order(f"PO-{n}", 4900)[1].model_copy(update={"total": eur(4900, "CHF")})) for n in range(3))
    assert office().receives(*swiss).firing() == set()


def test_purchases_near_several_limits_are_counted_for_each() -> None:
    limits = [{"amount": "1000"}, {"amount": "1010"}]
    firm = office(purchase_limits=limits, split_count=2).receives(order("PO-1", 990), order("PO-2", 990))
    assert {alert.identity["limit"] for alert in fired(firm, SPLIT)} == {"1000 EUR", "1010 EUR"}


def test_one_that_lies_within_a_week_of_the_last_joins_the_chain_of_the_first() -> None:
    days: Any = enumerate(("2026-01-05", "2026-01-08", "2026-01-12", "2026-01-15", "2026-01-30"))
    firm = office().receives(*(order(f"PO-{n}", 4900, on=on) for n, on in days))
    assert firm.one(SPLIT).identity["first"] == "PO-0"
    assert firm.one(SPLIT).summary.endswith(": PO-0, PO-1, PO-2, PO-3")
    firm.receives(reviewed(SPLIT, limit="5000 EUR", first="PO-0"))
    assert firm.receives(order("PO-5", 4900, on="2026-01-16")).firing() == set()

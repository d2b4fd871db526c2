"""Accounting's rules, each where it fires, where it just does not, and where it ends."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.accounting import department
from processors.departments.accounting.benford import chi_square, first_digit, significance
from processors.departments.accounting.duplicates import normalise
from schemas.accounting import (
    AuditFindingClosed,
    AuditFindingRecorded,
    AuditPlanned,
    AuditStep,
    AuditStepCompleted,
    FindingReviewed,
    GoodsReceived,
    InvoiceApproved,
    InvoiceLine,
    InvoiceReceived,
    InvoiceRejected,
    Matching,
    OrderLine,
    PaymentBlocked,
    PaymentLinked,
    PaymentMade,
    PaymentUnblocked,
    PersonAuthorised,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
    ReceivedLine,
    VendorBankChanged,
    VendorClassified,
    VendorCreated,
)
from schemas.envelope import Event
from schemas.money import Money
from tests.office import Office

Said = tuple[str, Event]

FAR = date(2030, 1, 1)
DUPLICATE, MISMATCH, LIMIT = (
    "accounting.duplicate_invoice",
    "accounting.three_way_mismatch",
    "accounting.approval_limit",
)
DUTIES, SPLIT, OVERDUE = "accounting.segregation_of_duties", "accounting.split_purchase", "accounting.invoice_overdue"
UNLINKED, BANK = "accounting.payment_without_order", "accounting.bank_changed_before_payment"
BLOCKED, DIGITS = "accounting.payment_blocked_long", "accounting.first_digit"


def office(**told: Any) -> Office:
    return Office(partitions=1, processors=[department], settings={"accounting": told} if told else None)


def eur(amount: str | int | Decimal) -> Money:
    return Money(amount=Decimal(amount))


def day(text: str) -> date:
    return date.fromisoformat(text)


def acme(event: Event) -> Said:
    return "vendor/acme", event


def invoice(id: str, number: str | None = None, amount: str | int = 500, due: date | None = FAR, **more: Any) -> Said:
    issued = more.pop("issued", day("2026-01-02"))
    received = InvoiceReceived(
        invoice=id, number=number or id, amount=eur(amount), issued_on=issued, due_on=due, **more
    )
    return acme(received)


def rejected(id: str) -> Said:
    return acme(InvoiceRejected(invoice=id, by="hugo"))


def approved(id: str, by: str, limit: str | int | None = None) -> Said:
    return acme(InvoiceApproved(invoice=id, approver=by, approver_limit=eur(limit) if limit else None))


def paid(id: str, amount: str | int = 500, on: str = "2026-01-05", **more: Any) -> Said:
    return acme(PaymentMade(payment=id, amount=eur(amount), paid_on=day(on), **more))


def order(id: str, total: str | int = 1000, on: str = "2026-01-05", **more: Any) -> Said:
    return acme(PurchaseOrderCreated(order=id, total=eur(total), ordered_on=day(on), **more))


def reviewed(rule: str, outcome: str = "justified", until: Any = None, **identity: str) -> Said:
    return acme(FindingReviewed(rule=rule, identity=identity, by="karl", outcome=outcome, until=until))


# The same invoice must not be paid twice.


def test_the_same_number_from_the_same_vendor_is_a_duplicate_even_a_year_later() -> None:
    firm = office().at("2026-01-05").receives(invoice("RE-1", "INV-7"))
    firm.at("2027-01-05").receives(invoice("RE-2", "INV-7", amount=99))
    found = firm.one(DUPLICATE)
    assert (found.severity, found.identity) == ("error", {"invoice": "RE-2"})
    assert len(found.evidence) == 2


@pytest.mark.parametrize("again", ["inv-7", "INV 7", "INV-007", "Inv/7", " inv.0007 ", "INV7"])
def test_what_people_type_differently_is_the_same_number(again: str) -> None:
    assert office().receives(invoice("RE-1", "INV-7"), invoice("RE-2", again, amount=99)).firing() == {DUPLICATE}


@pytest.mark.parametrize("other", ["INV-70", "INV-8", "7", "NV-7"])
def test_another_number_is_another_invoice(other: str) -> None:
    assert office().receives(invoice("RE-1", "INV-7"), invoice("RE-2", other, amount=99)).firing() == set()


def test_a_number_of_punctuation_alone_is_kept_as_it_is() -> None:
    assert normalise("--") == "--"


def test_the_same_number_from_another_vendor_is_no_duplicate() -> None:
    _, event = invoice("RE-2", "INV-7")
    assert office().receives(invoice("RE-1", "INV-7"), ("vendor/other", event)).firing() == set()


def test_the_same_document_told_again_is_no_duplicate() -> None:
    assert office().receives(invoice("RE-1", "INV-7"), invoice("RE-1", "INV-7")).firing() == set()


@pytest.mark.parametrize(("when", "fires"), [("2026-01-12T08:00", True), ("2026-01-12T08:01", False)])
def test_the_same_amount_and_date_under_another_number_is_suspicious_for_seven_days(when: str, fires: bool) -> None:
    firm = office().at("2026-01-05T08:00").receives(invoice("RE-1", "A-1")).at(when).receives(invoice("RE-2", "B-2"))
    assert firm.firing() == ({DUPLICATE} if fires else set())
    assert not fires or firm.one(DUPLICATE).severity == "warning"


def test_a_duplicate_ends_when_it_is_rejected() -> None:
    firm = office().receives(invoice("RE-1", "INV-7"), invoice("RE-2", "INV-7"), rejected("RE-2"))
    assert firm.firing() == set()


def test_when_the_first_is_rejected_the_second_takes_its_place() -> None:
    firm = office().receives(*(invoice(f"RE-{n}", "INV-7") for n in (1, 2, 3)), rejected("RE-1"))
    assert firm.one(DUPLICATE).labels == {"invoice": "RE-3", "original": "RE-2"}


def test_a_number_may_be_used_again_once_its_invoice_was_rejected() -> None:
    assert office().receives(invoice("RE-1", "INV-7"), rejected("RE-1"), invoice("RE-2", "INV-7")).firing() == set()


@pytest.mark.parametrize(
    ("outcome", "left"), [("distinct", set()), ("accepted", {DUPLICATE}), ("confirmed", {DUPLICATE})]
)
def test_only_a_review_as_distinct_clears_a_duplicate(outcome: str, left: set[str]) -> None:
    firm = office().receives(invoice("RE-1", "INV-7"), invoice("RE-2", "INV-7"))
    firm.receives(reviewed(DUPLICATE, outcome, invoice="RE-2"))
    assert firm.firing() == left
    assert firm.receives(invoice("RE-2", "INV-7")).firing() == left


# Order, goods and invoice agree.


def bought(quantity: int | None = 10, value: str | int = 1000, matching: Matching = "three_way") -> Said:
    count = Decimal(quantity) if quantity is not None else None
    return order("PO-1", lines=(OrderLine(line="1", quantity=count, value=eur(value), matching=matching),))


def came(quantity: str | None, value: str | None = None) -> Said:
    line = ReceivedLine(line="1", quantity=Decimal(quantity) if quantity else None, value=eur(value) if value else None)
    return acme(GoodsReceived(order="PO-1", receipt="GR-1", lines=(line,), received_by="finn"))


def charged(quantity: str | None, value: str | int, id: str = "RE-1", currency: str = "EUR") -> Said:
    money = Money(amount=Decimal(value), currency=currency)
    line = InvoiceLine(line="1", quantity=Decimal(quantity) if quantity else None, value=money)
    return invoice(id, amount=value, order="PO-1", lines=(line,))


@pytest.mark.parametrize(
    ("said", "fires"),
    [
        ([bought(), came("10"), charged("10", 1000)], False),
        ([bought(), charged("10", 1000)], False),  # goods may follow
        ([bought(), came("5"), charged("5", 500)], False),  # a part
        ([bought(), came("5"), charged("10", 1000)], True),
        ([bought(), came("10"), charged("11", 1100)], True),
        ([bought(100, 100), came("102"), charged("102", 102)], False),  # exactly 2 %
        ([bought(100, 100), came("103"), charged("103", 103)], True),
        ([bought(), came("10"), charged("10", "1010")], False),  # exactly 10 units, 1 %
        ([bought(), came("10"), charged("10", "1010.01")], True),
        ([bought(10, 100), came("10"), charged("10", "102")], False),  # exactly 2 %
        ([bought(10, 100), came("10"), charged("10", "102.01")], True),
        ([bought(), came("5"), charged("5", 600)], True),  # the price
        ([bought(), came("20"), charged("10", 1000)], True),  # too much came
        ([bought(None), came(None), charged(None, 1000)], False),
        ([bought(None), came(None), charged(None, 1011)], True),
        ([bought(None), came(None, "500"), charged(None, 1000)], False),
        ([bought(matching="goods_based"), charged("10", 1000)], True),
        ([bought(matching="goods_based"), came("10"), charged("10", 1000)], False),
        ([bought(matching="two_way"), came("5"), charged("10", 1000)], False),
        ([bought(matching="none"), came("5"), charged("99", 9000)], False),
        ([bought(), came("10"), charged("10", 1000, currency="USD")], True),
        ([charged("10", 1000)], False),  # nothing to compare with yet
        ([charged("11", 1100), came("10"), bought()], True),  # in any order
        ([bought(), came("10"), charged("6", 600), charged("6", 600, id="RE-2")], True),
    ],
)
def test_three_way_match(said: list[Said], fires: bool) -> None:
    assert (MISMATCH in office().receives(*said).firing()) is fires


def test_a_mismatch_ends_when_the_goods_come() -> None:
    firm = office().receives(bought(matching="goods_based"), charged("10", 1000))
    assert firm.one(MISMATCH).identity == {"order": "PO-1", "line": "1"}
    assert MISMATCH not in firm.receives(came("10")).firing()


def test_a_mismatch_ends_when_the_invoice_is_rejected_or_corrected_or_the_order_changed() -> None:
    wrong = (bought(), came("10"), charged("11", 1100))
    changed = PurchaseOrderChanged(order="PO-1", lines=(OrderLine(line="1", value=eur(1100), matching="none"),))
    for cure in (rejected("RE-1"), charged("10", 1000), acme(changed)):
        assert MISMATCH not in office().receives(*wrong, cure).firing()


# Nobody approves more than they may.


@pytest.mark.parametrize(("amount", "fires"), [("5000", False), ("5000.01", True)])
def test_an_approval_above_the_limit_fires(amount: str, fires: bool) -> None:
    firm = office().receives(invoice("RE-1", amount=amount), approved("RE-1", "ines", 5000))
    assert (LIMIT in firm.firing()) is fires


def test_who_names_no_limit_has_the_usual_one() -> None:
    firm = office(approval_limit_default={"amount": 400}).receives(invoice("RE-1"), approved("RE-1", "ines"))
    assert firm.one(LIMIT).severity == "critical"


def test_an_approval_may_come_before_its_invoice() -> None:
    assert office().receives(approved("RE-1", "ines", 100), invoice("RE-1")).firing() == {LIMIT}


def test_a_second_approval_by_somebody_who_may_ends_it() -> None:
    firm = office().receives(invoice("RE-1"), approved("RE-1", "ines", 100))
    assert LIMIT in firm.receives(approved("RE-1", "jon", 200)).firing()
    assert LIMIT not in firm.receives(approved("RE-1", "karl", 500)).firing()


def test_where_a_second_signature_is_enough_it_ends_it() -> None:
    firm = office(second_approval_needs_limit=False).receives(invoice("RE-1"), approved("RE-1", "ines", 100))
    assert LIMIT in firm.receives(approved("RE-1", "ines", 100)).firing()
    assert LIMIT not in firm.receives(approved("RE-1", "jon", 100)).firing()


# Nobody does two incompatible things in one purchase.


def acts_of(duty: str, person: str) -> Said:
    return {
        "create_vendor": acme(VendorCreated(created_by=person)),
        "create_order": order("PO-1", created_by=person),
        "receive_goods": acme(
            GoodsReceived(order="PO-1", receipt="GR-1", lines=(ReceivedLine(line="1"),), received_by=person)
        ),
        "record_invoice": invoice("RE-1", order="PO-1", recorded_by=person),
        "approve": approved("RE-1", person, 50_000),
        "pay": paid("PAY-1", invoice="RE-1", paid_by=person),
    }[duty]


ALL_DUTIES = ("create_vendor", "create_order", "receive_goods", "record_invoice", "approve", "pay")


@pytest.mark.parametrize(("one", "other"), department.settings().incompatible_duties)  # type: ignore[attr-defined]
def test_two_incompatible_duties_of_one_person_fire(one: str, other: str) -> None:
    firm = office().receives(*(acts_of(d, "olaf" if d in (one, other) else d) for d in ALL_DUTIES))
    found = firm.one(DUTIES)
    assert found.identity == {"purchase": "PO-1", "person": "olaf"}
    assert found.severity == "critical"
    of_an_order = {"record_invoice"} if {one, other} & {"approve", "pay"} else set()
    assert len(found.evidence) == len({one, other} | of_an_order), "the invoice says of which order it is"


def test_six_people_may_do_the_six_duties() -> None:
    assert DUTIES not in office().receives(*(acts_of(d, d) for d in ALL_DUTIES)).firing()


def test_one_person_may_order_in_one_purchase_and_approve_in_another() -> None:
    said = [order("PO-1", created_by="olaf"), invoice("RE-2", order="PO-2"), approved("RE-2", "olaf")]
    assert DUTIES not in office().receives(*said).firing()


def test_an_approval_before_the_invoice_counts_for_its_order_too() -> None:
    said = [order("PO-1", created_by="olaf"), approved("RE-1", "olaf"), invoice("RE-1", order="PO-1")]
    assert DUTIES in office().receives(*said).firing()


def test_what_a_batch_run_does_counts_for_nobody() -> None:
    firm = office(system_users=["batch"]).receives(*(acts_of(d, "batch") for d in ALL_DUTIES[1:]))
    assert DUTIES not in firm.firing()


def test_a_review_ends_it_and_is_remembered_until_it_lapses() -> None:
    firm = office().receives(
        order("PO-1", created_by="olaf"), *(acts_of(d, "olaf") for d in ("record_invoice", "approve"))
    )
    firm.receives(reviewed(DUTIES, until="2026-02-01T00:00:00Z", purchase="PO-1", person="olaf"))
    assert DUTIES not in firm.at("2026-01-20").receives(acts_of("approve", "olaf")).firing()
    assert DUTIES in firm.at("2026-02-02").receives(acts_of("approve", "olaf")).firing()


def test_a_review_that_names_nothing_or_is_over_changes_nothing() -> None:
    firm = office().receives(
        order("PO-1", created_by="olaf"), *(acts_of(d, "olaf") for d in ("record_invoice", "approve"))
    )
    firm.receives(reviewed(DUTIES), reviewed(DUTIES, until="2026-01-01T00:00:00Z", purchase="PO-1", person="olaf"))
    assert DUTIES in firm.firing()


# Purchases are not split to stay under a limit.


@pytest.mark.parametrize(
    ("amounts", "days", "fires"),
    [
        (("4900", "4800", "4999.99"), (5, 8, 12), True),
        (("4900", "4800", "4999.99"), (5, 8, 13), False),  # eight days
        (("4900", "4800"), (5, 5), False),
        (("4900", "4800", "4500"), (5, 5, 5), True),  # exactly 10 % below
        (("4900", "4800", "4499.99"), (5, 5, 5), False),
        (("4900", "4800", "5000"), (5, 5, 5), False),  # not under it
        (("4900", "4800", "9900"), (5, 5, 5), False),  # another limit
        (("4900", "4800", "4700"), (12, 5, 9), True),  # in any order
    ],
)
def test_three_purchases_just_under_a_limit_within_a_week(
    amounts: tuple[str, ...], days: tuple[int, ...], fires: bool
) -> None:
    said = [order(f"PO-{n}", a, f"2026-01-{d:02}") for n, (a, d) in enumerate(zip(amounts, days, strict=True))]
    assert office().receives(*said).firing() == ({SPLIT} if fires else set())


def test_an_order_and_its_invoice_are_one_purchase() -> None:
    said = [order("PO-1", 4900), invoice("RE-1", amount=4900, order="PO-1"), order("PO-2", 4900)]
    assert SPLIT not in office().receives(*said).firing()


def test_invoices_without_an_order_count_and_further_ones_join() -> None:
    split = [invoice(f"RE-{n}", amount=4900 + n, issued=day("2026-01-05")) for n in range(4)]
    firm = office().receives(*split)
    assert firm.one(SPLIT).identity == {"limit": "5000 EUR", "first": "RE-0"}
    assert firm.one(SPLIT).summary.startswith("4 purchases")


def test_after_a_review_it_takes_three_new_ones() -> None:
    firm = office().receives(*(order(f"PO-{n}", 4900) for n in range(3)))
    firm.receives(reviewed(SPLIT, limit="5000 EUR", first="PO-0"), order("PO-3", 4900), order("PO-4", 4900))
    assert SPLIT not in firm.firing()
    assert firm.receives(order("PO-5", 4900)).one(SPLIT).identity["first"] == "PO-3"


# Invoices are paid when they are due.


def test_an_unpaid_invoice_is_overdue_at_closing_time_and_gets_worse() -> None:
    firm = office().receives(invoice("RE-1", due=day("2026-01-12")))
    assert OVERDUE not in firm.passes("2026-01-12T17:00").firing()
    assert firm.passes("2026-01-12T17:01").one(OVERDUE).severity == "warning"
    for when, says in (("2026-02-11", "30 days"), ("2026-03-13", "60 days"), ("2026-04-13", "90 days")):
        firm.passes(f"{when}T17:01")
        assert (firm.one(OVERDUE).severity, says in firm.one(OVERDUE).summary) == ("error", True)
    assert firm.state("vendor/acme").deadlines == {}


def test_an_invoice_due_on_a_sunday_may_be_paid_on_monday() -> None:
    firm = office().receives(invoice("RE-1", due=day("2026-01-11")))
    assert OVERDUE not in firm.passes("2026-01-12T16:59").firing()


def test_without_a_due_date_the_usual_terms_hold() -> None:
    firm = office().receives(invoice("RE-1", due=None, issued=day("2026-01-02")))
    assert OVERDUE not in firm.passes("2026-02-02T17:00").firing()  # the 1st is a Sunday
    assert OVERDUE in firm.passes("2026-02-02T17:01").firing()


@pytest.mark.parametrize(
    ("cure", "left"),
    [
        ([rejected("RE-1")], False),
        ([paid("PAY-1", invoice="RE-1")], False),
        ([paid("PAY-1", amount=200, invoice="RE-1")], True),
        ([paid("PAY-1", amount=200, invoice="RE-1"), paid("PAY-2", amount=300, invoice="RE-1")], False),
        ([paid("PAY-1", amount=485, invoice="RE-1")], False),  # 3 % cash discount
        ([paid("PAY-1", amount="484.99", invoice="RE-1")], True),
        ([paid("PAY-1"), acme(PaymentLinked(payment="PAY-1", invoice="RE-1"))], False),
        ([paid("PAY-1", amount=250, invoice="RE-1"), paid("PAY-1", amount=250, invoice="RE-1")], True),  # told twice
        ([invoice("RE-1", due=FAR)], False),  # due later after all
    ],
)
def test_what_ends_an_overdue_invoice(cure: list[Said], left: bool) -> None:
    late = office().receives(invoice("RE-1", due=day("2026-01-12"))).at("2026-02-20")
    assert late.one(OVERDUE).severity == "error"
    assert (OVERDUE in late.receives(*cure).firing()) is left
    on_time = office().receives(invoice("RE-1", due=day("2026-01-12"))).receives(*cure).at("2026-01-20")
    assert (OVERDUE in on_time.firing()) is left


def test_a_part_payment_does_not_say_it_all_again() -> None:
    firm = office().receives(invoice("RE-1", due=day("2026-01-12"))).at("2026-02-20")
    said = len(firm.signals(OVERDUE))
    assert len(firm.receives(paid("PAY-1", 10, invoice="RE-1")).at("2026-02-21").signals(OVERDUE)) == said


def test_a_credit_note_is_never_overdue() -> None:
    assert office().receives(invoice("RE-1", amount=-50, due=day("2026-01-12"))).at("2027-01-01").firing() == set()


def test_a_payment_known_before_its_invoice_counts() -> None:
    firm = office().receives(paid("PAY-1", invoice="RE-1"), invoice("RE-1", due=day("2026-01-12"))).at("2026-02-01")
    assert OVERDUE not in firm.firing()


# Payments have a purpose, and go to an account that was not just changed.


@pytest.mark.parametrize(
    ("said", "fires"),
    [
        ([paid("PAY-1")], True),
        ([invoice("RE-1"), paid("PAY-1", invoice="RE-1")], True),
        ([invoice("RE-1"), approved("RE-1", "hugo"), paid("PAY-1", invoice="RE-1")], False),
        ([invoice("RE-1", order="PO-1"), paid("PAY-1", invoice="RE-1")], False),
        ([paid("PAY-1", order="PO-1")], False),
        ([acme(PaymentLinked(payment="PAY-1", order="PO-1")), paid("PAY-1")], False),
    ],
)
def test_a_payment_needs_an_order_or_an_approval(said: list[Said], fires: bool) -> None:
    assert (UNLINKED in office().receives(*said).firing()) is fires


@pytest.mark.parametrize(
    "cure",
    [acme(PaymentLinked(payment="PAY-1", order="PO-1")), invoice("RE-1", order="PO-1"), approved("RE-1", "hugo")],
)
def test_a_payment_gets_its_purpose_when_it_is_linked(cure: Said) -> None:
    firm = office().receives(paid("PAY-1", invoice="RE-1"))
    assert firm.one(UNLINKED).identity == {"payment": "PAY-1"}
    assert UNLINKED not in firm.receives(cure).firing()


@pytest.mark.parametrize(
    ("on", "fires"), [("2026-01-05", True), ("2026-01-19", True), ("2026-01-20", False), ("2026-01-04", False)]
)
def test_a_payment_within_14_days_of_new_bank_details_is_critical(on: str, fires: bool) -> None:
    change, payment = acme(VendorBankChanged(changed_by="dana")), paid("PAY-1", on=on, order="PO-1")
    for said in ([change, payment], [payment, change]):
        assert office().receives(*said).firing() == ({BANK} if fires else set())


def test_a_review_clears_the_payment() -> None:
    firm = office().receives(acme(VendorBankChanged()), paid("PAY-1", order="PO-1"), reviewed(BANK, payment="PAY-1"))
    assert firm.receives(paid("PAY-1", order="PO-1")).firing() == set()


# Blocks are not forgotten.


def test_a_block_may_stand_for_14_days() -> None:
    firm = office().at("2026-01-05T08:00").receives(invoice("RE-1"), acme(PaymentBlocked(invoice="RE-1")))
    firm.at("2026-01-10").receives(acme(PaymentBlocked(invoice="RE-1", reason="still")))
    assert firm.passes("2026-01-19T08:00").firing() == set()
    assert firm.passes("2026-01-19T08:01").one(BLOCKED).identity == {"invoice": "RE-1"}


@pytest.mark.parametrize(
    "cure", [acme(PaymentUnblocked(invoice="RE-1")), rejected("RE-1"), paid("P", invoice="RE-1", order="PO")]
)
def test_what_ends_a_block(cure: Said) -> None:
    blocked = invoice("RE-1"), acme(PaymentBlocked(invoice="RE-1"))
    assert office().receives(*blocked).at("2026-02-01").receives(cure).firing() == set()
    assert office().receives(*blocked, cure).at("2026-02-01").firing() == set()


def test_a_release_that_overtakes_its_block_still_releases() -> None:
    firm = office().at("2026-01-06").receives(acme(PaymentUnblocked(invoice="RE-1")))
    firm.receives(acme(PaymentBlocked(invoice="RE-1")), time="2026-01-05")
    assert firm.at("2026-02-01").firing() == set()


# Amounts follow Benford's law.


def amounts(firm: Office, digits: list[int]) -> Office:
    return firm.receives(*(invoice(f"RE-{n}", amount=f"{d}1.{n:04}") for n, d in enumerate(digits)))


BENFORDS = [1] * 91 + [2] * 53 + [3] * 37 + [4] * 29 + [5] * 24 + [6] * 20 + [7] * 17 + [8] * 15 + [9] * 14


def test_amounts_as_they_grow_are_in_line() -> None:
    assert len(BENFORDS) == 300
    assert DIGITS not in amounts(office(), BENFORDS).firing()


def test_invented_amounts_stray_but_not_before_there_are_300() -> None:
    firm = amounts(office(), [n % 9 + 1 for n in range(299)])
    assert DIGITS not in firm.firing()
    assert firm.receives(invoice("RE-last", amount="91.99")).one(DIGITS).severity == "info"


def test_the_first_digits_come_back_in_line() -> None:
    firm = amounts(office(first_digit_min_invoices=50), [9] * 50)
    assert DIGITS in firm.firing()
    firm.receives(*(invoice(f"RE-{n}", f"X{n}", amount=f"{d}1.{n:04}") for n, d in enumerate(BENFORDS)))
    assert DIGITS not in firm.firing()


def test_the_chi_square_test_agrees_with_the_tables() -> None:
    assert significance(26.1245) == pytest.approx(0.001, rel=1e-3)  # 8 degrees of freedom
    assert significance(15.5073) == pytest.approx(0.05, rel=1e-3)
    assert chi_square((0,) * 9) == 0
    assert [first_digit(Decimal(a)) for a in ("0.07", "-310", "0", "1E+3")] == [7, 3, 0, 1]


# Audits keep to their plan.


def audit(event: Event) -> Said:
    return "audit/A-1", event


PLAN = AuditPlanned(
    steps=(
        AuditStep(step="kick-off", due_on=day("2026-01-07")),
        AuditStep(step="stocktaking", due_on=day("2026-01-14"), needs=("kick-off",)),
    )
)


def test_an_audit_step_is_overdue_at_closing_time_until_it_is_done() -> None:
    firm = office().receives(audit(PLAN))
    assert firm.passes("2026-01-07T17:00").firing() == set()
    assert firm.passes("2026-01-07T17:01").one("accounting.audit_step_overdue").identity == {"step": "kick-off"}
    assert firm.receives(audit(AuditStepCompleted(step="kick-off"))).firing() == set()


def test_a_new_plan_ends_what_was_overdue() -> None:
    firm = office().receives(audit(PLAN)).at("2026-01-08")
    later = AuditPlanned(steps=(AuditStep(step="kick-off", due_on=day("2026-01-20")),))
    assert firm.receives(audit(later)).firing() == set()
    assert firm.passes("2026-01-21").firing() == {"accounting.audit_step_overdue"}


def test_a_step_that_a_new_plan_leaves_out_is_not_due() -> None:
    firm = office().receives(audit(PLAN), audit(AuditPlanned(steps=())))
    assert firm.passes("2026-03-01").firing() == set()


def test_a_step_before_the_one_it_needs_is_out_of_order() -> None:
    firm = office().receives(audit(PLAN), audit(AuditStepCompleted(step="stocktaking")))
    assert firm.one("accounting.audit_out_of_order").identity == {"step": "stocktaking"}
    assert firm.receives(audit(AuditStepCompleted(step="kick-off"))).firing() == set()


def test_steps_done_before_they_were_planned_count() -> None:
    firm = office().receives(audit(AuditStepCompleted(step="kick-off")), audit(PLAN)).at("2026-01-10")
    assert firm.receives(audit(AuditStepCompleted(step="stocktaking"))).at("2026-03-01").firing() == set()


def test_a_finding_is_open_past_its_date_until_it_is_closed() -> None:
    firm = office().receives(audit(AuditFindingRecorded(finding="F-1", due_on=day("2026-01-09"))))
    assert firm.passes("2026-01-09T17:00").firing() == set()
    assert firm.passes("2026-01-09T17:01").one("accounting.audit_finding_open").severity == "error"
    assert firm.receives(audit(AuditFindingClosed(finding="F-1"))).firing() == set()


def test_a_finding_closed_before_it_was_recorded_is_closed() -> None:
    firm = office().receives(audit(AuditFindingClosed(finding="F-1")))
    firm.receives(audit(AuditFindingRecorded(finding="F-1", due_on=day("2026-01-09"))))
    assert firm.passes("2026-02-01").firing() == set()


# All of it together.


def test_the_latest_authorisation_of_a_person_holds_whichever_comes_last() -> None:
    firm = office().at("2026-01-07")
    firm.receives(("person/ines", PersonAuthorised(approval_limit=eur(900))), time="2026-01-06")
    firm.receives(("person/ines", PersonAuthorised(approval_limit=eur(100))), time="2026-01-05")
    assert firm.state("person/ines").approval_limit == eur(900)


PURCHASE = (
    bought(),
    came("10"),
    charged("10", 1000),
    approved("RE-1", "hugo", 5000),
    paid("PAY-1", 1000, invoice="RE-1", paid_by="ida"),
)


@settings(max_examples=15, deadline=None)
@given(said=st.permutations(PURCHASE))
def test_an_honest_purchase_ends_quiet_in_whatever_order_it_is_heard(said: list[Said]) -> None:
    firm = office().receives(*said).passes("2026-12-01")
    assert (firm.firing(), firm.dead_letters) == (set(), [])


@settings(max_examples=10, deadline=None)
@given(again=st.lists(st.integers(0, 4), max_size=6))
def test_what_is_heard_twice_changes_nothing(again: list[int]) -> None:
    said = (*PURCHASE[:3], approved("RE-1", "olaf", 10), paid("PAY-1", 10, invoice="RE-1", paid_by="olaf"))
    once, twice = office(), office()
    for n, happening in enumerate(said):
        once.receives(happening, id=f"e{n}")
        twice.receives(happening, id=f"e{n}")
    for n in again:
        twice.receives(said[n], id=f"e{n}")
    assert twice.conditions().keys() == once.conditions().keys()
    assert len(twice.signals()) == len(once.signals()) > 0


def test_every_rule_of_accounting_is_tried_here() -> None:
    tried = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_accounting*.py"))
    assert [rule.name for rule in department.rules if f'"{rule.name}"' not in tried] == []


# Settings by label

GOLD = {"matchers": ['vendor_class="gold"'], "set": {"payment_terms_days": 10}}


def test_a_gold_vendor_is_paid_sooner() -> None:
    firm = office(overrides=[GOLD]).at("2026-01-05T08:00")
    for vendor, vendor_class in (("acme", "gold"), ("globex", "silver")):
        firm.receives((f"vendor/{vendor}", VendorCreated(created_by="dana", vendor_class=vendor_class)))
        firm.receives((f"vendor/{vendor}", undated_invoice()))
    firm.at("2026-01-15T17:00")  # a Thursday, ten days after: closing time
    assert firm.ever_fired(OVERDUE) == set()
    firm.at("2026-01-15T17:00:01")
    assert firm.ever_fired(OVERDUE) == {"acme"}
    assert firm.one(OVERDUE).settings["payment_terms_days"] == 10
    firm.at("2026-02-04T17:00:01")
    assert firm.ever_fired(OVERDUE) == {"acme", "globex"}


def test_a_vendor_of_another_class_is_paid_by_its_terms_from_the_next_event_of_the_invoice_on() -> None:
    firm = office(overrides=[GOLD]).at("2026-01-05T08:00").receives(("vendor/acme", undated_invoice()))
    firm.receives(("vendor/acme", VendorClassified(vendor_class="gold")), ("vendor/acme", undated_invoice()))
    assert firm.at("2026-01-15T17:00:01").firing() == {OVERDUE}


def undated_invoice() -> InvoiceReceived:
    amount = Money(amount=Decimal("980.00"))
    return InvoiceReceived(invoice="D-1", number="INV-7", issued_on=date(2026, 1, 5), amount=amount)


def test_a_vendor_abroad_is_paid_by_its_own_calendar() -> None:
    there = {"calendar": {"time_zone": "America/New_York"}}
    firm = office(payment_terms_days=10, overrides=[{"matchers": ['country="US"'], "set": there}])
    firm.at("2026-01-05T08:00").receives(("vendor/acme", VendorCreated(created_by="dana", country="US")))
    firm.receives(("vendor/acme", undated_invoice()))
    assert firm.at("2026-01-15T22:00").firing() == set(), "17:00 in New York is 22:00 in UTC"
    assert firm.at("2026-01-15T22:00:01").firing() == {OVERDUE}

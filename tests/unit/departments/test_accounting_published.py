"""What accounting tells others: who did what, who approved, what late invoices cost; and what it measures."""

from decimal import Decimal
from typing import Any

import pytest

from processors.departments.accounting import department
from schemas.accounting import (
    FindingReviewed,
    GoodsCancelled,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceIssued,
    InvoiceLine,
    OrderLine,
    OrderLineDeleted,
    PaymentBlocked,
    PaymentUnblocked,
    PersonAuthorised,
    PurchaseOrderChanged,
    ReceivedLine,
    VendorCreated,
)
from schemas.envelope import Event
from schemas.facts import DutyDone, EligibilityAsked, ImpactReported
from schemas.facts import FindingReviewed as HandedOn
from tests.office import Office, instant
from tests.unit.departments.telling_accounting import (
    Said,
    acme,
    approved,
    day,
    eur,
    invoice,
    office,
    order,
    paid,
    rejected,
)


def told(firm: Office, *types: type[Event]) -> list[tuple[str, Any, str]]:
    """What was told: the subject, the fact without its record, and the id of that record."""
    facts: list[Any] = firm.said(*types)
    return [(fact.about.subject, fact.model_copy(update={"record": None}), fact.record.id) for fact in facts]


# Who did what


def test_each_duty_of_a_purchase_is_told_once_by_the_words_of_all_departments() -> None:
    received = GoodsReceived(order="PO-1", receipt="GR", lines=(ReceivedLine(line="1"),), received_by="finn")
    firm = office().receives(acme(VendorCreated(created_by="dana")), id="created")
    firm.receives(order(created_by="olaf"), id="ordered").receives(acme(received), id="came")
    firm.receives(invoice(order="PO-1", recorded_by="rita"), id="recorded").receives(
        approved("RE-1", "hugo", 900), id="approved"
    )
    firm.receives(acme(PaymentUnblocked(invoice="RE-1", by="gina")), id="released")
    firm.receives(paid(invoice="RE-1", paid_by="ida"), id="paid").receives(approved("RE-1", "hugo", 900), id="again")
    assert told(firm, DutyDone) == [
        ("vendor/acme", DutyDone(person="dana", duty="create_vendor", reference="acme"), "created"),
        ("vendor/acme", DutyDone(person="olaf", duty="place_order", reference="PO-1"), "ordered"),
        ("vendor/acme", DutyDone(person="finn", duty="receive_goods", reference="PO-1"), "came"),
        ("vendor/acme", DutyDone(person="rita", duty="record_invoice", reference="PO-1"), "recorded"),
        ("vendor/acme", DutyDone(person="hugo", duty="approve_invoice", reference="PO-1"), "approved"),
        ("vendor/acme", DutyDone(person="gina", duty="release_payment", reference="PO-1"), "released"),
        ("vendor/acme", DutyDone(person="ida", duty="pay", reference="PO-1"), "paid"),
    ]


def test_a_purchase_without_an_order_is_its_invoice_or_its_payment() -> None:
    firm = office().receives(invoice(recorded_by="rita"), paid(paid_by="ida"))
    assert [(fact.person, fact.reference) for _, fact, _ in told(firm, DutyDone)] == [
        ("rita", "RE-1"),
        ("ida", "PAY-1"),
    ]


def test_who_created_the_vendor_is_told_again_when_it_was_somebody_else() -> None:
    said = (acme(VendorCreated(created_by=who)) for who in ("dana", "dana", "olaf", None, "batch"))
    firm = office(system_users=["batch"]).receives(*said)
    assert [(fact.person, fact.holds, fact.revision) for _, fact, _ in told(firm, DutyDone)] == [
        ("dana", True, 1),
        ("dana", False, 2),
        ("olaf", True, 3),
        ("olaf", False, 4),
    ]


def test_a_review_of_what_all_departments_found_is_handed_on_and_one_of_its_own_is_not() -> None:
    review = FindingReviewed(
        rule="accounting.duties_across_departments", identity={"person": "olaf"}, by="karl", outcome="accepted"
    )
    own = FindingReviewed(rule="accounting.split_purchase", identity={}, by="karl", outcome="accepted")
    firm = office().receives(acme(review), acme(own))
    handed: list[Any] = firm.said(HandedOn)
    assert [(f.about.subject, f.rule, f.identity) for f in handed] == [("vendor/acme", review.rule, review.identity)]


# Who approved


def test_whoever_approves_is_asked_about_and_again_when_the_invoice_is_rejected_and_comes_again() -> None:
    firm = office(system_users=["batch"]).receives(invoice()).receives(approved("RE-1", "hugo"), id="hugo")
    firm.at("2026-01-06").receives(approved("RE-1", "ines"), id="ines").receives(approved("RE-1", "batch"), invoice())
    firm.receives(rejected(), rejected()).at("2026-01-07").receives(invoice(), invoice())
    hugo: dict[str, Any] = {"vendor": "acme", "invoice": "RE-1", "approver": "hugo", "at": instant("2026-01-05T08:00")}
    ines: dict[str, Any] = {"vendor": "acme", "invoice": "RE-1", "approver": "ines", "at": instant("2026-01-06")}
    assert told(firm, EligibilityAsked) == [
        ("person/hugo", EligibilityAsked(**hugo, holds=True, revision=1), "hugo"),
        ("person/ines", EligibilityAsked(**ines, holds=True, revision=2), "ines"),
        ("person/hugo", EligibilityAsked(**hugo, holds=False, revision=4), "hugo"),
        ("person/ines", EligibilityAsked(**ines, holds=False, revision=4), "ines"),
        ("person/hugo", EligibilityAsked(**hugo, holds=True, revision=5), "hugo"),
        ("person/ines", EligibilityAsked(**ines, holds=True, revision=5), "ines"),
    ]


def test_a_person_may_do_what_was_said_last() -> None:
    authorised = PersonAuthorised(approval_limit=eur(900), duties=("approve", "pay"))
    firm = office().at("2026-01-07").receives(("person/ines", authorised), time="2026-01-06")
    state = firm.state("person/ines")
    assert (state.approval_limit, state.duties, state.authorised_at) == (
        eur(900),
        ("approve", "pay"),
        instant("2026-01-06"),
    )
    firm.receives(("person/ines", PersonAuthorised()), time="2026-01-06")
    assert firm.state("person/ines").duties == ()


# What late invoices cost

DUE = day("2026-01-06")
LATE = instant("2026-01-06T17:00")


def needing(service: str | None = "vpn", due: Any = DUE, **more: Any) -> Said:
    return invoice(due=due, needs_service=service, **more)


def impacts(firm: Office) -> list[tuple[str, Any, str]]:
    return told(firm, ImpactReported)


def reported(**more: Any) -> ImpactReported:
    about = {"what": "invoice", "reference": "RE-1", "since": instant("2026-01-06"), "until": LATE, "money": eur(500)}
    return ImpactReported.model_validate({**about, **more})


def test_a_late_invoice_is_told_to_the_service_it_needs_and_how_long_it_took() -> None:
    firm = office().receives(needing(), id="came").at("2026-01-06T17:00")
    assert impacts(firm) == []
    firm.at("2026-01-08T10:30").receives(paid(amount=100, invoice="RE-1")).receives(paid("PAY-2", 400, invoice="RE-1"))
    firm.at("2026-01-09").receives(paid("PAY-3", 5, invoice="RE-1"))
    assert impacts(firm) == [
        ("service/vpn", reported(hours=0, revision=1), "came"),
        ("service/vpn", reported(hours="9.50", revision=2), "came"),  # eight hours, and one and a half
    ]


@pytest.mark.parametrize(("at", "hours"), [("09:00:17", "8.00"), ("09:00:19", "8.01")])
def test_hours_are_to_the_hundredth(at: str, hours: str) -> None:
    firm = office().receives(needing(due=day("2026-01-05"))).at(f"2026-01-07T{at}")
    firm.receives(paid(amount=500, invoice="RE-1"))
    assert impacts(firm)[-1][1].hours == Decimal(hours)


def test_what_was_settled_outside_working_hours_right_after_took_no_time() -> None:
    firm = office().receives(needing()).at("2026-01-06T20:00").receives(paid(invoice="RE-1"))
    assert [fact.hours for _, fact, _ in impacts(firm)] == [0]


@pytest.mark.parametrize("cure", [rejected(), needing(due=day("2026-02-06"))])
def test_an_invoice_that_was_not_late_after_all_is_taken_back(cure: Said) -> None:
    firm = office().receives(needing()).at("2026-01-07").receives(cure)
    assert [(fact.holds, fact.revision) for _, fact, _ in impacts(firm)] == [(True, 1), (False, 2)]


def test_a_payment_that_is_told_late_takes_it_back() -> None:
    firm = office().receives(needing()).at("2026-01-07").receives(paid(invoice="RE-1"), time="2026-01-06T16:00")
    assert [fact.holds for _, fact, _ in impacts(firm)] == [True, False]


def test_a_payment_that_turns_out_to_be_for_another_invoice_took_no_time_and_this_one_is_late_again() -> None:
    firm = office().receives(needing()).at("2026-01-07T10:00").receives(paid(invoice="RE-1", order="PO"))
    firm.at("2026-01-08").receives(paid(invoice="RE-3", order="PO"))
    assert [(fact.hours, fact.revision) for _, fact, _ in impacts(firm)] == [(0, 1), (1, 2), (0, 3)]


def test_one_that_is_late_again_is_told_again() -> None:
    firm = office().receives(needing()).at("2026-01-07").receives(rejected()).at("2026-01-08").receives(needing())
    said = [(fact.holds, fact.revision) for _, fact, _ in impacts(firm)]
    assert said == [(True, 1), (False, 2), (True, 3)]


def test_an_invoice_that_needs_another_service_is_told_there() -> None:
    firm = office().receives(needing()).at("2026-01-07").receives(needing("mail"), needing(None))
    assert [(subject, fact.holds, fact.revision) for subject, fact, _ in impacts(firm)] == [
        ("service/vpn", True, 1),
        ("service/vpn", False, 2),
        ("service/mail", True, 3),
        ("service/mail", False, 4),
    ]


def test_an_invoice_that_needs_no_service_or_is_in_time_is_told_to_none() -> None:
    assert impacts(office().receives(needing(None)).at("2026-02-01").receives(paid(invoice="RE-1"))) == []
    assert impacts(office().receives(needing(), paid(invoice="RE-1")).at("2026-02-01")) == []


# Measures


def measured(firm: Office) -> dict[str, Any]:
    states = [(key, state) for fold in firm.folds["events.accounting"] for key, state in fold.states().items()]
    return {name: measure.over(states) for name, measure in department.measures.items()}


def of(vendor: str, said: Said) -> Said:
    return f"vendor/{vendor}", said[1]


def line(name: str, value: int = 100, **more: Any) -> OrderLine:
    return OrderLine(line=name, value=eur(value), **more)


def came(name: str, value: int = 100) -> Said:
    return acme(GoodsReceived(order="PO-1", receipt="GR", lines=(ReceivedLine(line=name, value=eur(value)),)))


def charged(name: str, value: int = 100, id: str = "RE-1") -> Said:
    return invoice(id, value, order="PO-1", lines=(InvoiceLine(line=name, value=eur(value)),), recorded_by="rita")


def test_vendors_and_orders_are_counted_by_what_is_known_of_their_lines() -> None:
    firm = office().receives(order(lines=(line("1", matching="goods_based"), line("2")), created_by="olaf"))
    firm.receives(of("quiet", invoice()), of("other", order("PO-9", lines=(line("1"),))))
    said = measured(firm)
    assert said["vendors_ordered_from"] == {"acme", "other"}
    assert said["purchase_orders"] == {"PO-1", "PO-9"}
    assert said["order_lines"] == {"PO-1/1", "PO-1/2", "PO-9/1"}
    assert said["order_lines_goods_based"] == {"PO-1/1"}
    assert (said["people_creating_orders"], said["people_recording_invoices"]) == ({"olaf"}, set())


def test_lines_are_measured_by_what_came_first() -> None:
    """Line 1: goods, then all else. Line 2: the other way round. Line 3: at one instant. Line 4: no goods at all."""
    firm = office(duplicate_window_days=None)
    pay = [paid(f"PAY-{n}", 100, order="PO-1", line=str(n)) for n in range(5)]
    issued = [acme(InvoiceIssued(order="PO-1", line=str(n))) for n in range(5)]
    firm.receives(order(lines=tuple(line(str(n)) for n in range(1, 5))))
    firm.at("2026-01-06").receives(came("1"), issued[2], charged("2", id="RE-2"), pay[2])
    firm.receives(came("3"), issued[3], charged("3", id="RE-3"), pay[3])
    firm.at("2026-01-07").receives(came("2"), issued[1], charged("1"), pay[1])
    firm.receives(issued[4], charged("4", id="RE-4"), pay[4])
    said = measured(firm)
    assert said["lines_invoiced_before_goods"] == {"PO-1/2", "PO-1/4"}
    assert said["lines_invoice_dated_before_goods"] == {"PO-1/2"}
    assert said["lines_paid_before_goods"] == {"PO-1/2", "PO-1/4"}
    assert said["lines_paid_without_goods"] == {"PO-1/4"}
    assert said["lines_received"] == said["lines_received_and_invoiced"] == {"PO-1/1", "PO-1/2", "PO-1/3"}
    assert said["lines_invoiced"] == said["lines_paid"] == {f"PO-1/{n}" for n in range(1, 5)}


@pytest.mark.parametrize(("on", "late"), [("2026-03-06T08:00", set()), ("2026-03-06T08:00:01", {"PO-1/1"})])
def test_a_line_is_paid_late_after_sixty_days(on: str, late: set[str]) -> None:
    firm = office().receives(order(lines=(line("1"),)), came("1"), charged("1")).at(on)
    assert measured(firm.receives(paid(order="PO-1", line="1")))["lines_paid_after_60_days"] == late


@pytest.mark.parametrize(
    ("value", "off", "over"), [(100, set(), set()), (99, {"PO-1/1"}, set()), (101, {"PO-1/1"}, {"PO-1/1"})]
)
def test_a_line_with_another_value_charged_than_came(value: int, off: set[str], over: set[str]) -> None:
    firm = office().receives(order(lines=(line("1"), line("2"))), came("1"), charged("1", value), came("2"))
    said = measured(firm)
    assert (said["lines_value_off"], said["lines_value_over"]) == (off, over)
    assert said["lines_not_invoiced"] == {"PO-1/2"}


def test_a_line_with_more_invoices_than_receipts_or_more_payments_than_one() -> None:
    firm = office(duplicate_window_days=None).receives(order(lines=(line("1"), line("2"), line("3"))), came("1"))
    firm.receives(charged("1"), charged("1", id="RE-2"), came("2"), charged("2", id="RE-3"), charged("3", id="RE-4"))
    firm.receives(paid("P-1", order="PO-1", line="1"), paid("P-2", order="PO-1", line="1"))
    said = measured(firm.receives(paid("P-3", order="PO-1", line="2")))
    assert said["lines_more_invoices_than_receipts"] == {"PO-1/1"}
    assert said["lines_paid_again"] == {"PO-1/1"}


def blocked(name: str) -> Said:
    return acme(PaymentBlocked(invoice="x", order="PO-1", line=name))


def released(name: str) -> Said:
    return acme(PaymentUnblocked(invoice="x", order="PO-1", line=name, by="gina"))


def test_lines_are_blocked_released_repriced_and_deleted() -> None:
    firm = office().receives(order(lines=tuple(line(str(n)) for n in range(1, 5))), blocked("1"), blocked("2"))
    firm.receives(released("2"), paid("P-1", 100, order="PO-1", line="1"), charged("4")).at("2026-01-06")
    dearer = PurchaseOrderChanged(order="PO-1", lines=(line("3", 120), line("4", 120)), what="price")
    firm.receives(released("3"), acme(dearer), acme(OrderLineDeleted(order="PO-1", line="1")))
    said = measured(firm.receives(acme(OrderLineDeleted(order="PO-1", line="2"))))
    assert {name: answer for name, answer in said.items() if "blocked" in name or "released" in name} == {
        "lines_blocked": {"PO-1/1", "PO-1/2"},
        "lines_released": {"PO-1/2", "PO-1/3"},
        "lines_blocked_and_released": {"PO-1/2"},
        "lines_released_later": set(),
        "lines_released_unblocked": {"PO-1/3"},
        "lines_paid_while_blocked": {"PO-1/1"},
    }
    assert (said["lines_repriced"], said["lines_repriced_after_invoice"]) == ({"PO-1/3", "PO-1/4"}, {"PO-1/4"})
    assert said["lines_value_varies"] == {"PO-1/3", "PO-1/4"}
    assert (said["lines_deleted"], said["lines_deleted_and_paid"]) == ({"PO-1/1", "PO-1/2"}, {"PO-1/1"})
    assert measured(firm.receives(released("1")))["lines_released_later"] == {"PO-1/1"}


def test_what_is_taken_back_of_goods_and_charges_is_taken_off() -> None:
    firm = office().receives(order(lines=(line("1"),)), came("1", 130), charged("1", 120))
    firm.receives(acme(GoodsCancelled(order="PO-1", lines=(ReceivedLine(line="1", value=eur(30)),))))
    assert measured(firm)["lines_value_over"] == {"PO-1/1"}
    firm.receives(acme(InvoiceCancelled(order="PO-1", lines=(InvoiceLine(line="1", value=eur(20)),))))
    assert (measured(firm)["lines_value_off"], measured(firm)["lines_more_invoices_than_receipts"]) == (set(), set())

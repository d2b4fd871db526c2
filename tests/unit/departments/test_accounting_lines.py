"""Order lines: goods, invoice and payment follow one another in their order and in time."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.accounting import department
from schemas.accounting import (
    FindingReviewed,
    GoodsCancelled,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceIssued,
    InvoiceLine,
    InvoiceReceived,
    Matching,
    OrderLine,
    OrderLineAdvanced,
    OrderLineDeleted,
    OrderLineReactivated,
    PaymentBlocked,
    PaymentMade,
    PaymentUnblocked,
    PurchaseOrderChanged,
    PurchaseOrderCreated,
    ReceivedLine,
)
from schemas.envelope import Event
from schemas.money import Money
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office

Said = tuple[str, Event]

EARLY, REPRICED = "accounting.invoice_before_goods", "accounting.price_changed_after_invoice"
PAID_WITHOUT_GOODS, UNPAID = "accounting.paid_without_goods", "accounting.line_unpaid"
UNINVOICED, MISMATCH = "accounting.goods_not_invoiced", "accounting.three_way_mismatch"
DUTIES = "accounting.segregation_of_duties"
BEGIN = "2026-01-05T08:00"


def office(**told: Any) -> Office:
    told = {"duplicate_window_days": None, "payment_terms_days": None, "purchase_limits": [], **told}
    return Office(partitions=1, processors=[department], settings={"accounting": told}).at(BEGIN)


def acme(event: Event) -> Said:
    return "vendor/acme", event


def eur(amount: str | int) -> Money:
    return Money(amount=Decimal(amount))


def ordered(matching: Matching = "goods_based", by: str | None = None, line: str = "10") -> Said:
    lines = (OrderLine(line=line, value=eur(100), matching=matching),)
    return acme(
        PurchaseOrderCreated(order="PO-1", total=eur(100), ordered_on=date(2026, 1, 5), lines=lines, created_by=by)
    )


def came(value: str | int = 100, by: str | None = None, line: str = "10") -> Said:
    lines = (ReceivedLine(line=line, value=eur(value)),)
    return acme(GoodsReceived(order="PO-1", receipt="GR", lines=lines, received_by=by))


def went_back(value: str | int = 100) -> Said:
    return acme(GoodsCancelled(order="PO-1", lines=(ReceivedLine(line="10", value=eur(value)),)))


def invoiced(value: str | int = 100, id: str = "RE-1", by: str | None = None) -> Said:
    return acme(
        InvoiceReceived(
            invoice=id,
            number=id,
            amount=eur(value),
            issued_on=date(2026, 1, 5),
            order="PO-1",
            lines=(InvoiceLine(line="10", value=eur(value)),),
            recorded_by=by,
        )
    )


def taken_back(value: str | int = 100) -> Said:
    return acme(InvoiceCancelled(order="PO-1", lines=(InvoiceLine(line="10", value=eur(value)),)))


def paid(by: str | None = None) -> Said:
    made = PaymentMade(payment="P", amount=eur(100), paid_on=date(2026, 1, 5), order="PO-1", line="10", paid_by=by)
    return acme(made)


def released(by: str) -> Said:
    return acme(PaymentUnblocked(invoice="PO-1/10", order="PO-1", line="10", by=by))


def repriced(value: str | int = 120) -> Said:
    line = OrderLine(line="10", value=eur(value), matching="goods_based")
    return acme(PurchaseOrderChanged(order="PO-1", lines=(line,), what="price"))


ISSUED = acme(InvoiceIssued(order="PO-1", line="10"))


def reviewed(rule: str) -> Said:
    return acme(FindingReviewed(rule=rule, identity={"order": "PO-1", "line": "10"}, by="karl", outcome="accepted"))


# accounting.invoice_before_goods


@pytest.mark.parametrize(("goods", "early"), [("2026-01-05T08:00", False), ("2026-01-05T08:01", True)])
def test_an_invoice_dated_before_the_goods(goods: str, early: bool) -> None:
    firm = office(early_invoices=True).receives(ordered(), ISSUED).at(goods).receives(came())
    assert (EARLY in firm.firing()) is early


def test_it_is_not_said_unless_that_is_set_or_before_goods_came() -> None:
    assert EARLY not in office().receives(ordered(), ISSUED).at("2026-01-06").receives(came()).firing()
    assert EARLY not in office(early_invoices=True).receives(ordered(), ISSUED).at("2026-03-01").firing()


def test_the_dates_decide_and_not_the_order_in_which_they_are_told() -> None:
    firm = office(early_invoices=True).at("2026-01-07").receives(ordered(), came())
    assert firm.receives(ISSUED, time="2026-01-06").firing() == {EARLY}
    assert firm.receives(reviewed(EARLY)).firing() == set()
    assert firm.receives(ISSUED).firing() == set(), "a review is remembered"


# accounting.price_changed_after_invoice


@pytest.mark.parametrize(("at", "late"), [("2026-01-05T08:00", False), ("2026-01-05T08:01", True)])
def test_a_price_changed_after_the_invoice(at: str, late: bool) -> None:
    firm = office(match_orders=False).receives(ordered(), came(), invoiced()).at(at).receives(repriced())
    assert (REPRICED in firm.firing()) is late


def test_another_change_or_an_earlier_one_is_none() -> None:
    firm = office(match_orders=False).receives(ordered(), repriced()).at("2026-01-06").receives(came(), invoiced())
    quantity = PurchaseOrderChanged(order="PO-1", lines=(OrderLine(line="10", value=eur(90)),), what="quantity")
    assert firm.at("2026-01-07").receives(acme(quantity)).firing() == set()


def test_a_price_change_is_named_whatever_else_came_after_it() -> None:
    firm = office(match_orders=False).receives(ordered(), came()).at("2026-01-06").receives(repriced(), id="dearer")
    firm.at("2026-01-07").receives(released("gina")).receives(invoiced(), id="invoice", time="2026-01-05T09:00")
    assert {record.id for record in firm.one(REPRICED).evidence} == {"dearer", "invoice"}


# accounting.paid_without_goods


@pytest.mark.parametrize(("matching", "fires"), [("goods_based", True), ("three_way", False), ("two_way", False)])
def test_paid_and_no_goods_came(matching: Matching, fires: bool) -> None:
    firm = office().receives(ordered(matching), paid())
    assert (PAID_WITHOUT_GOODS in firm.firing()) is fires
    assert firm.receives(came()).firing() == set()


def test_paid_after_the_goods_is_as_it_should_be() -> None:
    assert office().receives(ordered(), came(), paid()).signals(PAID_WITHOUT_GOODS) == []


# accounting.line_unpaid


def test_sixty_days_from_the_first_invoice() -> None:
    firm = office(unpaid_line_days=60).receives(ordered(), came(), invoiced())
    firm.at("2026-02-01").receives(taken_back(), invoiced(id="RE-2"))
    assert firm.at("2026-03-06T08:00").firing() == set()
    assert firm.at("2026-03-06T08:00:01").firing() == {UNPAID}
    assert firm.receives(paid()).firing() == set()


@pytest.mark.parametrize(("at", "late"), [("2026-03-06T08:00", False), ("2026-03-06T08:00:01", True)])
def test_a_payment_that_is_told_first_is_judged_when_the_invoice_is_told(at: str, late: bool) -> None:
    firm = office(unpaid_line_days=60).at("2026-04-01").receives(ordered(), came(), time=BEGIN)
    firm.receives(paid(), time=at).receives(invoiced(), time=BEGIN)
    kinds = [type(s) for s in firm.signals(UNPAID)]
    assert kinds == ([ConditionFired, ConditionResolved] if late else [])


# accounting.goods_not_invoiced


def test_ninety_days_from_the_first_goods() -> None:
    firm = office(uninvoiced_goods_days=90).receives(ordered(), came())
    assert firm.at("2026-04-05T08:00").firing() == set()
    assert firm.at("2026-04-05T08:00:01").firing() == {UNINVOICED}
    assert firm.receives(invoiced()).firing() == set()


@pytest.mark.parametrize("rule", [UNPAID, UNINVOICED])
def test_neither_is_watched_unless_set(rule: str) -> None:
    said = (ordered(), came(), invoiced()) if rule == UNPAID else (ordered(), came())
    assert rule not in office().receives(*said).at("2026-12-01").firing()


# Goods and invoices that are taken back


@pytest.mark.parametrize(
    ("said", "fires"),
    [
        ([came(), invoiced()], False),
        ([came(), invoiced("99.99")], True),
        ([came(), invoiced("100.01")], True),
        ([came(150), went_back(50), invoiced()], False),
        ([came(), invoiced(120), taken_back(20)], False),
        ([came(), invoiced(), taken_back()], True),
        ([came(), invoiced(), taken_back(), went_back()], False),
        ([came()], False),
        ([invoiced()], True),
    ],
)
def test_to_the_cent_and_net_of_what_was_taken_back(said: list[Said], fires: bool) -> None:
    firm = office(match_orders=False, match_goods_exactly=True, tolerance_percent=0, tolerance_amount=0)
    assert (MISMATCH in firm.receives(ordered(), *said).firing()) is fires


def test_goods_taken_back_leave_the_invoice_without_any() -> None:
    firm = office().receives(ordered(), came(), invoiced())
    assert firm.firing() == set()
    assert "were taken back" in firm.receives(went_back()).one(MISMATCH).summary


# accounting.segregation_of_duties, per line


PAIRS = {"incompatible_duties": [["create_order", "receive_goods"], ["record_invoice", "unblock"], ["unblock", "pay"]]}


def test_a_purchase_may_be_a_line_of_an_order() -> None:
    whole, lines = office(**PAIRS), office(**PAIRS, duties_on="line")
    said = (ordered(by="olaf"), ordered(by="erik", line="20"), came(by="olaf", line="20"))
    assert whole.receives(*said).one(DUTIES).identity == {"purchase": "PO-1", "person": "olaf"}
    assert lines.receives(*said).firing() == set()
    found = lines.receives(came(by="olaf")).one(DUTIES)
    assert found.identity == {"purchase": "PO-1/10", "person": "olaf"}
    assert found.labels["duties"] == "create_order,receive_goods"


@pytest.mark.parametrize("on", ["order", "line"])
def test_releasing_a_blocked_payment_is_a_duty(on: str) -> None:
    firm = office(**PAIRS, duties_on=on).receives(ordered(), came(), invoiced(by="gina"), released("gina"))
    assert firm.one(DUTIES).labels["duties"] == "record_invoice,unblock"
    firm.receives(paid(by="gina"))
    assert firm.one(DUTIES).labels["duties"] == "pay,record_invoice,unblock"


def test_several_programs_may_be_named_by_a_pattern() -> None:
    firm = office(**PAIRS, system_users=["batch_*"])
    assert firm.receives(ordered(by="batch_01"), came(by="batch_01")).firing() == set()
    assert firm.receives(ordered(by="batch"), came(by="batch")).firing() == {DUTIES}


# Measures, and the order in which things are heard


def measured(firm: Office) -> dict[str, Any]:
    states = [(key, state) for fold in firm.folds["events.accounting"] for key, state in fold.states().items()]
    return {name: measure.over(states) for name, measure in department.measures.items()}


def advanced(what: str, by: str | None = None) -> Said:
    return acme(OrderLineAdvanced(order="PO-1", line="10", what=what, value=eur(100), by=by))


def test_what_one_person_does_twice_in_a_minute_is_a_repeat() -> None:
    firm = office().receives(advanced("sheet", "a"), advanced("sheet", "b"), advanced("sheet", "a"), advanced("other"))
    firm.at("2026-01-05T08:00:59").receives(advanced("sheet", "a"))
    firm.at("2026-01-05T08:01").receives(advanced("sheet", "a"))
    said = measured(firm)
    assert said["order_line_events_repeated"] == {"repeated": 2}
    assert said["order_line_events_by_year"] == {"2026": 6}
    assert said["lines_value_varies"] == set()


def test_order_lines_are_measured() -> None:
    firm = office().receives(ordered(by="erik"), paid(), came(90)).at("2026-01-06")
    firm.receives(invoiced(by="gina"), acme(PaymentBlocked(invoice="x", order="PO-1", line="10")))
    firm.at("2026-01-07").receives(released("gina"), repriced(), paid())
    firm.receives(acme(OrderLineDeleted(order="PO-1", line="10")))
    said = {name: answer for name, answer in measured(firm).items() if name.startswith(("lines_", "people_"))}
    line, nothing = {"PO-1/10"}, set[str]()
    assert {name for name, answer in said.items() if answer == nothing} == {
        "lines_not_invoiced",
        "lines_invoiced_before_goods",
        "lines_invoice_dated_before_goods",
        "lines_paid_before_goods",
        "lines_paid_without_goods",
        "lines_paid_after_60_days",
        "lines_released_unblocked",
        "lines_paid_while_blocked",
        "lines_more_invoices_than_receipts",
    }
    assert {name for name, answer in said.items() if name.startswith("lines_") and answer == line} == {
        name for name, answer in said.items() if name.startswith("lines_") and answer != nothing
    }
    assert (said["people_creating_orders"], said["people_recording_invoices"]) == ({"erik"}, {"gina"})
    firm.receives(acme(OrderLineReactivated(order="PO-1", line="10")))
    assert measured(firm)["lines_deleted_and_paid"] == nothing


TIMES = ("2026-01-01", "2026-01-02", "2026-01-03", "2026-04-20", "2026-04-21")
STORY = tuple(zip((ISSUED, came(), invoiced(), repriced(), paid()), TIMES, strict=True))


@settings(max_examples=20, deadline=None)
@given(story=st.permutations(STORY))
def test_the_order_in_which_it_is_heard_does_not_matter(story: list[tuple[Said, str]]) -> None:
    firm = office(early_invoices=True, unpaid_line_days=60, uninvoiced_goods_days=90, match_orders=False)
    firm.at("2026-05-01").receives(ordered())
    for said, time in story:
        firm.receives(said, time=time)
    assert firm.at("2026-12-01").firing() == {EARLY, REPRICED}
    assert firm.ever_fired(UNPAID) == {"acme"}


def test_an_instant_is_never_guessed() -> None:
    state = office().receives(came()).state("vendor/acme")
    (history,) = state.histories.values()
    assert history.goods_at == datetime.fromisoformat(f"{BEGIN}+00:00")
    assert (history.invoice_at, history.paid_at, history.issued_at) == (None, None, None)

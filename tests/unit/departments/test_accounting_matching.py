"""Three-way match at the edges: what does not agree, in which currency, and what was taken back."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.accounting import (
    GoodsCancelled,
    GoodsReceived,
    InvoiceCancelled,
    InvoiceLine,
    Matching,
    OrderLine,
    PurchaseOrderChanged,
    ReceivedLine,
)
from tests.office import Office
from tests.unit.departments.telling_accounting import Said, acme, eur, fired, invoice, office, order, rejected

MISMATCH = "accounting.three_way_mismatch"


def count(quantity: str | None) -> Decimal | None:
    return None if quantity is None else Decimal(quantity)


def bought(quantity: str | None = "10", value: str = "1000", matching: Matching = "three_way", line: str = "1") -> Said:
    lines = (OrderLine(line=line, quantity=count(quantity), value=eur(value), matching=matching),)
    return order("PO-1", value, lines=lines)


def _came(quantity: str | None, value: str | None, line: str) -> tuple[ReceivedLine, ...]:
    return (ReceivedLine(line=line, quantity=count(quantity), value=eur(value) if value else None),)


def came(quantity: str | None = None, value: str | None = None, line: str = "1") -> Said:
    return acme(GoodsReceived(order="PO-1", receipt="GR", lines=_came(quantity, value, line)))


def went_back(quantity: str | None = None, value: str | None = None) -> Said:
    return acme(GoodsCancelled(order="PO-1", lines=_came(quantity, value, "1")))


def charged(quantity: str | None, value: str, id: str = "RE-1", currency: str = "EUR", line: str = "1") -> Said:
    lines = (InvoiceLine(line=line, quantity=count(quantity), value=eur(value, currency)),)
    return invoice(id, value, order="PO-1", lines=lines)


def taken_back(quantity: str | None, value: str) -> Said:
    lines = (InvoiceLine(line="1", quantity=count(quantity), value=eur(value)),)
    return acme(InvoiceCancelled(order="PO-1", lines=lines))


def clerk(**told: Any) -> Office:
    return office(**{"duplicate_window_days": None, "purchase_limits": [], **told})


def problem(firm: Office) -> str | None:
    """What does not agree on line 1, in words."""
    found = [c.summary for c in firm.conditions().values() if c.rule == MISMATCH]
    return found[0].removeprefix("Order PO-1 of acme, line 1: ") if found else None


GOODS: Matching = "goods_based"
TWO_WAY: Matching = "two_way"
NONE: Matching = "none"


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ([bought(), charged("10", "1000", currency="USD")], "ordered in EUR, charged in USD"),
        ([bought(None), charged(None, "1010")], None),
        ([bought(None), charged(None, "1010.01")], "1,010.01 EUR charged, 1,000.00 ordered"),
        ([bought(None), charged(None, "400")], None),  # less is a part
        ([bought(), charged(None, "1010.01")], "1,010.01 EUR charged, 1,000.00 ordered"),
        ([bought(), charged("10.2", "1020")], None),  # exactly 2 %
        ([bought(), charged("10.21", "1021")], "10.21 charged, 10 ordered"),
        ([bought(), charged("5", "510")], None),  # exactly 2 % and 10
        ([bought(), charged("5", "510.01")], "510.01 EUR charged for 5, 500.00 by the order's price"),
        ([bought(), charged("5", "489.99")], "489.99 EUR charged for 5, 500.00 by the order's price"),
        ([bought("0", "0"), charged("0", "10")], "10.00 EUR charged for 0, 0.00 by the order's price"),
        ([bought("100", "100"), came("50"), charged("51", "51")], None),  # exactly 2 % of what came
        ([bought("100", "100"), came("50"), charged("51.1", "51.1")], "51.1 charged, 50 came"),
        ([bought("100", "100"), came("102"), charged("50", "50")], None),
        ([bought("100", "100"), came("102.1"), charged("50", "50")], "102.1 came, 100 ordered"),
        ([bought(None, "100"), came("500"), charged("50", "50")], None),  # nobody said how many
        ([bought("10"), came(), charged("10", "1000")], None),  # everything came
        ([bought("10"), came("1"), came(), charged("10", "1000")], None),
        ([bought("10"), came("1"), came(), went_back(), charged("10", "1000")], "10 charged, 1 came"),
        ([bought(), came(None, "990"), charged("10", "1000")], None),
        ([bought(matching=GOODS), charged("1", "100")], "charged before any goods came"),
        ([bought(matching=GOODS), came("5"), charged("5.05", "505")], "5.05 charged, 5 came"),  # to the piece
        ([bought(matching=GOODS), came("5"), charged("5", "500")], None),
        (
            [bought(matching=GOODS), came("5"), charged("5", "500"), went_back("5")],
            "charged, and the goods were taken back",
        ),
        ([bought(), charged("10", "1000"), came("5"), went_back("5")], None),  # they may come again
        ([bought(matching=TWO_WAY), came("1"), charged("10", "1000")], None),
        ([bought(matching=TWO_WAY), charged("11", "1100")], "11 charged, 10 ordered"),
        ([bought(matching=NONE), charged("11", "1100")], None),
        ([bought(), charged("11", "1100"), taken_back("1", "100")], None),
        ([bought(), charged("11", "1100"), taken_back("11", "1100")], None),
        ([bought(), charged("6", "600"), charged("5", "500", id="RE-2")], "11 charged, 10 ordered"),
        ([bought(), charged("6", "600"), charged("5", "500", id="RE-2"), rejected("RE-2")], None),
        ([bought(), charged("11", "1100"), charged("10", "1000")], None),  # received anew, corrected
        ([bought(), came("10", line="2"), charged("10", "1000", line="2")], None),
    ],
)
def test_what_does_not_agree_is_said_in_words(said: list[Said], what: str | None) -> None:
    assert problem(clerk().receives(*said)) == what


@pytest.mark.parametrize(
    ("goods", "invoice_value", "what"),
    [
        ("500", "510", None),
        ("500", "510.01", "510.01 EUR charged, goods worth 500.00 came"),
        ("500", "400", None),
    ],
)
def test_goods_that_are_valued_and_not_counted(goods: str, invoice_value: str, what: str | None) -> None:
    """A receipt that counts nothing says by its value what came."""
    firm = clerk().receives(bought("10", "1000", GOODS), came("0", goods), charged(None, invoice_value))
    assert problem(firm) == what


def test_where_goods_and_charges_must_agree_exactly_less_is_a_mismatch_too() -> None:
    exactly = clerk(match_goods_exactly=True, tolerance_percent=0, tolerance_amount=0)
    exactly.receives(bought(), came(None, "500"), charged(None, "499.99"))
    assert problem(exactly) == "499.99 EUR charged, goods worth 500.00 came"
    assert problem(exactly.receives(charged(None, "500"))) is None


def test_without_an_amount_of_tolerance_only_the_share_counts() -> None:
    assert problem(clerk(tolerance_amount=None).receives(bought(), charged("10", "1020"))) is None
    assert problem(clerk(tolerance_amount=None).receives(bought(), charged("10", "1020.01"))) is not None


def test_where_orders_are_not_compared_only_goods_are() -> None:
    firm = clerk(match_orders=False).receives(bought(), charged("11", "1100"))
    assert problem(firm) is None
    assert problem(firm.receives(came("10"))) == "11 charged, 10 came"


def test_a_changed_order_is_judged_anew_and_a_mismatch_names_its_line() -> None:
    firm = clerk().receives(bought(), charged("11", "1100"))
    assert firm.one(MISMATCH).labels == {"order": "PO-1", "line": "1"}
    more = OrderLine(line="1", quantity=Decimal(11), value=eur(1100))
    assert problem(firm.receives(acme(PurchaseOrderChanged(order="PO-1", lines=(more,), what="quantity")))) is None


def test_an_invoice_that_moves_to_another_line_charges_the_first_no_more() -> None:
    firm = clerk().receives(bought(), bought(line="2"), charged("11", "1100"), charged("10", "1000", line="2"))
    assert firm.firing() == set()
    lines = firm.state("vendor/acme").lines
    first = lines["PO-1\x1f1"]
    assert (first.charged, first.charges, first.charged_value) == (0, 0, ())


def test_a_line_of_many_bookings_rests_on_a_figure_and_names_the_latest() -> None:
    firm = clerk().receives(bought("60", "60"), *(came("1") for _ in range(49)))
    firm.receives(charged("60", "60"))
    assert fired(firm, MISMATCH)[-1].annotations["measured"] == "60 charged, 49 came"
    assert len(fired(firm, MISMATCH)[-1].evidence) == 11
    few = clerk().receives(bought("60", "60"), *(came("1") for _ in range(3)), charged("60", "60"))
    assert "measured" not in fired(few, MISMATCH)[-1].annotations

"""One person must not do two incompatible duties for a vendor, even when different departments tell of them."""

from itertools import combinations

import pytest

from processors.correlation import correlation
from processors.correlation.settings import CorrelationSettings
from processors.departments.accounting import department as accounting
from processors.departments.accounting.facts import DUTY
from schemas.accounting import FindingReviewed, InvoiceApproved, InvoiceReceived, PurchaseOrderCreated, VendorCreated
from schemas.envelope import Event, Evidence
from schemas.facts import DutyDone, PurchaseDuty
from schemas.money import Money
from schemas.reviews import Outcome
from tests.happenings import example
from tests.office import Office, instant
from tests.unit.correlation.orders import ANY_ORDER, holding, interleaved, layout, shuffled

RULE, WITHIN = "accounting.duties_across_departments", "accounting.segregation_of_duties"

Said = tuple[str, Event]

TELLER: dict[PurchaseDuty, str] = {
    "create_vendor": "events.accounting",
    "place_order": "events.manufacturing",
    "receive_goods": "events.manufacturing",
    "record_invoice": "events.accounting",
    "approve_invoice": "events.accounting",
    "release_payment": "events.accounting",
    "pay": "events.finance",
}
"""Each duty, and the department that tells of it in these tests."""

ROLES: tuple[PurchaseDuty, ...] = ("create_vendor", "place_order", "approve_invoice")
"""The three of the rule's name: who created the vendor, ordered in manufacturing and approved in accounting."""


def did(
    person: str,
    duty: PurchaseDuty,
    reference: str = "PO-1",
    holds: bool = True,
    revision: int = 1,
    teller: str | None = None,
) -> Said:
    record = Evidence(teller or TELLER[duty], 0, 17, f"{duty}-{reference}")
    said = DutyDone(person=person, duty=duty, reference=reference, holds=holds, revision=revision, record=record)
    return "vendor/acme", said


def office(*said: Said, **settings: object) -> Office:
    return Office(processors=[correlation], settings={"correlation": settings}).receives(*said)


@pytest.mark.parametrize("pair", list(combinations(ROLES, 2)))
def test_every_pair_of_the_three_roles_fires(pair: tuple[PurchaseDuty, PurchaseDuty]) -> None:
    """Told by different departments: accounting finds what it tells both of by itself."""
    first, second = pair
    elsewhere = "events.purchasing"
    firm = office(did("olaf", first, teller=elsewhere), did("olaf", second), did("erik", "receive_goods"))
    found = firm.one(RULE)
    assert (found.severity, found.about.subject, found.labels["person"]) == ("critical", "vendor/acme", "olaf")
    assert len(found.evidence) == 2


@pytest.mark.parametrize("pair", CorrelationSettings().incompatible_purchase_duties)
@pytest.mark.parametrize("turned", [False, True])
def test_every_incompatible_pair_fires_in_either_order(pair: tuple[PurchaseDuty, PurchaseDuty], turned: bool) -> None:
    said = [did("olaf", pair[0], teller="events.purchasing"), did("olaf", pair[1])]
    assert office(*(reversed(said) if turned else said)).firing() == {RULE}


def test_distinct_people_never_do() -> None:
    said = [did(f"person-{duty}", duty, f"PO-{n}") for duty in TELLER for n in range(3)]
    assert office(*said).signals() == []


@pytest.mark.parametrize(
    "said",
    [
        [did("olaf", "place_order"), did("olaf", "receive_goods")],
        [did("olaf", "place_order", "PO-1"), did("olaf", "approve_invoice", "PO-2")],
        [did("olaf", "place_order"), did("olaf", "approve_invoice", holds=False)],
    ],
)
def test_what_is_compatible_or_another_purchase_is_left_alone(said: list[Said]) -> None:
    assert office(*said).signals() == []


def test_one_alert_names_all_duties_that_clash() -> None:
    duties: list[PurchaseDuty] = ["place_order", "pay", "approve_invoice", "receive_goods"]
    found = office(*(did("olaf", duty) for duty in duties)).one(RULE)
    assert found.identity == {"purchase": "PO-1", "person": "olaf"}
    assert found.summary == (
        "olaf did place order and receive goods and approve invoice and pay in purchase PO-1 of acme"
    )


def test_who_created_the_vendor_is_found_with_any_purchase_of_it_in_one_alert() -> None:
    orders = [did("olaf", "place_order", f"PO-{n}") for n in range(5)]
    firm = office(*orders[:2], did("olaf", "create_vendor", "acme"), *orders[2:])
    found = firm.one(RULE)
    assert found.identity == {"purchase": "*", "person": "olaf"}
    assert found.summary == "olaf created vendor acme and did place order for it"
    for n in range(5):
        firm.receives(did("olaf", "place_order", f"PO-{n}", holds=False, revision=2))
    assert firm.firing() == set()


def test_it_ends_when_it_was_somebody_else() -> None:
    firm = office(did("olaf", "place_order"), did("olaf", "approve_invoice"))
    assert firm.receives(did("olaf", "place_order", holds=False, revision=2)).firing() == set()
    firm = office(did("olaf", "create_vendor", "acme"), did("olaf", "place_order"))
    assert firm.receives(did("olaf", "create_vendor", "acme", holds=False, revision=2)).firing() == set()


def test_interfaces_are_no_people_and_pairs_are_a_setting() -> None:
    said = [did("edi", "place_order"), did("edi", "approve_invoice")]
    assert office(*said, purchase_system_users=["edi"]).signals() == []
    assert office(*said, incompatible_purchase_duties=[["receive_goods", "pay"]]).signals() == []


# With accounting, which finds by itself what it tells of.


def both(*said: Said, partitions: int = 3) -> Office:
    return Office(partitions=partitions, processors=[accounting, correlation]).receives(*said)


def acme(event: Event) -> Said:
    return "vendor/acme", event


def invoice(order: str | None) -> Said:
    return acme(example(InvoiceReceived, invoice="RE-1", order=order, lines=[], recorded_by="gina"))


APPROVED = acme(InvoiceApproved(invoice="RE-1", approver="olaf", approver_limit=example(Money, amount="9999")))
ORDERED = acme(example(PurchaseOrderCreated, order="PO-1", lines=[], created_by="olaf"))
CREATED = acme(VendorCreated(created_by="olaf"))


def test_what_accounting_finds_is_not_said_again() -> None:
    firm = both(CREATED, ORDERED, invoice("PO-1"), APPROVED)
    assert WITHIN in firm.firing()
    assert firm.signals(RULE) == []


def test_an_order_that_manufacturing_placed_meets_the_approval_in_accounting() -> None:
    firm = both(invoice("PO-1"), APPROVED, did("olaf", "place_order"))
    assert firm.one(RULE).identity == {"purchase": "PO-1", "person": "olaf"}
    assert WITHIN not in firm.firing()


def test_the_approval_may_come_before_the_invoice_names_its_order() -> None:
    firm = both(did("olaf", "place_order"), APPROVED)
    assert RULE not in firm.firing()
    assert RULE in firm.receives(invoice("PO-1")).firing()


def test_a_vendor_that_somebody_else_created_after_all() -> None:
    firm = both(CREATED, did("olaf", "place_order"))
    assert firm.firing() == {RULE}
    assert firm.receives(acme(VendorCreated(created_by="dana"))).firing() == set()
    assert firm.receives(CREATED).firing() == {RULE}


@pytest.mark.parametrize(("outcome", "firing"), [("justified", set()), ("accepted", set()), ("confirmed", {RULE})])
@pytest.mark.parametrize("purchase", ["PO-1", "*"])
def test_a_review_in_accounting_ends_it(outcome: Outcome, firing: set[str], purchase: str) -> None:
    firm = both(did("olaf", "place_order"), did("olaf", "approve_invoice" if purchase == "PO-1" else "create_vendor"))
    labels = {"purchase": purchase, "person": "olaf"}
    verdict = acme(FindingReviewed(rule=RULE, identity=labels, by="lena", outcome=outcome))
    assert firm.receives(verdict).firing() == firing
    assert firm.receives(did("olaf", "place_order", revision=2)).firing() == firing
    again = acme(FindingReviewed(rule=RULE, identity=labels, by="lena", outcome="confirmed"))
    assert firm.receives(again).firing() == {RULE}


def test_accounting_tells_each_act_once() -> None:
    firm = both(CREATED, CREATED, ORDERED, ORDERED, invoice("PO-1"), APPROVED, APPROVED)
    told = [(e.person, e.duty, e.reference) for e in firm.said(DutyDone) if isinstance(e, DutyDone)]
    assert told == [
        ("olaf", "create_vendor", "acme"),
        ("olaf", "place_order", "PO-1"),
        ("gina", "record_invoice", "PO-1"),
        ("olaf", "approve_invoice", "PO-1"),
    ]
    assert set(DUTY.values()) == set(TELLER)


def test_what_was_taken_back_is_not_named_but_another_purchase_in_which_it_was_done() -> None:
    def paid(purchase: str, n: int, holds: bool = True) -> Said:
        record = Evidence("events.finance", 0, n, f"pay-{n}")
        revision = 1 if holds else 2
        said = DutyDone(person="dana", duty="pay", reference=purchase, holds=holds, revision=revision, record=record)
        return "vendor/acme", said

    paid_thrice = [paid("PO-1", 1), paid("PO-2", 2), paid("PO-3", 3)]
    for taken_back in ((3,), (3, 2), (1,), (1, 3), (2, 3)):
        back = [paid(f"PO-{n}", 10 + n, holds=False) for n in taken_back]
        firm = office(*paid_thrice, *back, did("dana", "create_vendor", "acme"))
        (payment,) = {record.id for record in firm.one(RULE).evidence} - {"create_vendor-acme"}
        assert payment in {f"pay-{n}" for n in (1, 2, 3) if n not in taken_back}
    back = [paid(f"PO-{n}", 10 + n, holds=False) for n in (1, 2, 3)]
    assert office(*paid_thrice, *back, did("dana", "create_vendor", "acme")).firing() == set()


# Whatever comes first.


@ANY_ORDER
def test_facts_in_any_order_find_the_same_people(seed: int) -> None:
    facts = [
        did("olaf", "place_order", "PO-1"),
        did("olaf", "approve_invoice", "PO-1"),
        did("olaf", "create_vendor", "acme", revision=1),
        did("olaf", "create_vendor", "acme", holds=False, revision=2),
        did("erik", "place_order", "PO-2"),
        did("erik", "approve_invoice", "PO-2"),
        did("erik", "approve_invoice", "PO-2", holds=False, revision=2),
        did("dana", "create_vendor", "acme"),
        did("dana", "pay", "PO-2"),
        did("dana", "pay", "PO-1", holds=False, revision=2),
        did("dana", "pay", "PO-1"),
        did("ines", "record_invoice", "PO-3"),
        did("ines", "approve_invoice", "PO-3"),
    ]
    firm = Office(partitions=layout(seed), processors=[correlation]).receives(*shuffled(facts, seed))
    assert {labels: said[1] for (_, _, labels), said in holding(firm).items()} == {
        (("person", "olaf"), ("purchase", "PO-1")): "olaf did place order and approve invoice in purchase PO-1 of acme",
        (("person", "dana"), ("purchase", "*")): "dana created vendor acme and did pay for it",
    }


@ANY_ORDER
def test_departments_in_any_order_find_the_same_people(seed: int) -> None:
    told = [did("olaf", "place_order"), did("olaf", "place_order", "PO-9")]
    firm = both(*interleaved(seed, [CREATED, invoice("PO-1"), APPROVED], told), partitions=layout(seed))
    assert {labels for rule, _, labels in holding(firm) if rule == RULE} == {
        (("person", "olaf"), ("purchase", "PO-1")),
        (("person", "olaf"), ("purchase", "*")),
    }


def test_time_does_not_change_it() -> None:
    firm = office(did("olaf", "place_order")).at(instant("2029-01-05"))
    assert firm.receives(did("olaf", "approve_invoice")).firing() == {RULE}

"""What the front office tells others: what a complaint names, whose it is, what it took, and who is whom."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from processors.departments.front_office import department
from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import (
    ComplaintAboutCompany,
    ComplaintNamedService,
    CustomerComplained,
    ImpactReported,
    ProductComplained,
)
from schemas.facts import CustomerMerged as Merged
from schemas.front_office import (
    ComplaintAnswered,
    ComplaintDisputed,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    CustomerMerged,
    FrontOfficeEvent,
)
from tests.office import Office, instant

RECEIVED = "2026-01-05T10:00"
"""A Monday; working hours are 9 to 17, UTC."""
WHEN = instant(RECEIVED)


def front_office(**settings: Any) -> Office:
    return Office(processors=[department], partitions=1, settings={"front_office": settings}).at(RECEIVED)


def complaint(*events: FrontOfficeEvent) -> list[Emission]:
    return [Emission("complaint/C-1", event) for event in events]


def received(**fields: Any) -> ComplaintReceived:
    return ComplaintReceived.model_validate({"received_at": WHEN, **fields})


def told(office: Office, *types: type[Event]) -> list[tuple[str, Event, str]]:
    """What was published: the subject, the fact without its record, and the id of that record."""
    facts: list[Any] = office.said(*types)
    return [(fact.about.subject, fact.model_copy(update={"record": None}), fact.record.id) for fact in facts]


# What a complaint names


def test_a_complaint_is_told_to_its_service_its_product_and_its_customer_and_a_mistake_is_taken_back() -> None:
    office = front_office()
    office.receives(*complaint(received(customer="CU-1", product="TV", service="vpn")), id="first")
    office.receives(*complaint(received(customer="CU-2", product="Radio", service="mail")), id="second")
    about: dict[str, Any] = {"complaint": "C-1", "received_at": WHEN}
    assert told(office, ComplaintNamedService) == [
        ("service/vpn", ComplaintNamedService(**about, names=True, revision=1), "first"),
        ("service/vpn", ComplaintNamedService(**about, names=False, revision=2), "second"),
        ("service/mail", ComplaintNamedService(**about, names=True, revision=2), "second"),
    ]
    assert told(office, ProductComplained) == [
        ("product/TV", ProductComplained(**about, names=True, revision=1), "first"),
        ("product/TV", ProductComplained(**about, names=False, revision=2), "second"),
        ("product/Radio", ProductComplained(**about, names=True, revision=2), "second"),
    ]
    assert told(office, CustomerComplained) == [
        ("customer/CU-1", CustomerComplained(**about, holds=True, revision=1), "first"),
        ("customer/CU-1", CustomerComplained(**about, holds=False, revision=2), "second"),
        ("customer/CU-2", CustomerComplained(**about, holds=True, revision=2), "second"),
    ]
    assert [(subject, fact.holds) for subject, fact, _ in impacts(office)] == [
        ("service/vpn", True),
        ("service/vpn", False),
        ("service/mail", True),
    ]


def test_what_is_no_news_is_not_told_again() -> None:
    office = front_office().receives(*complaint(received(customer="CU-1"), received(customer="CU-1")))
    assert len(told(office, CustomerComplained)) == 1


def test_what_is_not_said_again_stays_as_it_was_except_whose_it_is() -> None:
    office = front_office().receives(
        *complaint(received(customer="CU-1", product="TV", service="vpn", company="Acme", fingerprint="f1"), received())
    )
    state = office.state("complaint/C-1")
    assert (state.service, state.company, state.fingerprint) == ("vpn", "Acme", "f1")
    assert (state.customer, state.product) == (None, None)


# What it took


def impacts(office: Office) -> list[tuple[str, Any, str]]:
    return told(office, ImpactReported)


@pytest.mark.parametrize("end", [ComplaintResolved(), ComplaintWithdrawn()])
@pytest.mark.parametrize(
    ("when", "hours"),
    [
        ("2026-01-05T10:00:17", "0.00"),
        ("2026-01-05T10:00:19", "0.01"),
        ("2026-01-05T11:30", "1.50"),
        ("2026-01-06T12:30", "10.50"),  # seven hours on Monday, three and a half on Tuesday
    ],
)
def test_a_complaint_costs_its_service_the_working_time_until_it_is_settled(
    when: str, hours: str, end: FrontOfficeEvent
) -> None:
    office = front_office().receives(*complaint(received(service="vpn")), id="came").at(when)
    office.receives(*complaint(end), id="over")
    about: dict[str, Any] = {"what": "complaint", "reference": "C-1", "since": WHEN, "until": WHEN, "holds": True}
    last = ("service/vpn", ImpactReported(**about, hours=Decimal(hours), revision=2), "over")
    first = ("service/vpn", ImpactReported(**about, hours=Decimal(0), revision=1), "came")
    assert impacts(office) == ([first] if hours == "0.00" else [first, last])


def test_one_that_is_taken_up_again_costs_nothing_until_it_is_settled_again() -> None:
    office = front_office().receives(*complaint(received(service="vpn"))).at("2026-01-05T12:00")
    office.receives(*complaint(ComplaintResolved(), ComplaintReopened()))
    assert [fact.hours for _, fact, _ in impacts(office)] == [Decimal(0), Decimal(2), Decimal(0)]


def test_one_that_names_no_service_costs_none_anything() -> None:
    office = front_office().receives(*complaint(received(customer="CU-1"), ComplaintResolved()))
    assert impacts(office) == []


# The company it is about


def test_its_company_hears_the_day_in_its_own_time_zone_and_what_the_complaint_says() -> None:
    office = front_office(calendar={"time_zone": "America/New_York"}).at("2026-01-06T02:00")
    came = received(received_at=instant("2026-01-06T02:00"), company="Acme", fingerprint="9f2c")
    office.receives(*complaint(came), id="came").receives(*complaint(ComplaintAnswered(by="Acme")))
    office.receives(*complaint(ComplaintDisputed()), id="disputed")
    about: dict[str, Any] = {"complaint": "C-1", "received_on": date(2026, 1, 5), "fingerprint": "9f2c"}
    assert told(office, ComplaintAboutCompany) == [
        ("company/Acme", ComplaintAboutCompany(**about, names=True, disputed=False, revision=1), "came"),
        ("company/Acme", ComplaintAboutCompany(**about, names=True, disputed=True, revision=2), "disputed"),
    ]


def test_a_dispute_that_is_heard_before_its_complaint_is_told_with_it() -> None:
    office = front_office().receives(*complaint(ComplaintDisputed(), received(company="Acme")))
    assert [(subject, fact.disputed) for subject, fact, _ in facts_of_companies(office)] == [("company/Acme", True)]


def test_a_company_that_becomes_known_later_is_told_then() -> None:
    office = front_office().receives(*complaint(received(), received(company="Acme"), ComplaintDisputed()))
    said = [(subject, fact.names, fact.revision) for subject, fact, _ in facts_of_companies(office)]
    assert said == [("company/Acme", True, 1), ("company/Acme", True, 2)]


def facts_of_companies(office: Office) -> list[tuple[str, Any, str]]:
    return told(office, ComplaintAboutCompany)


# Customers who are one


def merged(office: Office) -> list[tuple[str, str, int]]:
    facts: list[Any] = office.said(Merged)
    return [(fact.about.subject, fact.into, fact.revision) for fact in facts]


def into(other: str) -> Emission:
    return Emission("customer/CU-1", CustomerMerged(into=other))


def test_a_customer_who_is_another_one_is_told_once() -> None:
    office = front_office().receives(into("CU-2"), into("CU-2"))
    assert merged(office) == [("customer/CU-1", "CU-2", 1)]


def test_the_latest_merge_counts_by_its_own_time() -> None:
    office = front_office().at("2026-01-08").receives(into("CU-2"), time="2026-01-06")
    assert merged(office.receives(into("CU-3"), time="2026-01-05")) == [("customer/CU-1", "CU-2", 1)]
    office.receives(into("CU-4"), time="2026-01-06").receives(into("CU-5"), time="2026-01-07")
    assert merged(office)[1:] == [("customer/CU-1", "CU-4", 2), ("customer/CU-1", "CU-5", 3)]


def test_nobody_is_merged_with_themselves() -> None:
    assert merged(front_office().receives(into("CU-1"))) == []

"""Companies that complaints are about: surges, disputed answers, complaints that were sent twice."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.correlation import correlation
from schemas.facts import ComplaintAboutCompany
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office

SURGE, DISPUTED = "front_office.company_surge", "front_office.company_disputed"
DUPLICATE = "front_office.duplicate_complaint"
TODAY = date(2026, 1, 5)

Told = tuple[str, ComplaintAboutCompany]


def about(n: int, *, company: str = "Acme Bank", on: date = TODAY, **fields: Any) -> Told:
    return f"company/{company}", ComplaintAboutCompany(complaint=f"C-{n}", received_on=on, **fields)


def office(**told: Any) -> Office:
    return Office(processors=[correlation], settings={"correlation": told}).at("2026-01-05T12:00")


# Surges


def test_the_tenth_complaint_of_a_day_is_a_surge_until_the_day_is_over() -> None:
    firm = office().receives(*(about(n) for n in range(9)))
    assert firm.firing() == set()
    alert = firm.receives(about(9)).one(SURGE)
    assert (alert.about.subject, alert.identity) == ("company/Acme Bank", {"day": "2026-01-05"})
    assert firm.at("2026-01-06T00:00").firing() == {SURGE}
    assert firm.at("2026-01-06T00:00:01").firing() == set()


def test_complaints_of_two_days_or_two_companies_are_not_counted_together() -> None:
    firm = office().receives(*(about(n) for n in range(9)))
    firm.receives(about(10, on=date(2026, 1, 4)), about(11, company="Other Bank"))
    assert firm.firing() == set()


def test_a_complaint_that_is_told_again_counts_once_and_one_that_is_taken_back_does_not() -> None:
    firm = office().receives(*(about(n) for n in range(9)), about(8, revision=2), about(8, revision=1))
    assert firm.firing() == set()
    assert firm.receives(about(8, revision=3, names=False), about(9)).firing() == set()
    assert firm.receives(about(8, revision=4)).firing() == {SURGE}


def test_a_surge_told_after_its_day_fires_and_is_over() -> None:
    firm = office().at("2026-01-07").receives(*(about(n) for n in range(12))).at("2026-01-08")
    assert [type(s) for s in firm.signals(SURGE)] == [ConditionFired, ConditionResolved]


# Disputed answers


def disputing(complaints: int, disputed: int) -> list[Told]:
    return [about(n, on=date(2026, 1, 1 + n % 28), disputed=n < disputed) for n in range(complaints)]


@pytest.mark.parametrize(
    ("complaints", "disputed", "fires"),
    [(29, 29, False), (30, 8, True), (32, 8, False), (31, 8, True), (40, 10, False), (40, 11, True)],
)
def test_more_than_a_quarter_of_thirty(complaints: int, disputed: int, fires: bool) -> None:
    firm = office(company_day_complaints=100).receives(*disputing(complaints, disputed))
    assert firm.firing() == ({DISPUTED} if fires else set())


def test_a_dispute_that_comes_later_counts_and_one_that_is_undone_does_not() -> None:
    firm = office(company_day_complaints=100).receives(*disputing(30, 7))
    assert firm.receives(about(20, disputed=True)).firing() == set(), "of one revision, what was told first counts"
    assert firm.receives(about(20, disputed=True, revision=2)).firing() == {DISPUTED}
    assert firm.receives(about(20, disputed=False, revision=3)).firing() == set()


# Duplicates


def test_the_second_complaint_that_says_the_same_is_a_copy_for_thirty_days() -> None:
    firm = office().receives(about(1, fingerprint="x"), about(2, fingerprint="y"))
    assert firm.firing() == set()
    alert = firm.receives(about(3, fingerprint="x")).one(DUPLICATE)
    assert (alert.identity, alert.labels["original"]) == ({"complaint": "C-3"}, "C-1")
    assert firm.at("2026-02-04T12:00").firing() == {DUPLICATE}
    assert firm.at("2026-02-04T12:00:01").firing() == set()


def test_the_same_of_another_company_or_much_later_is_none() -> None:
    firm = office().receives(about(1, fingerprint="x"), about(2, company="Other Bank", fingerprint="x"))
    assert firm.at("2026-03-01").receives(about(3, fingerprint="x")).firing() == set()


def test_a_corrected_copy_is_none() -> None:
    firm = office().receives(about(1, fingerprint="x"), about(2, fingerprint="x"))
    assert firm.firing() == {DUPLICATE}
    assert firm.receives(about(2, fingerprint="y", revision=2)).firing() == set()


def test_a_complaint_that_is_told_again_is_no_copy_of_itself() -> None:
    firm = office().receives(about(1, fingerprint="x"), about(1, fingerprint="x", revision=2, disputed=True))
    assert firm.firing() == set()


STORY = tuple(about(n, fingerprint="x" if n > 9 else f"{n}", disputed=n % 2 == 0) for n in range(12))


@settings(max_examples=10, deadline=None)
@given(said=st.permutations(STORY))
def test_the_order_in_which_it_is_told_does_not_matter(said: list[Told]) -> None:
    firm = office(company_disputed_min=12).receives(*said)
    assert firm.firing() == {SURGE, DISPUTED, DUPLICATE}


def test_companies_are_measured() -> None:
    firm = office(company_disputed_min=12).receives(*STORY, about(20, company="Other Bank"))
    states = [(key, state) for fold in firm.folds["facts"] for key, state in fold.states().items()]
    said = {name: measure.over(states) for name, measure in correlation.measures.items()}
    assert said["company_surges"] == {"Acme Bank 2026-01-05"}
    assert said["largest_surge"] == 12
    assert said["companies_disputed"] == {"Acme Bank"}

"""Finance: balances within limits, payments in time, statements matched, two people for what moves money."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.departments.finance import department
from processors.step import Emission
from schemas.envelope import Event
from schemas.finance import (
    AccountOpened,
    FindingReviewed,
    LimitSet,
    PaymentCancelled,
    PaymentDue,
    PaymentReceived,
    PaymentReturned,
    StatementLine,
    StatementReceived,
    StatementReconciled,
    TransactionPosted,
    TransactionReversed,
)
from schemas.money import Money
from schemas.signals import ConditionFired
from tests.office import Office, instant

LIMIT, CURRENCY, MISSED = "finance.limit_breached", "finance.currency_mismatch", "finance.payment_missed"
STRUCTURING, UNUSUAL = "finance.structuring", "finance.unusual_amount"
UNRECONCILED, FOUR_EYES = "finance.unreconciled", "finance.four_eyes"


def account(*events: Event) -> list[Emission]:
    return [Emission("account/A-1", event) for event in events]


def bank(at: str = "2026-03-02T09:00", **told: Any) -> Office:
    return Office(processors=[department], partitions=1, settings={"finance": told} if told else None).at(at)


def money(amount: int | str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def posted(amount: int | str, name: str = "TX-1", currency: str = "EUR", **told: Any) -> TransactionPosted:
    values = {"transaction": name, "amount": money(amount, currency), **told}
    return TransactionPosted.model_validate(values)


def cash(amount: int | str, name: str = "TX-1") -> TransactionPosted:
    return posted(amount, name, method="cash")


def reviewed(rule: str, outcome: Any = "justified", **identity: str) -> list[Emission]:
    return account(FindingReviewed(rule=rule, identity=identity, by="audit", outcome=outcome))


# Limits


@pytest.mark.parametrize(
    ("amount", "breached"), [("-500", False), ("-500.01", True), ("1000", False), ("1000.01", True)]
)
def test_a_balance_beyond_its_limit_by_a_cent(amount: str, breached: bool) -> None:
    office = bank().receives(*account(LimitSet(lowest=money(-500), highest=money(1000)), posted(amount)))
    assert office.firing() == ({LIMIT} if breached else set())


def test_a_breach_ends_when_the_balance_is_back_inside() -> None:
    office = bank().receives(*account(LimitSet(lowest=money(0)), posted(-1)))
    assert office.one(LIMIT).annotations["balance"] == "-1.00 EUR"
    assert office.receives(*account(posted(1, "TX-2"))).firing() == set()


def test_a_limit_that_is_moved_below_or_above_the_balance() -> None:
    office = bank().receives(*account(posted(-400), LimitSet(lowest=money(-500))))
    assert office.firing() == set()
    assert office.receives(*account(LimitSet(lowest=money(-300)))).firing() == {LIMIT}
    assert office.receives(*account(LimitSet(lowest=money(-300))), time="2026-01-01").firing() == {LIMIT}
    assert office.receives(*account(LimitSet())).firing() == set()


def test_a_reversal_and_a_correction_put_the_balance_right_also_when_told_first() -> None:
    office = bank().receives(*account(LimitSet(lowest=money(0)), posted(-100)))
    assert office.receives(*account(TransactionReversed(transaction="TX-1"))).firing() == set()
    assert office.receives(*account(posted(-100))).firing() == set()
    assert office.receives(*account(posted(-5, "TX-2"))).firing() == {LIMIT}
    assert office.receives(*account(posted(5, "TX-2"))).firing() == set()
    office.receives(*account(TransactionReversed(transaction="TX-3"), posted(-900, "TX-3")))
    assert office.firing() == set()


def test_a_posting_of_long_ago_can_still_be_reversed_and_one_told_long_ago_cannot() -> None:
    office = bank().receives(*account(posted(100)), time="2024-01-01").at("2027-04-06")
    assert office.receives(*account(TransactionReversed(transaction="TX-1"))).state("account/A-1").balance == ()
    office = bank().receives(*account(posted(100)), time="2024-01-01").at("2027-04-07")
    assert office.receives(*account(TransactionReversed(transaction="TX-1"))).state("account/A-1").balance != ()


def test_limits_hold_for_their_own_currency_only() -> None:
    office = bank().receives(*account(LimitSet(lowest=money(0)), posted(-100, currency="USD")))
    assert office.firing() == set()


def test_another_currency_than_the_account_is_kept_in_is_a_finding() -> None:
    office = bank().receives(*account(AccountOpened(currency="EUR"), posted(9, currency="USD")))
    assert office.one(CURRENCY).labels == {"transaction": "TX-1"}
    assert office.receives(*account(posted(9))).firing() == set()
    office.receives(*account(posted(9, "TX-2", "USD"))).receives(*reviewed(CURRENCY, transaction="TX-2"))
    assert office.receives(*account(posted(9, "TX-2", "USD"))).firing() == set()
    assert office.dead_letters == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-300, 300), st.booleans()), max_size=12), st.randoms())
def test_the_balance_is_the_sum_of_what_was_told_last_and_not_reversed(
    told: list[tuple[str, int, bool]], rng: Any
) -> None:
    stories = [(n, name, amount, back) for n, (name, amount, back) in enumerate(told)]
    last = {name: amount for _, name, amount, _ in stories}
    gone = {name for _, name, _, back in stories if back}
    rng.shuffle(stories)
    office = bank()
    for n, name, amount, back in stories:
        events = [posted(amount, name), *([TransactionReversed(transaction=name)] if back else [])]
        office.receives(*account(*events), time=f"2026-03-01T00:{n:02}")
    balance = sum(amount for name, amount in last.items() if name not in gone)
    state = office.state("account/A-1")
    assert (
        [(s.currency, s.amount) for s in state.balance] == ([("EUR", balance)] if balance else [])
        if state
        else not told
    )


# Payments


def due(amount: int = 300, on: str = "2026-03-10") -> PaymentDue:
    return PaymentDue.model_validate({"payment": "INST-1", "amount": money(amount), "due_on": on})


def received(amount: int, receipt: str = "R-1", currency: str = "EUR") -> PaymentReceived:
    return PaymentReceived(payment="INST-1", receipt=receipt, amount=money(amount, currency))


def test_a_missed_payment_gets_worse_with_its_stages() -> None:
    office = bank().receives(*account(due()))
    stages = []
    for day in ("2026-03-11T00:00", "2026-04-09T00:00", "2026-05-09T00:00", "2026-06-08T00:00"):
        before = len(office.signals(MISSED))
        assert len(office.at(day).signals(MISSED)) == before
        office.at(f"{day}:01")
        assert office.one(MISSED).due == instant(day)
        stages.append((office.one(MISSED).severity, office.one(MISSED).summary.partition("for ")[2]))
    assert stages == [("warning", "1 days"), ("error", "30 days"), ("error", "60 days"), ("error", "90 days")]
    assert office.receives(*account(received(300))).firing() == set()


def test_a_payment_in_parts_is_missed_until_the_last_cent() -> None:
    office = bank().receives(*account(due(), received(200))).at("2026-03-12")
    assert office.one(MISSED).annotations == {"missing": "100.00 EUR"}
    assert office.receives(*account(received(99, "R-2"))).firing() == {MISSED}
    assert office.receives(*account(received(1, "R-3", "USD"))).firing() == {MISSED}
    assert office.receives(*account(received(1, "R-4"))).firing() == set()


def test_a_payment_that_comes_before_it_is_told_and_one_told_late() -> None:
    office = bank().receives(*account(received(300), due())).passes("2026-09-01")
    assert office.signals() == []
    late = bank("2026-03-20").receives(*account(due())).at("2026-03-21")
    assert late.one(MISSED).due == instant("2026-03-11")


def test_a_direct_debit_that_goes_back_is_owed_again_and_a_receipt_may_be_corrected() -> None:
    office = bank().receives(*account(due(), received(300))).at("2026-03-12")
    office.receives(*account(PaymentReturned(receipt="R-1"))).at("2026-03-12T00:01")
    assert office.firing() == {MISSED}
    office.receives(*account(received(300, "R-2"))).receives(*account(received(30, "R-2"))).at("2026-03-13")
    assert office.firing() == {MISSED}


def test_a_payment_that_is_put_off_or_cancelled() -> None:
    office = bank().receives(*account(due())).at("2026-03-12")
    assert office.receives(*account(due(on="2026-03-20"))).firing() == set()
    assert office.at("2026-03-21T00:01").firing() == {MISSED}
    assert office.receives(*account(PaymentCancelled(payment="INST-1"))).firing() == set()
    assert office.passes("2026-12-01").firing() == set()


def test_a_missed_payment_that_is_accepted_stays_accepted() -> None:
    office = bank().receives(*account(due())).at("2026-03-12").receives(*reviewed(MISSED, payment="INST-1"))
    assert office.firing() == set()
    assert office.receives(*account(received(1))).at("2026-07-01").firing() == set()


# Structuring


def deposits(office: Office, *what: tuple[str, int | str]) -> Office:
    for n, (at, amount) in enumerate(what):
        office.at(at).receives(*account(cash(amount, f"TX-{n}")))
    return office


def test_cash_that_adds_up_to_the_threshold_within_exactly_a_day() -> None:
    office = deposits(bank(), ("2026-03-02T10:00", 5000), ("2026-03-03T10:00", 5000))
    assert office.one(STRUCTURING).labels == {"first": "TX-0"}
    assert len(office.one(STRUCTURING).evidence) == 2
    a_second_more = deposits(bank(), ("2026-03-02T10:00", 5000), ("2026-03-03T10:00:01", 5000))
    a_cent_less = deposits(bank(), ("2026-03-02T10:00", 5000), ("2026-03-03T10:00", "4999.99"))
    assert a_second_more.firing() == a_cent_less.firing() == set()


def test_the_window_rolls() -> None:
    sums = ("2026-03-02T10:00", 4000), ("2026-03-03T09:00", 4000), ("2026-03-04T08:00", 4000)
    assert deposits(bank(), *sums).firing() == set()
    office = deposits(bank(), *sums, ("2026-03-04T09:00", 2000))
    assert office.one(STRUCTURING).labels == {"first": "TX-1"}


@pytest.mark.parametrize(
    "others",
    [
        [cash(10_000, "TX-9")],
        [cash(-6_000, "TX-9")],
        [posted(6_000, "TX-9", method="transfer")],
        [posted(6_000, "TX-9", "USD", method="cash")],
    ],
)
def test_what_does_not_add_up(others: list[Event]) -> None:
    assert bank().receives(*account(cash(6_000), *others)).firing() == set()


def test_withdrawals_count_by_themselves() -> None:
    assert bank().receives(*account(cash(-6_000), cash(-6_000, "TX-2"))).firing() == {STRUCTURING}


def test_one_that_is_told_late_meets_its_neighbours() -> None:
    office = deposits(bank(), ("2026-03-02T10:00", 4000), ("2026-03-03T09:00", 4000))
    office.at("2026-03-03T20:00").receives(*account(cash(4000, "TX-late")), time="2026-03-02T15:00")
    assert office.firing() == {STRUCTURING}


def test_more_of_the_same_is_one_alert_and_after_a_review_only_new_sums_count() -> None:
    office = deposits(bank(), *((f"2026-03-02T1{n}:00", 4000) for n in range(5)))
    assert len({s.about.subject + str(s.identity) for s in office.signals(STRUCTURING)}) == 1
    office.receives(*reviewed(STRUCTURING, first="TX-0"))
    office.receives(*account(cash(4000, "TX-new-1"), cash(4000, "TX-new-2")))
    assert office.firing() == set()
    assert office.receives(*account(cash(4000, "TX-new-3"))).one(STRUCTURING).labels == {"first": "TX-new-1"}


def test_a_reversal_takes_its_sum_away() -> None:
    office = bank().receives(*account(cash(6_000), cash(6_000, "TX-2"), TransactionReversed(transaction="TX-2")))
    assert office.firing() == set()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(1, 9_999)), min_size=1, max_size=8), st.randoms())
def test_it_fires_in_any_order_exactly_when_some_day_holds_the_threshold(told: list[tuple[int, int]], rng: Any) -> None:
    adds_up = any(sum(a for m, a in told if 0 <= m - first <= 1440) >= 10_000 for first, _ in told)
    events = [
        (f"2026-03-0{2 + m // 1440}T{m // 60 % 24:02}:{m % 60:02}", cash(a, f"T{n}")) for n, (m, a) in enumerate(told)
    ]
    rng.shuffle(events)
    office = bank("2026-03-05")
    within = max(m for m, _ in told) - min(m for m, _ in told) <= 2 * 1440
    for at, event in events:
        office.receives(*account(event), time=at)
    if within:
        assert (office.firing() == {STRUCTURING}) is adds_up


# Unusual amounts


def usual(office: Office, *amounts: int | str) -> Office:
    return office.receives(*account(*(posted(amount, f"U-{n}") for n, amount in enumerate(amounts))))


def test_more_than_six_robust_deviations_from_the_median() -> None:
    """Of 90, 95, 100, 105 and 110, the median is 100 and its absolute deviation 5: 6 x 1.4826 x 5 = 44.478."""
    amounts = [90, 95, 100, 105, 110] * 4
    told = {"unusual_floor_percent": "0.1"}
    assert usual(bank(**told), *amounts, "144.47").firing() == set()
    assert usual(bank(**told), *amounts, "144.48").one(UNUSUAL).labels == {"transaction": "U-20"}
    assert usual(bank(**told), *amounts, "55.52").firing() == {UNUSUAL}
    assert usual(bank(**told), *amounts, "55.53").firing() == set()


def test_amounts_that_are_always_the_same_have_a_floor() -> None:
    assert usual(bank(), *[100] * 20, "160").firing() == set()
    assert usual(bank(), *[100] * 20, "160.01").firing() == {UNUSUAL}


def test_too_few_amounts_say_nothing_and_neither_does_the_other_direction() -> None:
    assert usual(bank(), *[100] * 19, 9000).firing() == set()
    assert usual(bank(), *[-100] * 20, 9000).firing() == set()


def test_only_the_last_hundred_count() -> None:
    assert usual(bank(), *[9000] * 80, *[100] * 100, 9000).firing() == {UNUSUAL}


def test_an_unusual_amount_is_reviewed_reversed_or_corrected() -> None:
    office = usual(bank(), *[100] * 20, 5000)
    assert office.receives(*account(posted(101, "U-20"))).firing() == set()
    assert office.receives(*account(posted(7000, "U-21"))).firing() == {UNUSUAL}
    assert office.receives(*account(TransactionReversed(transaction="U-21"))).firing() == set()
    office.receives(*account(posted(8000, "U-22"))).receives(*reviewed(UNUSUAL, transaction="U-22"))
    assert office.receives(*account(posted(8000, "U-22"))).firing() == set()


# Reconciliation


def statement(*lines: str) -> StatementReceived:
    return StatementReceived(statement="ST-1", lines=tuple(StatementLine(line=n, amount=money(1)) for n in lines))


def test_lines_that_are_not_matched_in_five_business_days() -> None:
    office = bank("2026-03-05T12:00").receives(*account(statement("1", "2", "3")))
    office.receives(*account(StatementReconciled(statement="ST-1", lines=("2",))))
    assert office.at("2026-03-12T17:00").firing() == set()
    office.at("2026-03-12T17:00:01")
    assert "2 of 3 lines" in office.one(UNRECONCILED).summary
    office.receives(*account(StatementReconciled(statement="ST-1", lines=("1",))))
    assert office.one(UNRECONCILED).annotations == {"lines": "3"}
    assert office.receives(*account(StatementReconciled(statement="ST-1"))).firing() == set()


def test_lines_that_are_matched_before_the_statement_comes_or_taken_out_of_it() -> None:
    office = bank().receives(*account(StatementReconciled(statement="ST-1", lines=("1", "2")), statement("1", "2")))
    assert office.passes("2026-05-01").signals() == []
    other = bank().receives(*account(statement("1", "2"))).at("2026-04-01")
    assert other.firing() == {UNRECONCILED}
    other.receives(*account(StatementReconciled(statement="ST-1", lines=("1",)), statement("1")))
    assert other.firing() == set()


# Four eyes


def test_the_same_person_entered_and_released() -> None:
    office = bank(automatic_users=["batch"])
    office.receives(*account(posted(1, entered_by="batch", released_by="batch"), posted(1, "TX-2")))
    office.receives(*account(posted(1, "TX-3", entered_by="ann", released_by="bob")))
    assert office.firing() == set()
    office.receives(*account(posted(1, "TX-4", entered_by="ann", released_by="ann")))
    assert office.one(FOUR_EYES).labels == {"item": "TX-4", "person": "ann"}
    office.receives(*account(posted(1, "TX-4", entered_by="ann", released_by="bob")))
    assert office.firing() == set()
    office.receives(*account(posted(1, "TX-5", entered_by="ann", released_by="ann")))
    assert office.receives(*reviewed(FOUR_EYES, item="TX-5", person="ann")).firing() == set()
    assert [type(s) for s in office.signals(FOUR_EYES)].count(ConditionFired) == 2


def test_a_duplicate_changes_nothing() -> None:
    office = bank().receives(*account(posted(100)), id="t").receives(*account(posted(100)), id="t")
    assert [s.amount for s in office.state("account/A-1").balance] == [100]

"""Surges: many more complaints about a service or product than there are at this hour."""

from datetime import datetime, timedelta
from decimal import Decimal
from statistics import mean, pstdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.correlation import correlation
from processors.correlation.usual import Usual
from processors.departments.front_office import department as front_office
from processors.departments.it import department as it
from processors.step import Emission
from schemas.facts import ComplaintNamedService, ProductComplained
from schemas.front_office import ComplaintReceived
from schemas.it import OutageDetected
from tests.office import Office, instant
from tests.unit.correlation.telling import SHUFFLES, correlating, down, holding, shuffled

RULE = "front_office.surge"
NOW = instant("2026-01-26T09:30")
"""A Monday, three weeks after the first."""


def named(name: str, received: datetime, service: str = "vpn", **told: Any) -> Emission:
    return Emission(f"service/{service}", ComplaintNamedService(complaint=name, received_at=received, **told))


def about(name: str, received: datetime, **told: Any) -> Emission:
    return Emission("product/Home internet", ProductComplained(complaint=name, received_at=received, **told))


def many(n: int, begins: datetime = NOW, apart: int = 60, kind: Any = named, name: str = "C") -> list[Emission]:
    """So many complaints, so many seconds apart."""
    return [kind(f"{name}-{begins:%m%d-%H%M}-{i}", begins + timedelta(seconds=i * apart)) for i in range(n)]


def days(n: int) -> timedelta:
    return timedelta(days=n)


def history(each: int, *, weeks: int = 3, kind: Any = named) -> list[Emission]:
    """So many complaints in each quarter of the hour from nine to ten, on every weekday of the weeks before."""
    return [
        said
        for day in range(7 * weeks, 0, -1)
        if (NOW - days(day)).weekday() < 5
        for quarter in range(4)
        for said in many(each, NOW - days(day) + timedelta(minutes=15 * quarter - 30), 30, kind)
    ]


def office(*said: Emission, now: datetime = NOW + timedelta(minutes=14), **settings: Any) -> Office:
    told = {"correlation": settings} if settings else None
    return Office(processors=[correlation], settings=told).at(now).receives(*said)


@pytest.mark.parametrize("kind", [named, about])
def test_ten_in_a_quarter_of_an_hour_about_what_nobody_complains_of(kind: Any) -> None:
    assert office(*many(9, kind=kind)).firing() == set()
    alert = office(*many(10, kind=kind)).one(RULE)
    assert alert.severity == "error"
    assert "10 complaints name" in alert.summary
    assert "usually 0.0" in alert.summary


def test_the_quarter_is_one_of_the_clock() -> None:
    assert office(*many(9), *many(5, NOW - timedelta(minutes=5))).firing() == set()


def test_back_to_usual_is_a_quarter_without_a_surge() -> None:
    surge = office(*many(10))
    assert surge.at(NOW + timedelta(minutes=30)).firing() == {RULE}
    assert surge.at(NOW + timedelta(minutes=30, seconds=1)).firing() == set()


def test_a_surge_that_goes_on_is_one_alert() -> None:
    surge = office(*many(10)).at(NOW + timedelta(minutes=29)).receives(*many(10, NOW + timedelta(minutes=15)))
    assert surge.at(NOW + timedelta(minutes=45)).firing() == {RULE}
    assert surge.at(NOW + timedelta(minutes=46)).firing() == set()
    assert [s.type for s in surge.signals(RULE)].count("alerting.condition.resolved") == 1


def test_as_many_as_usual_at_this_hour_are_no_surge() -> None:
    assert office(*history(12), *many(12)).firing() == set()
    assert office(*history(12), *many(13)).firing() == {RULE}, "they never differed, so one more is unusual"


def test_usual_at_another_hour_or_on_other_days_is_not_usual_now() -> None:
    evening = [
        Emission(e.subject, e.event.model_copy(update={"received_at": e.event.received_at + timedelta(hours=5)}))  # type: ignore[attr-defined]
        for e in history(12)
    ]
    assert office(*evening, *many(12)).firing() == {RULE}
    saturday = NOW + days(5)
    assert office(*history(12), *many(12, saturday), now=saturday + timedelta(minutes=14)).firing() == {RULE}


def test_days_without_complaints_count_as_none() -> None:
    """20 quarters of 12 and 40 of none: 4.0 usually, give or take 5.66; three deviations end at 20.97."""
    week = [e for e in history(12) if e.event.received_at > NOW - days(7)]  # type: ignore[attr-defined]
    first = many(1, NOW - days(21) + timedelta(hours=4))
    assert office(*first, *week, *many(20, apart=40)).firing() == set()
    assert office(*first, *week, *many(21, apart=40)).firing() == {RULE}


def test_what_is_older_than_four_weeks_does_not_count() -> None:
    old = history(12, weeks=2)
    later = NOW + days(28)
    assert office(*old, *many(12, later), now=later + timedelta(minutes=14)).firing() == {RULE}
    assert office(*old, *many(12, later), now=later + timedelta(minutes=14), surge_weeks=6).firing() == set()


def test_the_hour_is_that_of_the_organisations_clock() -> None:
    berlin: dict[str, Any] = {"calendar": {"time_zone": "Europe/Berlin"}}
    assert office(*history(12), *many(12), **berlin).firing() == set()
    night = NOW + timedelta(hours=14)  # 00:30 of Tuesday in Berlin; 23:30 of Monday in UTC
    usual = [e for day in (1, 2, 3) for e in many(12, night - days(7 * day))]
    assert office(*usual, *many(12, night), now=night + timedelta(minutes=14), surge_deviations=1).firing() == {RULE}


def test_a_complaint_that_named_it_by_mistake_is_taken_off() -> None:
    surge = office(*many(10))
    assert surge.receives(named("C-0126-0930-3", NOW + timedelta(minutes=3), names=False, revision=2)).firing() == set()


def test_thresholds_are_settings() -> None:
    assert office(*many(5), surge_complaints=5).firing() == {RULE}


def test_one_from_the_future_poisons_nothing() -> None:
    poisoned = office(*history(12), named("C-X", NOW + days(30_000)), *many(12))
    assert (poisoned.firing(), poisoned.dead_letters) == (set(), [])


def test_an_outage_that_explains_it_is_named_whichever_comes_first() -> None:
    outage = down("vpn", "26T09:00")
    for said in ([outage, *many(10)], [*many(10), outage]):
        assert office(*said).one(RULE).summary.endswith("; it is or was down (OUT-1)")


def test_from_the_departments() -> None:
    told = Office(processors=[it, front_office, correlation]).at(NOW)
    told.receives(("service/vpn", OutageDetected(outage="OUT-1", since=NOW)))
    for n in range(10):
        received = ComplaintReceived(customer=f"CU-{n}", received_at=NOW, service="vpn", product="Home internet")
        told.receives((f"complaint/C-{n}", received))
    surges = {subject: fired.summary for (rule, subject, _), fired in told.conditions().items() if rule == RULE}
    assert set(surges) == {"service/vpn", "product/Home internet"}
    assert "OUT-1" in surges["service/vpn"]


def test_a_row_holds_no_more_than_the_quarters_of_four_weeks_and_the_day_itself() -> None:
    state = office(*history(1, weeks=8)).state("service/vpn")
    assert max(len(row) for row in state.hours.values()) == 4 * (4 * 5 + 1)
    assert len(state.hours) == 1


@given(st.lists(st.integers(0, 60), min_size=1, max_size=40), st.integers(0, 100), st.integers(0, 5))
def test_beyond_so_many_deviations_is_what_statistics_say(counts: list[int], now: int, deviations: int) -> None:
    usual = Usual(len(counts), sum(counts), sum(n * n for n in counts))
    limit = mean(counts) + deviations * pstdev(counts)
    if abs(now - limit) > 1e-6:
        assert usual.is_exceeded(now, Decimal(deviations)) == (now > limit)
    assert float(usual.mean) == pytest.approx(mean(counts))


def test_where_nothing_is_usual_yet_one_complaint_is_more() -> None:
    assert [Usual(0, 0, 0).is_exceeded(complaints, Decimal(3)) for complaints in (0, 1)] == [False, True]


@pytest.mark.parametrize("seed", SHUFFLES)
def test_facts_in_any_order_give_the_same_surges(seed: int) -> None:
    now = instant("2026-01-05T12:00")
    said = [
        *many(11, now - timedelta(minutes=15), 30),
        *(named(f"late-{n}", now - days(n), revision=1) for n in (3, 4, 5)),
        *many(12, now - timedelta(minutes=15), 30, about),
        *many(10, now - days(3), 30, about),
        named("C-0105-1145-0", now, names=False, revision=2),
        down("vpn", "11:00"),
    ]
    holds = holding(shuffled(said, seed)).items()
    assert {(subject, words[1]) for (rule, subject, _), words in holds if rule == RULE} == {
        ("service/vpn", "10 complaints name vpn within a quarter of an hour, usually 0.0; it is or was down (OUT-1)"),
        ("product/Home internet", "12 complaints name Home internet within a quarter of an hour, usually 0.0"),
    }


def test_duplicates_change_nothing() -> None:
    assert correlating(*many(9, instant("2026-01-05T11:50")), *many(9, instant("2026-01-05T11:50"))).firing() == set()

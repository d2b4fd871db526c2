"""Quality: the share of rejected pieces over the latest lots, and the run rules of the p-chart."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.departments.manufacturing.control_chart import WESTERN_ELECTRIC, broken, deviations
from schemas.signals import ConditionFired
from tests.office import Office
from tests.unit.departments.telling_manufacturing import lot, reviewed, works

RATE = "manufacturing.reject_rate"


def lots(office: Office, *rejected: int, size: int = 100, first: int = 0) -> Office:
    """Lots of one size, an hour apart."""
    for n, bad in enumerate(rejected, start=first):
        office.at(f"2026-01-{5 + n // 24:02}T{n % 24:02}:00").receives(lot(f"QC-{n}", size - bad, bad))
    return office


def rate_only() -> Office:
    return works(run_rules=False)


@pytest.mark.parametrize(("last", "fires"), [(5, False), (6, True)])
def test_more_than_five_percent_of_the_latest_lots_are_too_many(last: int, fires: bool) -> None:
    office = lots(rate_only(), 5, 5, 5, 5, last)
    assert office.firing() == ({RATE} if fires else set())
    if fires:
        found = office.one(RATE)
        assert (found.severity, found.identity, len(found.evidence)) == ("warning", {"reason": "rate"}, 1)
        assert found.annotations["measured"] == "26 of 500 pieces in 5 lots"


def test_few_lots_are_not_judged() -> None:
    assert lots(rate_only(), 50, 50, 50, 50).firing() == set()


def test_only_the_last_twenty_lots_count() -> None:
    office = lots(rate_only(), 100, *[0] * 18, 1)
    assert office.firing() == {RATE}, "101 of 2,000 pieces"
    assert lots(office, 0, first=20).firing() == set(), "the worst lot is the twenty-first now"


def test_a_corrected_inspection_counts_once_with_its_new_numbers() -> None:
    office = lots(rate_only(), 5, 5, 5, 5, 6)
    assert office.receives(lot("QC-4", 95, 5)).firing() == set()
    assert len(office.state("project/P-1").recent) == 5


def test_a_lot_beyond_the_latest_may_be_corrected_and_changes_nothing_here() -> None:
    office = lots(rate_only(), 0, *[5] * 20)
    assert office.receives(lot("QC-0", 0, 100)).firing() == set()


def test_a_lot_that_is_told_late_takes_its_place() -> None:
    office = lots(works(run_rules=False, reject_lots=5), 5, 5, 5, 5, 5)
    office.receives(lot("early", 0, 100), time="2026-01-01")
    assert office.firing() == set()


def test_pieces_worked_over_are_no_lot() -> None:
    office = lots(rate_only(), 5, 5, 5, 5, 5)
    assert office.receives(lot("again", 0, 20, rework=True)).firing() == set()


def test_a_reviewed_rate_is_quiet_and_an_empty_lot_is_nothing() -> None:
    office = lots(rate_only(), 9, 9, 9, 9, 9).receives(lot("empty", 0, 0))
    assert office.firing() == {RATE}
    assert office.receives(reviewed(RATE, "accepted", reason="rate"), lot("more", 90, 10)).firing() == set()


# The p-chart.


def test_deviations_are_those_of_the_standardised_p_chart() -> None:
    """Montgomery, 7.2.2: with p = 0.1, n = 100 and 25 give standard deviations of 0.03 and 0.06."""
    z = deviations([(13, 100), (1, 25), (10, 100)], centre=0.1)
    assert [isclose(a, b, abs_tol=1e-9) for a, b in zip(z, (1.0, -1.0, 0.0), strict=True)] == [True] * 3


THREE, TWO_OF_THREE, FOUR_OF_FIVE, EIGHT = (rule.name for rule in WESTERN_ELECTRIC)

RUNS = [
    ([20], [THREE]),
    ([19], []),
    ([17, 17], [TWO_OF_THREE]),
    ([17, 10, 17], [TWO_OF_THREE]),
    ([17, 10, 10, 17], []),
    ([16, 16], []),
    ([17, 17, 10], []),
    ([14, 14, 14, 14], [FOUR_OF_FIVE]),
    ([14, 14, 10, 14, 14], [FOUR_OF_FIVE]),
    ([14, 10, 14, 10, 14, 14], []),
    ([13, 13, 13, 13], []),
    ([11] * 7, []),
    ([11] * 8, [EIGHT]),
    ([9] * 8, []),
    ([0] * 20, []),
]


@pytest.mark.parametrize(("rejected", "rules"), RUNS)
def test_the_western_electric_rules_on_the_upper_side(rejected: list[int], rules: list[str]) -> None:
    """Lots of 100 with a standard of 10 %: one standard deviation is 3 pieces."""
    assert list(broken([(bad, 100) for bad in rejected], centre=0.1)) == rules


@pytest.mark.parametrize(("lots", "rules"), [([41, 41, 40], []), ([41, 40, 41], [TWO_OF_THREE]), ([40] * 3, [])])
def test_a_lot_at_two_standard_deviations_is_not_beyond_them(lots: list[int], rules: list[str]) -> None:
    """Of 64 pieces with a standard of a half, one standard deviation is 4 pieces, exactly."""
    assert list(broken([(bad, 64) for bad in lots], centre=0.5)) == rules


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda p: (min(p), max(p))), max_size=30))
def test_any_lots_can_be_judged(told: list[tuple[int, int]]) -> None:
    assert len(deviations(told)) == len(told)
    assert set(broken(told)) <= {rule.name for rule in WESTERN_ELECTRIC}


def test_a_lot_out_of_control_is_said_and_the_next_one_in_control_ends_it() -> None:
    office = lots(works(reject_standard_percent=1), 0, 0, 5)
    assert office.one(RATE).identity == {"reason": "run"}
    assert THREE in office.one(RATE).summary
    assert lots(office, 0, 0, 0, first=3).firing() == set()


def test_the_centre_line_is_estimated_once_there_are_twenty_lots() -> None:
    office = lots(works(), *[1] * 18, 9)
    assert office.firing() == set(), "nineteen lots"
    office = lots(works(), *[1] * 19, 9)
    assert [s.identity for s in office.signals(RATE) if isinstance(s, ConditionFired)] == [{"reason": "run"}]

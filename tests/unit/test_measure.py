"""Measures: what states answer besides alerts."""

from dataclasses import dataclass

from processors.measure import Measure, by_name, cases
from processors.step import State


@dataclass(frozen=True, kw_only=True)
class Bag(State):
    weight: int = 0


BAGS = [(f"bag/{name}", Bag(key=f"bag/{name}", weight=n)) for name, n in (("a", 3), ("b", 7), ("c", 7))]
OTHERS = [("box/a", Bag(key="box/a", weight=99))]


def test_cases_are_the_ids_of_the_states_for_which_it_holds() -> None:
    heavy = cases("heavy", "Heavy bags.", "bag", lambda bag: bag.weight > 5)
    assert heavy.over(BAGS + OTHERS) == {"b", "c"}


def test_counts_are_per_label_and_a_maximum_is_at_least_nothing() -> None:
    by_weight = Measure("by_weight", "Bags by weight.", "bag", lambda _, bag: (str(bag.weight),), "count")
    heaviest = Measure("heaviest", "The heaviest bag.", "bag", lambda _, bag: (bag.weight,), "maximum")
    assert by_weight.over(BAGS + OTHERS) == {"3": 1, "7": 2}
    assert heaviest.over(BAGS + OTHERS) == 7
    assert heaviest.over([]) == 0


def test_totals_are_sums_per_label() -> None:
    weights = Measure("weights", "Weight by half.", "bag", lambda _, bag: (("all", bag.weight), ("ones", 1)), "totals")
    assert weights.over(BAGS + OTHERS) == {"all": 17, "ones": 3}
    assert weights.over([]) == {}


def test_measures_are_found_by_name() -> None:
    heavy = cases("heavy", "Heavy bags.", "bag", lambda bag: bag.weight > 5)
    assert by_name(heavy) == {"heavy": heavy}

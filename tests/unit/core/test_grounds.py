"""Grounds: which records are needed, which are overtaken, and which of several are enough."""

from dataclasses import dataclass

from processors.grounds import MOST_ADDED, Grounds, evidence, grounded, in_order, least, resting_on
from schemas.envelope import Evidence


@dataclass(frozen=True)
class Ticket:
    priority: int | None = None
    team: str | None = None
    reopened: int = 0


def here(n: int) -> Evidence:
    return Evidence("events.tickets", 0, n, f"e{n}")


def told(*said: tuple[Ticket, Ticket]) -> Grounds:
    """A ticket's grounds after some records; each as the ticket then is, and what the record says by itself."""
    grounds, before = Grounds(), Ticket()
    for n, (now, alone) in enumerate(said):
        states = (before, now, alone)
        grounds, before = grounded(grounds, here(n), states, said=("priority", "team"), added=("reopened",)), now
    return grounds


URGENT, NETWORKS = Ticket(priority=1), Ticket(team="networks")
BOTH = Ticket(priority=1, team="networks")


def test_each_field_rests_on_the_record_that_said_it() -> None:
    grounds = told((URGENT, URGENT), (BOTH, NETWORKS))
    assert resting_on(grounds, ("priority",)) == [here(0)]
    assert resting_on(grounds, ("team", "priority")) == [here(0), here(1)]


def test_what_was_overtaken_is_named_no_more() -> None:
    grounds = told((URGENT, URGENT), (Ticket(priority=3), Ticket(priority=3)), (URGENT, URGENT))
    assert resting_on(grounds, ("priority",)) == [here(2)]
    assert len(grounds) == 1


def test_one_record_that_says_everything_again_is_enough() -> None:
    grounds = told((URGENT, URGENT), (BOTH, NETWORKS), (BOTH, BOTH))
    assert resting_on(grounds, ("priority", "team")) == [here(2)]


def test_a_record_that_repeats_something_else_overtakes_nothing() -> None:
    grounds = told((BOTH, BOTH), (BOTH, URGENT))
    assert resting_on(grounds, ("priority", "team")) == [here(0)]


def test_what_is_taken_back_rests_on_nothing() -> None:
    assert told((URGENT, URGENT), (Ticket(), Ticket())) == ()


def test_what_emptied_a_field_is_named_with_a_record_that_would_fill_it() -> None:
    emptied = (URGENT, Ticket())
    grounds = told((BOTH, BOTH), emptied)
    assert resting_on(grounds, ("priority", "team")) == [here(0), here(1)]
    assert resting_on(grounds, ("priority",)) == [here(0)]
    again = told((BOTH, BOTH), emptied, (Ticket(priority=2), Ticket(priority=2)))
    assert resting_on(again, ("priority", "team")) == [here(2)]
    filled = told((BOTH, BOTH), emptied, (BOTH, NETWORKS))
    assert resting_on(filled, ("priority", "team")) == [here(0), here(2)]


def test_a_count_rests_on_all_that_added_to_it() -> None:
    once, twice, thrice = (Ticket(priority=1, reopened=n) for n in (1, 2, 3))
    grounds = told((URGENT, URGENT), (once, Ticket(reopened=1)), (twice, Ticket(reopened=1)))
    assert resting_on(grounds, (), ["reopened"]) == [here(1), here(2)]
    assert resting_on(grounds, ("priority",), ["reopened"]) == [here(0), here(1), here(2)]
    counted = told((once, Ticket(reopened=1)), (twice, Ticket(reopened=1)), (thrice, thrice))
    assert resting_on(counted, (), ["reopened"]) == [here(2)], "one that says the whole count needs no other"


def test_they_are_bounded() -> None:
    counts = [(Ticket(reopened=n), Ticket(reopened=1)) for n in range(1, MOST_ADDED + 50)]
    assert len(told(*counts)) == MOST_ADDED


def test_without_a_record_nothing_changes() -> None:
    assert grounded((), None, (Ticket(), URGENT, URGENT), said=("priority",)) == ()


def test_a_record_that_is_named_anyway_needs_no_other_for_what_it_says() -> None:
    grounds = told((BOTH, BOTH), (BOTH, URGENT))
    assert resting_on(grounds, ("priority",), besides=[here(7), here(0)]) == [here(0), here(7)]


def test_records_are_named_once_oldest_first() -> None:
    assert in_order([here(3), None], [here(1), here(3)]) == [here(1), here(3)]
    assert evidence(here(3), None, here(1), here(3)) == (here(3), here(1))


def test_as_few_parts_as_are_needed() -> None:
    assert least([1, 2, 3, 10], lambda some: sum(some) >= 12) == [3, 10]
    assert least([5], lambda some: sum(some) >= 5) == [5]
    assert least([5, 1], lambda some: True) == []

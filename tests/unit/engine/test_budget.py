"""The time budget of a rule: one that hangs is interrupted and only its record suffers; nothing else ever is."""

import asyncio
import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from processors.engine.budget import Budget
from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import DEAD_LETTERS, Output
from processors.step import Step
from schemas.envelope import Event
from schemas.processing import DeadLetterHeaders, DeadlinePassed
from tests.unit.core.library import BookLent, BookReturned, CardLost, Member, library, member_step, minutes
from tests.unit.engine.standins import MEMBER, REPLAY, World, came, surrounded

BUDGET = 0.2
"""Seconds of processor time."""

NEVER = 60.0
"""Seconds of processor time after which a rule that nobody interrupts ends by itself, so that its test fails."""


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """The handler is the process's: the next test finds the one that this test found."""
    before = signal.getsignal(signal.SIGPROF)
    yield
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0), "the timer still runs"
    signal.signal(signal.SIGPROF, before)


def works(seconds: float) -> None:
    """Takes so much processor time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def with_rule(rule: Callable[[], object], on: type[Event] = CardLost) -> Processor:
    """The library, whose rule for an event does this first."""

    def step(member: Member, event: Event, at: Any) -> Step[Member]:
        if isinstance(event, on):
            rule()
            return Step(member)
        return member_step(member, event, at)

    return replace(library, aggregates={"member": Aggregate(Member, step)})


def nobody() -> None:
    """Nobody wants to know that a rule was interrupted."""


def applied(processor: Processor, *events: Event, budget: float = BUDGET) -> tuple[Fold, list[Output]]:
    """A fold that was watched while all of these came, and what they caused."""
    fold = Fold(processor)
    outputs: list[Output] = []
    with Budget(budget).watching(fold, nobody):
        for n, event in enumerate(events):
            outputs += fold.apply(came(n, event, minutes(n)))
    return fold, outputs


def why(output: Output) -> tuple[bytes | None, bytes | None, bytes | None]:
    headers = dict(output.headers)
    return headers[DeadLetterHeaders.OFFSET], headers[DeadLetterHeaders.EXCEPTION], headers[DeadLetterHeaders.MESSAGE]


TIMED_OUT = b"processors.engine.budget.RuleTimeout", b"the rule took more than 0.2 s of processor time for this record"


def loans(fold: Fold) -> set[str]:
    member = fold.states()[MEMBER]
    assert isinstance(member, Member)
    return set(member.loans)


def test_a_rule_that_loops_is_interrupted_and_only_its_record_suffers() -> None:
    dune, emma = (BookLent(book=book, due=minutes(60)) for book in ("dune", "emma"))
    fold, (letter,) = applied(with_rule(lambda: works(NEVER)), dune, CardLost(), emma)
    assert letter.topic == DEAD_LETTERS
    assert why(letter) == (b"1", *TIMED_OUT)
    assert loans(fold) == {"dune", "emma"}
    assert {what: n for what, n in fold.counts.items() if n} == {"records": 3, "dead letters": 1, "rule timeouts": 1}


def test_each_that_loops_is_interrupted() -> None:
    fold, letters = applied(with_rule(lambda: works(NEVER)), CardLost(), CardLost(), BookReturned(book="dune"))
    assert [why(letter)[0] for letter in letters] == [b"0", b"1"]
    assert fold.counts["rule timeouts"] == 2


def test_a_rule_for_a_deadline_is_interrupted_too() -> None:
    """Only the deadline is buried: the record that let it pass is applied."""
    processor = with_rule(lambda: works(NEVER), on=DeadlinePassed)
    due_soon = BookLent(book="dune", due=minutes(0.5))
    fold, (letter,) = applied(processor, due_soon, BookLent(book="emma", due=minutes(60)))
    assert why(letter) == (b"1", *TIMED_OUT)
    assert letter.value is not None
    assert b"overdue/dune" in letter.value
    assert loans(fold) == {"dune", "emma"}


def test_a_rule_may_take_nearly_its_budget_for_each_record() -> None:
    fold, outputs = applied(with_rule(lambda: works(0.3)), *[CardLost()] * 4, budget=0.6)
    assert (outputs, fold.counts["rule timeouts"]) == ([], 0)


def test_many_quick_rules_may_take_long_together() -> None:
    fold, outputs = applied(with_rule(lambda: works(0.002)), *[CardLost()] * 300, budget=0.1)
    assert (outputs, fold.counts["records"]) == ([], 300)


def test_each_interruption_is_told_of() -> None:
    """The watchdog must see that a worker which interrupts one rule after another is alive."""
    told: list[int] = []
    fold = Fold(with_rule(lambda: works(NEVER)))
    with Budget(0.1).watching(fold, lambda: told.append(fold.rules_run)):
        for n, event in enumerate((CardLost(), BookReturned(book="dune"), CardLost())):
            fold.apply(came(n, event))
    assert told == [1, 3]


def test_what_is_no_rule_is_never_interrupted() -> None:
    """A fold decodes, encodes and restores outside of rules: interrupted there, it would be broken."""
    fold = Fold(library)
    with Budget(0.05).watching(fold, nobody):
        works(0.5)
    assert not fold.in_rule


def test_what_follows_a_rule_is_not_interrupted_for_it() -> None:
    fold = Fold(with_rule(lambda: works(0.15)))
    with Budget(BUDGET).watching(fold, nobody):
        assert fold.apply(came(0, CardLost())) == ()
        works(0.5)


def test_a_rule_that_is_paused_takes_no_processor_time() -> None:
    """As in a worker that was stopped and goes on, or on a machine that is busy."""
    fold, outputs = applied(with_rule(lambda: threading.Event().wait(0.5)), CardLost(), budget=0.05)
    assert (outputs, fold.counts["records"]) == ([], 1)


def test_what_other_threads_use_up_is_not_the_rules() -> None:
    """RocksDB compacts, and metrics are served, in threads of their own."""
    over = threading.Event()

    def beside() -> None:
        while not over.is_set():
            works(0.01)

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        fold, outputs = applied(with_rule(lambda: threading.Event().wait(0.5)), CardLost(), budget=0.1)
    finally:
        over.set()
        thread.join()
    assert (outputs, fold.counts["rule timeouts"]) == ([], 0)


def test_beside_busy_threads_a_rule_that_loops_is_interrupted_all_the_same() -> None:
    over = threading.Event()

    def beside() -> None:
        while not over.is_set():
            works(0.01)

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        _, (letter,) = applied(with_rule(lambda: works(NEVER)), CardLost(), BookReturned(book="dune"))
    finally:
        over.set()
        thread.join()
    assert why(letter) == (b"0", *TIMED_OUT)


def test_the_timer_runs_only_while_it_watches() -> None:
    fold = Fold(library)
    budget = Budget(BUDGET)
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)

    def broken() -> None:
        with budget.watching(fold, nobody):
            assert signal.getitimer(signal.ITIMER_PROF) > (0.0, 0.0)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_an_alarm_that_comes_late_finds_nothing_to_interrupt() -> None:
    budget, fold = Budget(BUDGET), Fold(library)
    with budget.watching(fold, nobody):
        pass
    fold.in_rule = True
    for _ in range(20):
        signal.raise_signal(signal.SIGPROF)


def test_one_budget_watches_one_fold_after_the_other() -> None:
    budget = Budget(BUDGET)
    folds = [Fold(with_rule(lambda: works(NEVER))), Fold(library)]
    for fold in folds:
        with budget.watching(fold, nobody):
            fold.apply(came(0, CardLost()))
    assert [fold.counts["rule timeouts"] for fold in folds] == [1, 0]


def test_no_budget_watches_nothing() -> None:
    before = signal.getsignal(signal.SIGPROF)
    fold, outputs = applied(with_rule(lambda: works(0.3)), CardLost(), budget=0)
    assert (outputs, fold.counts["records"]) == ([], 1)
    assert signal.getsignal(signal.SIGPROF) == before


def test_outside_the_main_thread_nothing_is_watched() -> None:
    """Python delivers signals to the main thread only. Tests and what-if may fold elsewhere."""
    before = signal.getsignal(signal.SIGPROF)
    came_out: list[tuple[Fold, list[Output]]] = []
    processor = with_rule(lambda: works(0.3))
    thread = threading.Thread(target=lambda: came_out.append(applied(processor, CardLost(), budget=0.05)))
    thread.start()
    thread.join()
    ((fold, outputs),) = came_out
    assert (outputs, fold.counts["records"]) == ([], 1)
    assert signal.getsignal(signal.SIGPROF) == before


def test_a_rule_that_forgives_itself_every_error_is_interrupted_all_the_same() -> None:
    def stubborn() -> None:
        for _ in range(3):
            with contextlib.suppress(Exception):
                works(NEVER)

    fold, (letter,) = applied(with_rule(stubborn), CardLost(), BookReturned(book="dune"))
    assert why(letter) == (b"0", *TIMED_OUT)
    assert fold.counts["rule timeouts"] == 1


def test_a_rule_that_catches_even_that_is_interrupted_again_until_it_ends() -> None:
    """It counts once."""
    told: list[int] = []

    def incorrigible() -> None:
        for _ in range(3):
            with contextlib.suppress(BaseException):
                works(NEVER)

    fold = Fold(with_rule(incorrigible))
    with Budget(0.1).watching(fold, lambda: told.append(fold.rules_run)):
        assert fold.apply(came(0, CardLost())) == ()
        fold.apply(came(1, BookReturned(book="dune")))
    assert told == [1, 1, 1]
    assert (fold.counts["rule timeouts"], fold.counts["records"]) == (1, 2)


def test_in_a_lane_the_rest_of_the_batch_is_committed_in_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside an event loop that handles signals of its own, as a worker's does."""

    async def story(world: World) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, lambda: None)
        lane = await world.begun(REPLAY, rule_budget=BUDGET)
        first, last = (BookLent(book=book, due=minutes(60)) for book in ("dune", "emma"))
        lane.feed([came(0, first), came(1, CardLost()), came(2, last)], 0, 3)
        await world.eventually(1)
        assert lane._fold is not None
        assert loans(lane._fold) == {"dune", "emma"}
        await lane.stop()
        loop.remove_signal_handler(signal.SIGUSR1)
        assert world.progress.beats == 1
        told = world.progress.meters.registry.get_sample_value
        assert told("backoffice_rule_timeouts_total", {"processor": "library"}) == 1

    world = surrounded(monkeypatch)
    world.processor = with_rule(lambda: works(NEVER))
    asyncio.run(story(world))
    (commit,) = world.commits
    assert commit.next_offset == 3
    assert [why(output) for output in commit.outputs] == [(b"1", *TIMED_OUT)]

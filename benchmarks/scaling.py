"""Scaling of our engine: with workers, partitions, keys, and entries under one key."""

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from benchmarks import workers
from benchmarks.contenders.table import BACKOFFICE
from benchmarks.invoices import Sent, encoded
from benchmarks.job import Shape
from benchmarks.results import Measured, Report, Result, of_span, summed_up
from benchmarks.throughput import in_turn, job_proper, once, said
from benchmarks.trial import Bench, Load, measured
from benchmarks.watch import span

PARTITIONS = (1, 4, 16, 64)
KEYS = (1_000, 10_000, 100_000, 1_000_000)
ENTRIES = (10, 1_000, 100_000)


class Case(NamedTuple):
    """One point of a curve: its name, and what gives one round's figures."""

    name: str
    once: Callable[[], Measured]


def run(bench: Bench, events: int, rounds: int, report: Report, largest: int = KEYS[-1]) -> list[Result]:
    """Every curve, point by point, interleaved. `largest` bounds keys and entries, for a quick run."""
    curves = (
        [_partitions(bench, count, events) for count in PARTITIONS],
        [_keys(bench, count, events) for count in KEYS if count <= largest],
        [_entries(bench, count, events) for count in ENTRIES if count <= largest],
        [
            Case("backoffice 1 worker", _workers(bench, 1, 2 * events)),
            Case("backoffice 2 workers", _workers(bench, 2, 2 * events)),
        ],
    )
    return [result for cases in curves for result in _curve(cases, rounds, report, events)]


def _curve(cases: Sequence[Case], rounds: int, report: Report, events: int) -> list[Result]:
    found: dict[str, list[Measured]] = {}
    for number in range(rounds):
        for case in in_turn(cases, number):
            figures = case.once()
            found.setdefault(case.name, []).append(figures)
            report(f"scaling, round {number + 1}: {case.name}: {said(figures)}")
    return [summed_up(case.name, "scaling", found[case.name], events) for case in cases]


def _partitions(bench: Bench, count: int, events: int) -> Case:
    return Case(f"backoffice {count} partitions", lambda: once(bench, BACKOFFICE, job_proper(events, partitions=count)))


def _keys(bench: Bench, count: int, events: int) -> Case:
    """Each key once, as the warm-up; then so many events over all of them, which are measured."""
    load = _in_two(lambda: uniform(count, events), count, 4)
    return Case(f"backoffice {count:,} keys", lambda: _cost(bench, load, "means"))


def _entries(bench: Bench, count: int, events: int) -> Case:
    load = _in_two(lambda: one_key(count, events), count, 1)
    return Case(f"backoffice {count:,} entries under one key", lambda: _cost(bench, load, "entries"))


def _workers(bench: Bench, count: int, events: int) -> Callable[[], Measured]:
    load = _in_two(lambda: uniform(1_000, events), 1_000, workers.PARTITIONS)
    return lambda: workers.shared(bench, load, count)


def _in_two(sent: Callable[[], Iterator[Sent]], first: int, partitions: int) -> Load:
    """The first events fill the state."""
    return Load(lambda: islice(sent(), first), lambda: islice(sent(), first, None), partitions, answers=False)


def _cost(bench: Bench, load: Load, shape: Shape) -> Measured:
    return of_span(span(measured(bench, BACKOFFICE, load, shape=shape)))


def uniform(keys: int, events: int) -> Iterator[Sent]:
    """Every key once in turn, then events of keys drawn evenly."""
    rng = random.Random(keys)
    for n in range(keys + events):
        name = f"K-{n if n < keys else rng.randrange(keys):07}"
        yield Sent(f"vendor/{name}", encoded(n, f"k-{n:08}", name, 10_000 + n % 5_000), f"k-{n:08}", 10_000)


def one_key(entries: int, events: int) -> Iterator[Sent]:
    """One vendor: so many invoice numbers in turn, then events that touch one of them each."""
    rng = random.Random(entries)
    for n in range(entries + events):
        number = f"INV-{n if n < entries else rng.randrange(entries)}"
        yield Sent("vendor/one", encoded(n, f"o-{n:08}", "one", 10_000 + n % 5_000, number), f"o-{n:08}", 10_000)

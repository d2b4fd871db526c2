"""Throughput: each contender reads the same events from beginning to end, in turn, several rounds."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

from benchmarks import cluster
from benchmarks.contenders.table import ALL, Contender
from benchmarks.invoices import Sent, closing, invoices
from benchmarks.results import Measured, Report, Result, of_span, summed_up
from benchmarks.trial import Bench, Load, measured
from benchmarks.watch import second_half, span

T = TypeVar("T")
PARTITIONS = 4
WARM_UP = 30_000
"""Events before those that are measured, so that compilers and caches are warm. Plain Faust gets fewer."""
DROPPING = ", duplicates dropped"
ROUNDS_DROPPING = 2
"""The second variant takes as long as the first, and is not the headline."""


def run(bench: Bench, events: int, rounds: int, report: Report) -> list[Result]:
    """Both variants: without and with the dropping of duplicate ids."""
    loads = {share: job_proper(int(events * share), int(WARM_UP * share)) for share in {c.share for c in ALL}}
    plans = [(contender, False) for contender in ALL] + [(contender, True) for contender in ALL if contender.drops]
    found: dict[tuple[str, bool], list[Measured]] = {}
    for number in range(rounds):
        for contender, dropping in in_turn(plans, number):
            if dropping and number >= ROUNDS_DROPPING:
                continue
            figures = once(bench, contender, loads[contender.share], dropping)
            found.setdefault((contender.name, dropping), []).append(figures)
            report(f"round {number + 1}: {contender.name}{DROPPING * dropping}: {said(figures)}")
    return [summed_up(c.name + DROPPING * d, "throughput", found[c.name, d], int(events * c.share)) for c, d in plans]


def job_proper(events: int, warm: int = WARM_UP, partitions: int = PARTITIONS) -> Load:
    """The job's events. They are made once and kept: each run sends them anew."""
    sent = list(chain(invoices(events), closing(cluster.homes(partitions))))
    return Load(lambda: warm_up(warm, partitions), lambda: sent, partitions)


def warm_up(events: int, partitions: int = PARTITIONS) -> Iterable[Sent]:
    """Other invoices of the same vendors, and a closing alert in every partition."""
    return chain(invoices(events, seed=3, prefix="w"), closing(cluster.homes(partitions), prefix="warm"))


def once(bench: Bench, contender: Contender, load: Load, dropping: bool = False) -> Measured:
    samples = measured(bench, contender, load, drop_duplicates=dropping)
    return of_span(span(samples), second_half(samples))


def said(figures: Measured) -> str:
    return f"{figures['events_per_second']:,.0f} events/s, {figures['events_per_cpu_second']:,.0f} per CPU-second"


def in_turn(plans: Sequence[T], number: int) -> Sequence[T]:
    """Every round in another order, so that nobody is always first or always behind the same one."""
    turned = [*plans[number % len(plans) :], *plans[: number % len(plans)]]
    return turned if number % 2 == 0 else turned[::-1]

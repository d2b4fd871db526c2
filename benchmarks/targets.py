"""What the engine is meant to reach beside its peers, and whether it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.results import Result

GIB = 2**30


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `reached` is None when what it needs was not measured; `measured` says what was."""

    name: str
    wanted: str
    measured: str = "not measured"
    reached: bool | None = None


Figures = Mapping[tuple[str, str], Result]


def targets(results: Sequence[Result]) -> list[Target]:
    """Every target, by the medians."""
    by = {(result.part, result.name): result for result in results}
    return [*_throughput(by), *_latency(by), *_restore(by), *_scaling(by), *_alerting(by)]


def _throughput(by: Figures) -> list[Target]:
    def against(peer: str, figure: str, least: float, text: str) -> Target:
        return _ratio(f"backoffice / {peer}, {text}", by, ("backoffice", peer), "throughput", figure, least)

    rate, cpu = "events_per_second", "events_per_cpu_second"
    return [
        against("kafka-streams-eos", rate, 1.5, "events/s"),
        against("kafka-streams-eos", cpu, 2.5, "events per CPU-second"),
        against("quix", rate, 2.0, "events/s"),
        against("faust", rate, 25.0, "events/s"),
        against("floor", rate, 0.5, "events/s"),
    ]


def _latency(by: Figures) -> list[Target]:
    ours = _figure(by, "latency", "backoffice")
    peer = _figure(by, "latency", "kafka-streams-eos")
    return [
        _below("latency p50", ours("p50_ms"), 25, "ms"),
        _below("latency p99", ours("p99_ms"), 50, "ms"),
        _below("latency p50 beside kafka-streams-eos", ours("p50_ms"), peer("p50_ms"), "ms"),
        _below("latency p99 beside kafka-streams-eos", ours("p99_ms"), peer("p99_ms"), "ms"),
    ]


def _restore(by: Figures) -> list[Target]:
    rows = "1,000,000 rows"
    ours, peer = (_figure(by, "restore", f"{name} {rows}") for name in ("backoffice", "kafka-streams-eos"))
    held = _figure(by, "memory", f"backoffice {rows}")("peak_rss_bytes") or ours("peak_rss_bytes")
    rocks = _figure(by, "rocksdb", "backoffice rocksdb 10,000,000 rows")
    return [
        _below(f"restore of {rows}", ours("restore_seconds"), 4, "s"),
        _below(f"restore of {rows} beside kafka-streams-eos", ours("restore_seconds"), peer("restore_seconds"), "s"),
        _below(f"memory with {rows}", _gib(held), 1, "GiB"),
        _below("memory with 10,000,000 rows in RocksDB", _gib(rocks("peak_rss_bytes")), 1, "GiB"),
    ]


def _scaling(by: Figures) -> list[Target]:
    name = "backoffice {} worker{}"
    pair = (name.format(2, "s"), name.format(1, ""))
    wide = [_ratio("two workers / one, events/s", by, pair, "scaling", "events_per_second", 1.7)]
    return wide + [
        _flat(text, by, first, last)
        for text, first, last in (
            ("cost per event, 64 partitions / 1", "backoffice 1 partitions", "backoffice 64 partitions"),
            ("cost per event, 1,000,000 keys / 1,000", "backoffice 1,000 keys", "backoffice 1,000,000 keys"),
            (
                "cost per event, 100,000 entries under a key / 10",
                "backoffice 10 entries under one key",
                "backoffice 100,000 entries under one key",
            ),
        )
    ]


def _alerting(by: Figures) -> list[Target]:
    ours = _figure(by, "alerting", "backoffice")
    return [
        _below("from an alert to its webhook, p99 at 200 alerts/s", ours("p99_ms"), 200, "ms"),
        _below("100,000 alerts at once in four groups notified", ours("notified_seconds"), 10, "s"),
    ]


FLAT = 1.25
"""A cost that grows by no more than this, measured on a machine that is never quite quiet, counts as flat."""


def _flat(text: str, by: Figures, first: str, last: str) -> Target:
    few, many = (_figure(by, "scaling", name)("cpu_microseconds_per_event") for name in (first, last))
    if few is None or many is None:
        return Target(text, f"flat: at most {FLAT:g} x")
    measured = f"{many / few:.2f} x ({few:.1f} → {many:.1f} µs)"
    return Target(text, f"flat: at most {FLAT:g} x", measured, many / few <= FLAT)


def _figure(by: Figures, part: str, name: str) -> Callable[[str], float | None]:
    result = by.get((part, name))
    return lambda figure: None if result is None else getattr(result, figure)


def _ratio(text: str, by: Figures, pair: tuple[str, str], part: str, figure: str, least: float) -> Target:
    ours, theirs = (_figure(by, part, name)(figure) for name in pair)
    wanted = f"at least {least:g} x"
    if ours is None or theirs is None:
        return Target(text, wanted)
    return Target(text, wanted, f"{ours / theirs:.2f} x", ours / theirs >= least)


def _below(text: str, measured: float | None, most: float | None, unit: str) -> Target:
    wanted = f"at most {most:.3g} {unit}" if most is not None else "at most the peer's"
    if measured is None or most is None:
        return Target(text, wanted)
    return Target(text, wanted, f"{measured:.3g} {unit}", measured <= most)


def _gib(size: float | None) -> float | None:
    return None if size is None else size / GIB

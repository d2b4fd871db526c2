"""Medians, percentiles, spans, the results file, and what is reached."""

import json
from pathlib import Path

import pytest

from benchmarks.cluster import BenchmarkFailed, homes, partition_of
from benchmarks.pacer import paced, sent_at
from benchmarks.results import Result, known, rank, read, summed_up, write
from benchmarks.targets import targets
from benchmarks.throughput import in_turn
from benchmarks.watch import Sample, second_half, span
from benchmarks.workers import together

ABOUT = {"cores": 2}


def sample(at: float, done: int, cpu: float, rss: int = 0) -> Sample:
    return Sample(at, done, cpu, rss, (done,))


def test_a_span_is_what_was_done_and_spent_since_the_contender_was_let_go() -> None:
    samples = [sample(3, 100, 6.0, 10), sample(4, 600, 6.5, 30), sample(5, 1_100, 7.0, 20)]
    found = span(samples)
    assert (found.events, found.seconds, found.cpu_seconds, found.peak_rss) == (1_000, 2, 1.0, 30)
    assert (found.events_per_second, found.events_per_cpu_second) == (500, 1_000)
    assert span(samples, start=500).events == 500


def test_the_second_half_is_the_later_events_if_any_look_fell_into_it() -> None:
    samples = [sample(0, 100, 0.0), sample(1, 500, 0.5), sample(2, 700, 1.0), sample(4, 1_100, 2.0)]
    found = second_half(samples)
    assert found is not None
    assert (found.events, found.seconds) == (400, 2)
    assert second_half([samples[0], samples[1], samples[3]]) is None


def test_workers_are_measured_while_every_partition_has_work() -> None:
    samples = [
        Sample(0, 0, 0.0, 1, ()),
        Sample(1, 20, 1.0, 1, (10, 10)),
        Sample(2, 50, 2.0, 1, (20, 30)),
        Sample(3, 60, 3.0, 1, (30, 30)),
    ]
    found = together(samples)
    assert (found.events, found.seconds) == (20, 1)


def test_a_span_too_short_to_be_seen_is_refused() -> None:
    with pytest.raises(BenchmarkFailed, match="between two looks"):
        span([sample(1, 100, 1.0)])


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (rank(0.50, values), rank(0.99, values), rank(1.0, values)) == (50, 99, 100)
    assert rank(0.99, [7.0]) == 7
    with pytest.raises(ValueError, match="no values"):
        rank(0.5, [])


def test_rounds_are_summed_up_by_their_median_with_the_spread() -> None:
    found = summed_up("ours", "throughput", [{"events_per_second": n} for n in (3.0, 9.0, 4.0)], 1_000)
    assert (found.events_per_second, found.spread["events_per_second"], found.rounds) == (4.0, (3.0, 9.0), 3)
    assert found.p50_ms is None
    with pytest.raises(ValueError, match="no such figure: speed"):
        summed_up("ours", "throughput", [{"speed": 1.0}])


def test_the_file_keeps_parts_that_were_not_measured_this_time(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write([Result("ours", "throughput", events_per_second=5.0), Result("ours", "latency", p50_ms=20.0)], ABOUT, path)
    write([summed_up("ours", "latency", [{"p50_ms": 10.0}])], ABOUT, path)
    assert [(r.part, r.events_per_second, r.p50_ms) for r in known(path)] == [
        ("throughput", 5.0, None),
        ("latency", None, 10.0),
    ]
    rows = json.loads(path.read_text())
    assert all(row["machine"] == ABOUT and "peak_rss_bytes" in row for row in rows)
    assert read(tmp_path / "none.json") == []


def test_a_target_is_reached_by_the_medians_and_open_while_unmeasured() -> None:
    results = [
        Result("backoffice", "throughput", events_per_second=70_000, events_per_cpu_second=70_000),
        Result("kafka-streams-eos", "throughput", events_per_second=40_000, events_per_cpu_second=35_000),
        Result("backoffice", "latency", p50_ms=20, p99_ms=60),
    ]
    found = {target.name: target for target in targets(results)}
    assert found["backoffice / kafka-streams-eos, events/s"].reached is True
    assert found["backoffice / kafka-streams-eos, events per CPU-second"].reached is False
    assert found["backoffice / quix, events/s"].reached is None
    assert (found["latency p50"].reached, found["latency p99"].reached) == (True, False)


def test_every_round_has_everybody_in_another_order() -> None:
    everybody = ["a", "b", "c", "d"]
    rounds = [list(in_turn(everybody, number)) for number in range(4)]
    assert all(sorted(each) == everybody for each in rounds)
    assert len({tuple(each) for each in rounds}) == 4


def test_each_partition_has_a_vendor_that_lives_there() -> None:
    assert [partition_of(f"vendor/{vendor}", 16) for vendor in homes(16)] == list(range(16))


def test_paced_events_carry_the_instant_they_were_sent() -> None:
    events = list(paced(2_000))
    assert len({each.id for each in events}) == 2_000
    valid = next(each for each in events if each.cents is not None)
    assert b'"id": "%s"' in valid.value
    assert sent_at(f"{valid.id}@1795300000000000000") == (valid.id, 1_795_300_000_000_000_000)
    assert sent_at("closing-7") is None

"""What Prometheus reads: OpenMetrics that its parser takes, and numbers that are those of the lanes."""

from collections.abc import Iterator

import pytest
from aiokafka import TopicPartition
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from processors.engine.metrics import Meters
from processors.engine.progress import Progress

INBOX = TopicPartition("backoffice.events.it", 3)


@pytest.fixture
def progress() -> Progress:
    return Progress()


def scraped(progress: Progress) -> dict[str, Metric]:
    text = generate_latest(progress.meters.registry).decode()  # type: ignore[no-untyped-call]
    return {family.name: family for family in text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]


def value(progress: Progress, sample: str, **labels: str) -> float | None:
    """One sample's value; None when there is none with these labels."""
    found = [s for s in samples(progress) if s[0] == sample and labels.items() <= s[1].items()]
    assert len(found) < 2, found
    return found[0][2] if found else None


def samples(progress: Progress) -> Iterator[tuple[str, dict[str, str], float]]:
    for family in scraped(progress).values():
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def test_a_worker_without_lanes_lags_nowhere(progress: Progress) -> None:
    assert scraped(progress)["backoffice_lag_records"].samples == []


def test_a_new_lanes_counters_stand_at_zero_so_that_rates_begin_there(progress: Progress) -> None:
    progress.lane("it", INBOX)
    for name in ("records", "duplicates", "forwarded", "deadlines", "ticks", "rule_timeouts", "restored_rows"):
        assert value(progress, f"backoffice_{name}_total", processor="it") == 0
    assert value(progress, "backoffice_batch_records_count", processor="it") == 0


def test_counts_of_a_fold_become_counters(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.restored(0, {}, 0)
    lane.fetched(7, 7)
    lane.transacted(5, 5, 0.003, {"records": 5, "dead letters": 1}, 2, ["VALUE_CONVERTER"])
    lane.transacted(2, 7, 0.300, {"records": 7, "dead letters": 1, "duplicates": 1}, 2)
    assert value(progress, "backoffice_records_total", processor="it") == 7
    assert value(progress, "backoffice_duplicates_total", processor="it") == 1
    assert value(progress, "backoffice_dead_letters_total", processor="it", stage="VALUE_CONVERTER") == 1
    assert value(progress, "backoffice_batch_records_sum", processor="it") == 7
    assert value(progress, "backoffice_batch_records_bucket", processor="it", le="2.0") == 1
    assert value(progress, "backoffice_transaction_seconds_count", processor="it") == 2
    assert value(progress, "backoffice_transaction_seconds_bucket", processor="it", le="0.005") == 1
    assert value(progress, "backoffice_deadlines_waiting", topic=INBOX.topic, partition="3") == 2


def test_a_fold_kept_over_a_rebalance_is_not_counted_twice(progress: Progress) -> None:
    first = progress.lane("it", INBOX)
    first.restored(0, {}, 0)
    first.transacted(5, 5, 0.01, {"records": 5}, 0)
    progress.revoked()
    again = progress.lane("it", INBOX)
    again.restored(5, {"records": 5}, 0)
    again.transacted(1, 6, 0.01, {"records": 6}, 0)
    assert value(progress, "backoffice_records_total", processor="it") == 6


def test_counters_go_on_where_a_partition_comes_back_with_a_new_fold(progress: Progress) -> None:
    for _ in range(2):
        lane = progress.lane("it", INBOX)
        lane.restored(0, {}, 0)
        lane.transacted(5, 5, 0.01, {"records": 5}, 0)
        progress.revoked()
    assert value(progress, "backoffice_records_total", processor="it") == 10


def test_a_count_that_nobody_described_is_told_all_the_same(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.transacted(1, 1, 0.01, {"rows too large": 3}, 0)
    assert value(progress, "backoffice_rows_too_large_total", processor="it") == 3


def test_lag_is_what_is_left_to_do_and_unknown_before_the_end_is(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.restored(10, {}, 0)
    assert value(progress, "backoffice_lag_records") is None
    lane.end = 30
    assert value(progress, "backoffice_lag_records", topic=INBOX.topic, partition="3") == 20
    lane.fetched(20, 31)  # the last offset is a transaction marker
    assert value(progress, "backoffice_lag_records") == 20
    lane.transacted(20, 30, 0.01, {}, 0)
    assert value(progress, "backoffice_lag_records") == 0


def test_in_a_live_space_lag_is_also_how_long_the_oldest_record_has_waited(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("processors.engine.progress.time.time", lambda: now)
    lane = progress.lane("it", INBOX)
    lane.restored(0, {}, 0)
    lane.end = 0
    assert value(progress, "backoffice_lag_seconds") is None, "nothing has come yet"
    lane.fetched(3, 3, 990_000)
    lane.fetched(2, 5, 999_000)
    assert value(progress, "backoffice_lag_seconds") == 10
    lane.transacted(3, 3, 0.01, {}, 0, clock=995.0)
    assert value(progress, "backoffice_lag_seconds") == 5
    lane.transacted(2, 5, 0.01, {}, 0, clock=999.0)
    lane.end = 5
    now = 2_000.0
    assert value(progress, "backoffice_lag_seconds") == 0, "an old record that is done is no lag"
    lane.fetched(1, 6, 2_001_000)
    assert value(progress, "backoffice_lag_seconds") == 0, "a broker's clock may be ahead of ours"


def test_in_a_replay_space_where_records_carry_their_events_time_it_is_not_told(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.restored(0, {}, 0)
    lane.end = 3
    lane.fetched(3, 3)
    assert value(progress, "backoffice_lag_seconds") is None
    lane.transacted(3, 3, 0.01, {}, 0, clock=100.0)
    assert value(progress, "backoffice_lag_seconds") is None


def test_what_goes_out_is_counted_by_where_it_goes(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.transacted(2, 2, 0.01, {"records": 2}, 0, outputs={"alerting": 1, "facts": 3})
    lane.transacted(1, 3, 0.01, {"records": 3}, 0, outputs={"facts": 1})
    assert value(progress, "backoffice_outputs_total", processor="it", to="facts") == 4
    assert value(progress, "backoffice_outputs_total", processor="it", to="alerting") == 1


def test_a_restore_is_seen_while_it_goes_on(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.restoring(1_000)
    assert value(progress, "backoffice_partition_ready") == 0
    assert value(progress, "backoffice_restore_rows") == 1_000
    assert (value(progress, "backoffice_restore_seconds") or 0) > 0
    lane.restored(5, {}, 0)
    took = value(progress, "backoffice_restore_seconds")
    assert value(progress, "backoffice_partition_ready") == 1
    assert value(progress, "backoffice_restore_seconds") == took
    assert value(progress, "backoffice_restored_rows_total", processor="it") == 1_000


def test_a_revoked_partition_has_no_gauges_left(progress: Progress) -> None:
    progress.lane("it", INBOX).restored(0, {}, 0)
    progress.revoked()
    assert value(progress, "backoffice_partition_ready") is None


def test_names_are_open_metrics_and_ours_and_no_label_is_an_id(progress: Progress) -> None:
    lane = progress.lane("it", INBOX)
    lane.transacted(1, 1, 0.01, {"records": 1}, 0, ["VALUE_CONVERTER"])
    allowed = {"processor", "topic", "partition", "stage", "to", "le"}
    for family in scraped(progress).values():
        assert family.name.startswith(("backoffice_", "process_"))
        assert family.documentation
        for sample in family.samples:
            if family.type != "info":
                assert sample.labels.keys() <= allowed, sample


def test_two_workers_of_one_process_do_not_share_counters() -> None:
    first, second = Meters(), Meters()
    first.add("it", {"records": 1})
    assert second.registry.get_sample_value("backoffice_records_total", {"processor": "it"}) is None
    assert first.registry.get_sample_value("backoffice_records_total", {"processor": "it"}) == 1

"""What a feed tells of how far it is."""

from datetime import UTC, datetime

from backoffice.feeding import FeedMeters


def test_a_feed_tells_how_far_it_is_and_no_time_before_it_knows_one() -> None:
    meters = FeedMeters()
    read = meters.registry.get_sample_value
    assert read("backoffice_fed_events_total") == 0
    assert read("backoffice_fed_until_timestamp_seconds") is None
    meters.rows, meters.events, meters.rejected = 7, 5, 2
    meters.until = datetime(2026, 3, 2, tzinfo=UTC)
    assert [read(f"backoffice_fed_{what}_total") for what in ("rows", "events", "rows_rejected")] == [7, 5, 2]
    assert read("backoffice_fed_until_timestamp_seconds") == datetime(2026, 3, 2, tzinfo=UTC).timestamp()

"""What the archive's writer counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meters:
    """The writer's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.records = Counter("backoffice_archive_records", "Records archived.", ("table",), registry=registry)
        self.unread = Counter(
            "backoffice_archive_records_unread",
            "Records kept as they were, because they are no events.",
            registry=registry,
        )
        self.refused = Counter(
            "backoffice_archive_records_refused",
            "Records that the database takes only as they were.",
            registry=registry,
        )
        self.gaps = Counter(
            "backoffice_archive_gaps", "Partitions whose log had dropped records not archived yet.", registry=registry
        )
        self.away = Counter(
            "backoffice_archive_interruptions",
            "Times that database or broker did not answer.",
            ("what",),
            registry=registry,
        )
        self.removed = Counter(
            "backoffice_archive_rows_removed", "Rows removed for age.", ("table",), registry=registry
        )
        self.lag = Gauge("backoffice_archive_lag_records", "Records on the log, not archived yet.", registry=registry)
        self.rows = Gauge("backoffice_archive_rows", "Rows there are, about.", ("table",), registry=registry)
        self.written_at = Gauge(
            "backoffice_archive_last_commit_timestamp_seconds", "When a batch was committed last.", registry=registry
        )
        self.working = Gauge("backoffice_archive_working", "1: it writes. 0: it waits for its turn.", registry=registry)
        self.seconds = Histogram(
            "backoffice_archive_commit_seconds", "Time to write a batch.", buckets=SECONDS, registry=registry
        )

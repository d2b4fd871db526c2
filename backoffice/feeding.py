"""What a feed (an import, a simulation) tells of how far it is: it may take hours."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backoffice import health, vitals
from consumers.behind import Behind


class FeedMeters(Collector):
    """A feed's metrics, in a registry of their own. The numbers are the feed's: those of an earlier run among them."""

    def __init__(self) -> None:
        self.events = 0
        self.rows = 0
        self.rejected = 0
        self.until: datetime | None = None
        """How far the event time of what was fed has come."""
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily("backoffice_fed_events", "Events fed into the space.", value=self.events)
        yield CounterMetricFamily("backoffice_fed_rows", "Rows of the file read.", value=self.rows)
        yield CounterMetricFamily("backoffice_fed_rows_rejected", "Rows that are no event.", value=self.rejected)
        until = GaugeMetricFamily(
            "backoffice_fed_until_timestamp_seconds", "The event time that has been reached, since the epoch."
        )
        if self.until is not None:
            until.add_metric([], self.until.timestamp())
        yield until


@contextmanager
def watched(meters: FeedMeters, process: str, bootstrap: str, topic: str, port: int | None) -> Iterator[None]:
    """The feed's port for metrics and health, on this machine, where one is wanted. Raises PortTaken."""
    if port is None:
        yield
        return
    vitals.introduce(meters.registry, process)
    with (
        Behind(bootstrap, [topic]) as broker,
        health.announced("127.0.0.1", port, meters.registry, lambda: None, broker.not_ready),
    ):
        yield

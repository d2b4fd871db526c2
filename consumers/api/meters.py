"""What the API counts."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from consumers.api.firing import firing
from consumers.api.following import Following
from consumers.api.view import View

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Meters:
    """The API's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "backoffice_api_requests", "Requests answered.", ("method", "route", "code"), registry=self.registry
        )
        self.seconds = Histogram(
            "backoffice_api_request_seconds",
            "Time to answer a request.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.received = Counter(
            "backoffice_api_alerts_received",
            "Alerts posted by other programs: firing, resolved, or invalid and left out.",
            ("status",),
            registry=self.registry,
        )
        self.limited = Counter(
            "backoffice_api_requests_refused",
            "Requests refused before they were looked at.",
            ("why",),
            registry=self.registry,
        )

        self.commands = Counter(
            "backoffice_commands",
            "Commands that people gave: seen in effect, written and not seen in time, refused, or not written.",
            ("way", "command", "outcome"),
            registry=self.registry,
        )
        self.effect = Histogram(
            "backoffice_command_effect_seconds",
            "From a command to the sight of its effect, where that was waited for and seen.",
            ("way",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def watch(self, view: View, following: Following) -> None:
        """Shows how much is held in memory, and how much has been read."""
        self.registry.register(_Held(view, following))


class _Held(Collector):
    def __init__(self, view: View, following: Following) -> None:
        self._view = view
        self._following = following

    def collect(self) -> list[Metric]:
        held = GaugeMetricFamily("backoffice_api_held", "What is held in memory.", labels=["what"])
        with self._view.reading() as standing:
            for what, count in (
                ("alerts", len(standing.alerts)),
                ("groups", len(standing.groups)),
                ("silences", len(standing.silences)),
            ):
                held.add_metric([what], count)
            alerts = firing(held.event for held in standing.firing)
        ready = GaugeMetricFamily(
            "backoffice_api_ready", "1: what is shown is what is so.", value=int(not self._view.not_ready)
        )
        read = CounterMetricFamily(
            "backoffice_api_records_read", "Records read from the topic of alerts.", value=self._following.records
        )
        bad = CounterMetricFamily(
            "backoffice_api_records_unreadable", "Those of them that could not be read.", value=self._following.bad
        )
        return [held, alerts, ready, read, bad]

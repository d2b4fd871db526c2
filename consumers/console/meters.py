"""How much the console is used, for Prometheus: pages that are open, and sessions. Nobody is named."""

from collections.abc import Callable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Presence(Collector):
    """Asks how many there are whenever it is asked."""

    def __init__(self, pages: Callable[[], int], sessions: Callable[[], int]) -> None:
        self._pages = pages
        self._sessions = sessions

    def collect(self) -> list[Metric]:
        return [
            GaugeMetricFamily("backoffice_console_pages", "Pages of the console that are open.", value=self._pages()),
            GaugeMetricFamily(
                "backoffice_console_sessions", "Sessions of people who have signed in.", value=self._sessions()
            ),
        ]

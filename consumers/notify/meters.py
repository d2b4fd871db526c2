"""What the notifier counts: notices by what became of them, tries by channel, and which channels are left alone."""

import time
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from consumers.notify.breaker import Breaker
from consumers.notify.channels.base import Channel, Final, Transient
from consumers.notify.notifier import Delivery, Turn
from consumers.notify.receivers import Receiver
from schemas.notices import Notice

LATENCY_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 14_400)
TRY_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

UNKNOWN = "unknown"
"""The receiver's label where the configuration has no such receiver."""

TURNS_WITHIN = 90.0
"""Seconds. The loop waits at most 60 for Kafka (`outcomes.WRITE_TIMEOUT_SECONDS`): longer than this it hangs."""


class Meters:
    """The notifier's metrics, in a registry of their own."""

    def __init__(self, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds since the epoch; `monotonic`: seconds since some time."""
        self.registry = CollectorRegistry()
        self.turn: Turn | None = None
        self._clock = clock
        self._monotonic = monotonic
        self._turned_at = monotonic()
        self._receivers: Mapping[str, Receiver] = {}
        self.notices = Counter(
            "backoffice_notices",
            "Notices whose outcome is on the log: delivered, or failed for good.",
            ("receiver", "outcome"),
            registry=self.registry,
        )
        self.latency = Histogram(
            "backoffice_notice_delivery_seconds",
            "Time from when a notice was issued until it was delivered, and held back on the way if it was.",
            ("receiver",),
            buckets=LATENCY_SECONDS,
            registry=self.registry,
        )
        self.tries = Counter(
            "backoffice_delivery_tries",
            "Tries to deliver: taken, refused for good, failed and worth another try, or unexpected.",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self.try_seconds = Histogram(
            "backoffice_delivery_try_seconds",
            "Time a try took.",
            ("channel",),
            buckets=TRY_SECONDS,
            registry=self.registry,
        )

    def watch(self, receivers: Mapping[str, Receiver]) -> None:
        """Shows every receiver at zero, so that a rate can be taken from the first on, and its breakers."""
        self._receivers = receivers
        for name in receivers:
            for outcome in ("delivered", "failed"):
                self.notices.labels(name, outcome)
        self.registry.register(_Standing(self, receivers))

    def delivered(self, delivery: Delivery) -> None:
        """A notice's outcome is on the log."""
        told = delivery.notice.receiver
        receiver = told if told in self._receivers else UNKNOWN
        outcome = "delivered" if delivery.result.type.endswith("delivered") else "failed"
        self.notices.labels(receiver, outcome).inc()
        if outcome == "delivered":
            self.latency.labels(receiver).observe(max(0.0, self._clock() - delivery.notice.about.time.timestamp()))

    def turned(self, turn: Turn) -> None:
        """The loop goes round once more."""
        self.turn, self._turned_at = turn, self._monotonic()

    def not_alive(self) -> str | None:
        """Why it should be started again; None while its loop goes round."""
        late = self._monotonic() - self._turned_at
        return f"the loop has not gone round for {late:.0f} s" if late > TURNS_WITHIN else None

    def metered(self, channel: Channel) -> Channel:
        """The channel, counted."""
        return _Metered(channel, self, self._monotonic)


class _Metered:
    """A channel whose tries are counted, itself a channel. Inside the breaker: what is not tried is no try."""

    def __init__(self, channel: Channel, meters: Meters, monotonic: Callable[[], float]) -> None:
        self.kind = channel.kind
        self.per_group = channel.per_group
        self._channel = channel
        self._meters = meters
        self._monotonic = monotonic

    def deliver(self, notice: Notice) -> None:
        began, outcome = self._monotonic(), "unexpected"
        try:
            self._channel.deliver(notice)
            outcome = "taken"
        except Final:
            outcome = "refused"
            raise
        except Transient:
            outcome = "failed"
            raise
        finally:
            self._meters.tries.labels(self.kind, outcome).inc()
            self._meters.try_seconds.labels(self.kind).observe(self._monotonic() - began)

    def close(self) -> None:
        self._channel.close()


class _Standing(Collector):
    """What holds at this moment."""

    def __init__(self, meters: Meters, receivers: Mapping[str, Receiver]) -> None:
        self._meters = meters
        self._receivers = receivers

    def collect(self) -> Iterable[Metric]:
        turn = self._meters.turn or Turn(0, 0)
        yield GaugeMetricFamily("backoffice_notices_under_way", "Notices that are being delivered.", turn.under_way)
        yield GaugeMetricFamily("backoffice_notices_held", "Notices that wait: quiet hours, rate limits.", turn.held)
        breakers = GaugeMetricFamily(
            "backoffice_breaker_open",
            "1 while a receiver's channel is left alone because it keeps failing, 0 else.",
            labels=["receiver", "channel"],
        )
        for (name, kind), is_open in sorted(_breakers(self._receivers).items()):
            breakers.add_metric([name, kind], int(is_open))
        yield breakers


def _breakers(receivers: Mapping[str, Receiver]) -> dict[tuple[str, str], bool]:
    """Whether one of a receiver's channels of a kind is left alone."""
    found: dict[tuple[str, str], bool] = {}
    for name, receiver in receivers.items():
        for outlet in (*receiver.outlets, *receiver.fallback):
            if isinstance(outlet.channel, Breaker):
                where = name, outlet.channel.kind
                found[where] = found.get(where, False) or outlet.channel.open
    return found

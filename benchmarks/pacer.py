"""A paced producer, as a process of its own: so many events a second, each with the instant it was sent in its id."""

import sys
import time
from collections.abc import Iterator

from confluent_kafka import Producer

from benchmarks.cluster import HEADERS, partition_of, producer_settings
from benchmarks.invoices import Sent, invoices

SEED = 2
SPIKES = 0.08
"""About one event in 20 alerts."""


def paced(count: int) -> Iterator[Sent]:
    """The events, with ids of their own in the order in which they are sent: none comes twice."""
    for n, sent in enumerate(invoices(count, seed=SEED, spikes=SPIKES)):
        yield Sent(sent.key, sent.value.replace(f'"id": "{sent.id}"'.encode(), b'"id": "%s"', 1), f"p{n}", sent.cents)


def sent_at(event_id: str) -> tuple[str, int] | None:
    """The id as `paced` gave it and the nanoseconds since the epoch at which it was sent; None for another's id."""
    name, _, stamp = event_id.partition("@")
    return (name, int(stamp)) if stamp else None


def main() -> None:
    bootstrap, topic, partitions, rate, count = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    producer = Producer(producer_settings(bootstrap) | {"linger.ms": 0, "compression.type": "none"})
    events = list(paced(count))
    homes = {sent.key: partition_of(sent.key, partitions) for sent in events}
    began = time.monotonic()
    for n, sent in enumerate(events):
        while (wait := began + n / rate - time.monotonic()) > 0:
            producer.poll(min(wait, 0.001))
        value = sent.value.replace(b'"id": "%s"', f'"id": "{sent.id}@{time.time_ns()}"'.encode(), 1)
        producer.produce(topic, value, sent.key, homes[sent.key], headers=HEADERS)
    if left := producer.flush(30):
        raise SystemExit(f"{left} events were not delivered")


if __name__ == "__main__":
    main()

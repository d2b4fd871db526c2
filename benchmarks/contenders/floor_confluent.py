"""The floor: consume with confluent-kafka and validate, nothing else. It commits offsets so that it can be watched."""

import time

from confluent_kafka import Consumer, KafkaException

from benchmarks.job import told
from schemas.accounting import InvoiceReceived
from schemas.codec import Decoder, Unreadable

COMMIT_EVERY = 0.2


def main() -> None:
    job = told()
    consumer = Consumer(
        {
            "bootstrap.servers": job.bootstrap,
            "group.id": job.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([job.inbox])
    decode, committed, bad = Decoder((InvoiceReceived,)).decode, 0.0, 0
    while True:
        messages = consumer.consume(1_000, 0.1)
        for message in messages:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            try:
                decode(message.value())
            except Unreadable:
                bad += 1
        if messages and (time.monotonic() - committed > COMMIT_EVERY or len(messages) < 1_000):
            consumer.commit(asynchronous=False)
            committed = time.monotonic()


if __name__ == "__main__":
    main()

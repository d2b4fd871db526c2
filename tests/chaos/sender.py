"""A producer that sends what ours would refuse, and says where each record came to stand."""

from functools import partial

from confluent_kafka import KafkaError, Message, Producer

from schemas.topics import INBOX_MAX_BYTES
from tests.chaos.valid import RawHeaders


class Sender:
    """librdkafka's producer: it sends what ours and kafka-python would refuse, such as headers without a value."""

    def __init__(self, bootstrap: str, **config: str) -> None:
        """`config`: what differs from librdkafka's defaults."""
        given = {"bootstrap.servers": bootstrap, "message.max.bytes": 2 * INBOX_MAX_BYTES, **config}
        self._producer = Producer(given)
        self._placed: dict[int, Message] = {}
        self._sent = 0

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: RawHeaders = (),
        partition: int | None = None,
        at: int = 0,
    ) -> None:
        """Sends one record, `partition` None: where the partitioner says; `at` in milliseconds, 0: now."""
        where = -1 if partition is None else partition
        delivered = partial(self._delivered, self._sent)
        self._sent += 1
        while True:
            try:
                self._producer.produce(topic, value, key, where, delivered, timestamp=at, headers=list(headers))
                return
            except BufferError:  # its queue is full
                self._producer.poll(1)

    def _delivered(self, n: int, error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        self._placed[n] = message

    def placed(self) -> list[tuple[str, int, int]]:
        """Topic, partition and offset of each record sent so far, in the order in which they were sent."""
        assert self._producer.flush(120) == 0, "the broker did not take all records"
        found = [self._placed[n] for n in range(self._sent)]
        return [(str(m.topic()), int(m.partition() or 0), int(m.offset() or 0)) for m in found]

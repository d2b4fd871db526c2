"""Reading a partition's state back from its changelog: read committed, in bulk, from beginning to end."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from processors.store import UNTIL, Row, from_ms

POLL_MS = 200


async def read(bootstrap_servers: str, topic: str, partition: int) -> AsyncIterator[list[Row]]:
    """The changelog's rows in the log's order, in lists as fetched.

    A changelog ends in a transaction marker, so the end is where the position is, not where a record is.
    """
    where = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )
    await consumer.start()
    try:
        consumer.assign([where])
        end = (await consumer.end_offsets([where]))[where]
        start = (await consumer.beginning_offsets([where]))[where]
        if start < end:
            consumer.seek(where, start)
            while await consumer.position(where) < end:
                fetched = await consumer.getmany(where, timeout_ms=POLL_MS)
                yield [_row(record) for record in fetched.get(where, ())]
    finally:
        await consumer.stop()


def _row(record: object) -> Row:
    headers = dict(record.headers)  # type: ignore[attr-defined]
    until = from_ms(int(headers[UNTIL])) if UNTIL in headers else None
    return Row(record.key, record.value, until)  # type: ignore[attr-defined]

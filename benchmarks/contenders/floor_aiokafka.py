"""The floor with aiokafka, the client under Faust and our engine: consume and validate, nothing else."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer

from benchmarks.job import Job, told
from schemas.accounting import InvoiceReceived
from schemas.codec import Decoder, Unreadable

COMMIT_EVERY = 0.2


async def consume(job: Job) -> None:
    consumer = AIOKafkaConsumer(
        job.inbox,
        bootstrap_servers=job.bootstrap,
        group_id=job.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        session_timeout_ms=60_000,  # as Faust's: the benchmark holds it for longer than the 10 s of the default
    )
    await consumer.start()
    decode, committed, bad = Decoder((InvoiceReceived,)).decode, 0.0, 0
    try:
        while True:
            fetched = await consumer.getmany(timeout_ms=100)
            for records in fetched.values():
                for record in records:
                    try:
                        decode(record.value)
                    except Unreadable:
                        bad += 1
            if not fetched or time.monotonic() - committed > COMMIT_EVERY:
                await consumer.commit()
                committed = time.monotonic()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    asyncio.run(consume(told()))

"""Plain Faust as its documentation shows it: an agent, a table, `topic.send`. Validation with our models."""

import sys
from datetime import UTC, datetime
from typing import Any

import faust

from benchmarks.alerting import cents_of, unusual
from benchmarks.job import AFTER, FACTOR, Job, told
from schemas.accounting import InvoiceReceived
from schemas.codec import HEADERS, Decoder, Unreadable, encode
from schemas.envelope import About, Evidence


def app_of(job: Job) -> faust.App:
    """Stock settings but for the names, and no web server."""
    app = faust.App(
        job.run,
        broker=f"kafka://{job.bootstrap}",
        store="memory://",
        topic_partitions=job.partitions,
        web_enabled=False,
        datadir=job.work_dir,
    )
    inbox = app.topic(job.inbox, key_type=str, value_type=bytes, key_serializer="raw", value_serializer="raw")
    alerts = app.topic(job.alerts, key_serializer="raw", value_serializer="raw", partitions=1)
    dead_letters = app.topic(job.dead_letters, key_serializer="raw", value_serializer="raw", partitions=1)
    vendors = app.Table("vendors", default=dict, partitions=job.partitions)
    seen = app.Table("seen", default=bool, partitions=job.partitions) if job.drop_duplicates else None
    decode = Decoder((InvoiceReceived,)).decode

    async def watch(stream: Any) -> None:
        async for each in stream.events():
            message = each.message
            here = Evidence(job.inbox, message.partition, message.offset, "")
            try:
                event = decode(message.value, record=here)
            except Unreadable as error:
                why = [*HEADERS, ("__connect.errors.exception.message", str(error).encode())]
                await dead_letters.send(key=message.key, value=message.value, headers=why)
                continue
            assert isinstance(event, InvoiceReceived)
            if seen is not None:
                if seen.get(f"{event.about.source} {event.about.id}"):
                    continue
                seen[f"{event.about.source} {event.about.id}"] = True
            await apply(event, message)

    async def apply(event: InvoiceReceived, message: Any) -> None:
        subject, cents = event.about.subject, cents_of(event)
        vendor = vendors.get(subject) or {"count": 0, "total": 0, "largest": 0}
        count, total = vendor["count"], vendor["total"]
        largest = max(vendor["largest"], cents)
        vendors[subject] = {"count": count + 1, "total": total + cents, "largest": largest}
        if count < AFTER or cents * count <= FACTOR * total:
            return
        record = event.about.record
        assert record is not None
        at = datetime.fromtimestamp(message.timestamp, UTC)
        about = About(f"{message.partition}-{message.offset}-1", "/benchmarks/faust", subject, at)
        value = encode(unusual(event, count, at, record), about)
        await alerts.send(key=subject.encode(), value=value, headers=list(HEADERS))

    app.agent(inbox)(watch)
    return app


if __name__ == "__main__":
    app = app_of(told())
    sys.argv[1:] = ["worker", "--loglevel=warn", "--without-web"]
    app.main()

"""Quix Streams as its documentation shows it: a stateful function over a dataframe, RocksDB, at least once.

It runs in an environment of its own (benchmarks/build.py), which has Quix Streams and pydantic, and nothing of ours
but `schemas` and this package.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from quixstreams import Application, State
from quixstreams.context import message_context

from benchmarks.alerting import cents_of, unusual
from benchmarks.job import AFTER, FACTOR, Job, told
from schemas.accounting import InvoiceReceived
from schemas.codec import CONTENT_TYPE, Decoder, Unreadable, encode
from schemas.envelope import About, Evidence

Handler = Callable[[Any, str, int, Any, State], Any]
"""What is made of (value, key, timestamp, headers, state): `("alert", bytes)`, `("dead", bytes)` or None."""


def handler(job: Job) -> Handler:
    decode = Decoder((InvoiceReceived,)).decode

    def handle(value: bytes, key: str, timestamp: int, headers: Any, state: State) -> Any:
        where = message_context()
        here = Evidence(job.inbox, where.partition, where.offset, "")
        try:
            event = decode(value, record=here)
        except Unreadable:
            return ("dead", value)
        assert isinstance(event, InvoiceReceived)
        if job.drop_duplicates:
            seen = f"{event.about.source} {event.about.id}"
            if state.exists(seen):
                return None
            state.set(seen, True)
        cents = cents_of(event)
        vendor = state.get("vendor") or {"count": 0, "total": 0, "largest": 0}
        count, total = vendor["count"], vendor["total"]
        largest = max(vendor["largest"], cents)
        state.set("vendor", {"count": count + 1, "total": total + cents, "largest": largest})
        if count < AFTER or cents * count <= FACTOR * total:
            return None
        record = event.about.record
        assert record is not None
        at = datetime.fromtimestamp(timestamp / 1000, UTC)
        about = About(f"{where.partition}-{where.offset}-1", "/benchmarks/quix", event.about.subject, at)
        return ("alert", encode(unusual(event, count, at, record), about))

    return handle


def main() -> None:
    job = told()
    app = Application(
        broker_address=job.bootstrap,
        consumer_group=job.group,
        auto_offset_reset="earliest",
        state_dir=job.work_dir,
        loglevel="WARNING",
    )
    inbox = app.topic(job.inbox, key_deserializer="str", value_deserializer="bytes")
    alerts = app.topic(job.alerts, key_serializer="str", value_serializer="bytes")
    dead = app.topic(job.dead_letters, key_serializer="str", value_serializer="bytes")
    said = app.dataframe(inbox).apply(handler(job), stateful=True, metadata=True)
    said = said.filter(lambda what: what is not None)
    said.filter(lambda what: what[0] == "alert").apply(lambda what: what[1]).set_headers(_headers).to_topic(alerts)
    said.filter(lambda what: what[0] == "dead").apply(lambda what: what[1]).to_topic(dead)
    app.run()


def _headers(value: Any, key: Any, timestamp: int, headers: Any) -> list[tuple[str, bytes]]:
    return [("content-type", CONTENT_TYPE)]


if __name__ == "__main__":
    main()

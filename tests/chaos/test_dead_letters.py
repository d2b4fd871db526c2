"""Dead letters at their limits: too many stop the worker, and a record as large as the inbox takes still fits."""

from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.errors import MessageSizeTooLargeError
from kafka.record.default_records import DefaultRecordBatchBuilder

from processors.engine.outbox import partition_of
from processors.engine.watchdog import FAILED
from schemas.codec import Headers
from schemas.processing import DeadLetterHeaders as H
from schemas.topics import INBOX_MAX_BYTES, Space, changelog
from tests.chaos.custom_worker import Custom, working
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, acknowledged, drained, end_offsets, own_space, stop
from tests.chaos.valid import invoice
from tests.kafka import oracle
from tests.kafka.program import running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

INBOX = "events.accounting"
MANY = 700
"""More than half of the last 1,000 records of a partition, whatever stood there before."""


def stands(bootstrap: str, space: Space) -> dict[str, Any]:
    """What the processors have acknowledged and written."""
    topics = [space.topic(t) for t in (changelog("accounting"), "alerting", "facts", "dead-letters")]
    return {
        "acknowledged": acknowledged(bootstrap, space),
        "written": end_offsets(bootstrap, topics),
    }


def test_too_many_stop_the_worker_and_nothing_is_acknowledged_until_the_limit_is_raised(
    bootstrap: str, tmp_path: Path
) -> None:
    space = own_space(bootstrap, "limit")
    sender = Sender(bootstrap)
    partition = partition_of(b"vendor/v0", PARTITIONS)

    def send_good(first: int) -> None:
        for n in range(first, first + 40):
            sent = invoice(n).about("vendor/v0").sent()
            sender.send(space.topic(INBOX), sent.key, sent.value, sent.headers, partition)
        sender.placed()

    with running(bootstrap, tmp_path, "worker", "--space", space.name, log="good") as worker:
        send_good(0)
        drained(bootstrap, space, worker)
        stop(worker)
    before = stands(bootstrap, space)
    for n in range(MANY):
        sender.send(space.topic(INBOX), None, b"nonsense %d" % n, partition=partition)
    send_good(40)
    with running(bootstrap, tmp_path, "worker", "--space", space.name, log="stops") as worker:
        assert worker.wait(300) == FAILED
    said = (tmp_path / "stops.log").read_text()
    assert "could not be read or applied; nothing of this batch was acknowledged" in said
    assert f"{space.topic(INBOX)}/{partition}" in said, "it says where"
    assert "Traceback" not in said, "and nothing that hides it"
    assert stands(bootstrap, space) == before
    with working(bootstrap, tmp_path, Custom(space, {"dead_letter_share": 1.0}), log="raised") as worker:
        drained(bootstrap, space, worker)
    letters = records(bootstrap, space.topic("dead-letters"))
    assert [letter.value for letter in letters] == [b"nonsense %d" % n for n in range(MANY)]
    oracle.check(bootstrap, space)


def test_fewer_do_not(bootstrap: str, tmp_path: Path) -> None:
    """Bad records in every partition, and no more than half of any one's last thousand."""
    space = own_space(bootstrap, "few")
    sender = Sender(bootstrap)
    for partition in range(PARTITIONS):
        for n in range(500):
            sender.send(space.topic(INBOX), None, b"nonsense %d" % n, partition=partition)
    sender.placed()
    with running(bootstrap, tmp_path, "worker", "--space", space.name) as worker:
        drained(bootstrap, space, worker)
    assert len(records(bootstrap, space.topic("dead-letters"))) == 500 * PARTITIONS


def batch_bytes(key: bytes, value: bytes, headers: Headers) -> int:
    """The size of a record sent alone, as the broker counts it (KIP-98: one uncompressed batch of format 2)."""
    batch = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 4 * INBOX_MAX_BYTES)
    batch.append(0, 0, key, value, list(headers))
    return len(batch.build())


def sends(bootstrap: str, topic: str, key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> None:
    """Sends one record. Raises MessageSizeTooLargeError when the topic does not take it."""
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","), max_request_size=2 * INBOX_MAX_BYTES)
    try:
        producer.send(topic, key=key, value=value, headers=headers).get(timeout=60)
    finally:
        producer.close()


def test_a_record_as_large_as_the_inbox_takes_fits_with_why_it_is_here(bootstrap: str, tmp_path: Path) -> None:
    space = own_space(bootstrap, "large")
    large = [largest("value"), largest("key"), largest("headers")]
    for key, value, headers in large:
        with pytest.raises(MessageSizeTooLargeError):
            sends(bootstrap, space.topic(INBOX), key, value + b" ", headers)
        sends(bootstrap, space.topic(INBOX), key, value, headers)
    with running(bootstrap, tmp_path, "worker", "--space", space.name) as worker:
        drained(bootstrap, space, worker)
    letters = {(r.key, r.value): r for r in records(bootstrap, space.topic("dead-letters"))}
    assert len(letters) == len(large)
    for key, value, headers in large:
        letter = letters[key, value]
        assert letter.headers[: len(headers)] == tuple(headers)
        why = {name: text.decode() for name, text in letter.headers[len(headers) :]}
        assert why[H.STAGE] == "VALUE_CONVERTER"
        assert why[H.MESSAGE]
        assert why[H.STACKTRACE]
    oracle.check(bootstrap, space)


def largest(where: str) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Key, value and headers of a bad record of exactly the inbox's limit, most of it in one of the three."""
    valid = invoice(1)
    padding = 500_000

    def made(size: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        head = ("content-type", b"application/cloudevents+json")
        if where == "value":
            return valid.key, valid.saying(due_on="never", padding="ü" * (padding // 6)).json() + b" " * size, [head]
        if where == "key":
            return b"vendor/" + "ü".encode() * (padding // 2), valid.json() + b" " * size, [head]
        return valid.key, valid.saying(due_on="never").json() + b" " * size, [head, ("padding", b"\xff" * padding)]

    size = 0
    while left := INBOX_MAX_BYTES - batch_bytes(*made(size)):  # a longer record may have a longer length
        size += left
    return made(size)

"""The notifier on a real broker, telling a real HTTP server: at least once, whatever is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from consumers.notify.channels.webhook import Webhook
from consumers.notify.marks import note
from consumers.notify.notices import NoticeLog
from consumers.notify.notifier import Delivery, NotifierSettings, run
from consumers.notify.progress import Standing
from consumers.notify.receivers import Outlet, Receiver
from consumers.notify.retry import RetryPolicy
from infra.admin import admin
from infra.topics import apply, plan
from schemas.codec import HEADERS, Decoder, encode
from schemas.notices import Notice, NoticeDelivered, NoticeFailed
from schemas.topics import Space, topics
from tests.unit.notify.hooks import WHEN, Answer, Hooks, notice, serving

pytestmark = pytest.mark.kafka

STAMP = int(WHEN.timestamp() * 1000)
"""The timestamp of every notice's record, which in a replay is that of its outcome too."""


@pytest.fixture(params=[True, False], ids=["replay", "live"])
def space(bootstrap: str, request: pytest.FixtureRequest) -> Iterator[Space]:
    made = Space(f"test-{uuid4().hex[:8]}", replay=request.param)
    with admin(bootstrap) as cluster:
        refused = apply(cluster, plan(cluster, topics(made, {"alerting": "alerting"}, 1)), lambda line: None)
    assert not refused
    yield made
    with admin(bootstrap) as cluster:
        cluster.delete_topics([name for name in cluster.list_topics() if name.startswith(f"{made.name}.")])


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with serving() as running:
        yield running


def issued(bootstrap: str, space: Space, *notices: Notice | bytes) -> None:
    """Notices as alerting would write them: in one transaction."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{space.name}-{uuid4().hex}")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        for said in notices:
            value = said if isinstance(said, bytes) else encode(said, said.about)
            producer.send(space.topic("notices"), value, b"receiver/it", headers=list(HEADERS), timestamp_ms=STAMP)
        producer.commit_transaction()
    finally:
        producer.close()


def outcomes(bootstrap: str, space: Space) -> list[tuple[int, NoticeDelivered | NoticeFailed]]:
    """What alerting's inbox holds, with the records' timestamps."""
    decoder = Decoder((NoticeDelivered, NoticeFailed))
    here = TopicPartition(space.topic("alerting"), 0)
    found: list[tuple[int, NoticeDelivered | NoticeFailed]] = []
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    try:
        consumer.assign([here])
        consumer.seek_to_beginning(here)
        (end,) = consumer.end_offsets([here]).values()
        while consumer.position(here) < end:
            for record in consumer.poll(timeout_ms=1000).get(here, ()):
                event = decoder.decode(record.value, record.headers)
                assert isinstance(event, NoticeDelivered | NoticeFailed)
                assert record.key == event.about.subject.encode()
                found.append((record.timestamp, event))
    finally:
        consumer.close()
    return found


def committed(bootstrap: str, space: Space) -> int:
    """How far the notifiers' group is. Asked without joining it."""
    with admin(bootstrap) as cluster:
        offsets = cluster.list_group_offsets({f"{space.name}.notifier": None})
    (partitions,) = offsets.values()
    return max((found.offset for found in partitions.values()), default=0)


@contextmanager
def notifying(bootstrap: str, space: Space, hooks: Hooks, deliveries: int) -> Iterator[Sequence[Delivery]]:
    """A notifier of this process, until it has delivered so many; on leaving the block it has stopped."""
    stop, seen = threading.Event(), list[Delivery]()
    receivers = {
        name: Receiver(outlets=[Outlet(Webhook(hooks.url(f"/{name}"), timeout_seconds=30))]) for name in ("it", "hr")
    }
    settings = NotifierSettings(
        bootstrap_servers=bootstrap,
        space=space,
        receivers=receivers,
        retry=RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.05),
    )

    def on_delivery(delivery: Delivery) -> None:
        seen.append(delivery)
        if len(seen) == deliveries:
            stop.set()

    thread = threading.Thread(target=run, args=(settings, stop, on_delivery))
    thread.start()
    try:
        yield seen
        thread.join(60)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_notices_are_delivered_and_their_outcomes_written(bootstrap: str, space: Space, hooks: Hooks) -> None:
    hooks.answers += [Answer(503), Answer(200), Answer(429, {"Retry-After": "0"}), Answer(200), Answer(404)]
    issued(bootstrap, space, notice("0-1-1", "it"), notice("0-2-1", "it"), b"not a notice", notice("0-3-1", "it"))
    with notifying(bootstrap, space, hooks, deliveries=3):
        pass
    assert hooks.keys == ["0-1-1", "0-1-1", "0-2-1", "0-2-1", "0-3-1"]
    found = outcomes(bootstrap, space)
    assert [(event.type, event.notice, event.attempts) for _, event in found] == [
        ("alerting.notice.delivered", "0-1-1", 2),
        ("alerting.notice.delivered", "0-2-1", 2),
        ("alerting.notice.failed", "0-3-1", 1),
    ]
    stamped_as_the_cause = {stamp == STAMP and event.about.time == WHEN for stamp, event in found}
    assert stamped_as_the_cause == {space.replay}
    assert committed(bootstrap, space) == 4


def test_a_receiver_that_hangs_holds_up_nobody_else(bootstrap: str, space: Space, hooks: Hooks) -> None:
    others_told = threading.Event()
    hooks.answers += [Answer(after=others_told)]
    issued(bootstrap, space, notice("0-1-1", "it"))
    with notifying(bootstrap, space, hooks, deliveries=21) as seen:
        hooks.wait_for(1)
        issued(bootstrap, space, *(notice(f"0-2-{n}", "hr") for n in range(20)))
        hooks.wait_for(20)
        others_told.set()
    assert [d.notice.about.id for d in seen if d.notice.receiver == "hr"] == [f"0-2-{n}" for n in range(20)]


def test_after_a_stop_the_next_one_goes_on_where_it_was(bootstrap: str, space: Space, hooks: Hooks) -> None:
    issued(bootstrap, space, notice("0-1-1", "it"))
    with notifying(bootstrap, space, hooks, deliveries=1):
        pass
    issued(bootstrap, space, notice("0-2-1", "it"))
    with notifying(bootstrap, space, hooks, deliveries=1):
        pass
    assert hooks.keys == ["0-1-1", "0-2-1"]


def standing(bootstrap: str, space: Space, commit: Standing | None = None) -> Standing:
    """What a member of the notifiers' group is told of its partition, and then commits."""
    notices = NoticeLog(bootstrap, space, f"{space.name}.notifier")
    try:
        told = None
        while told is None:
            notices.fetch(0.1)
            told = notices.assigned()
        ((place, found),) = told.items()
        if commit is not None:
            assert notices.commit({place: commit})
        assert notices.assigned() is None, "nothing has changed"
    finally:
        notices.close()
    return found


def test_which_notices_are_open_stands_on_the_commit(bootstrap: str, space: Space) -> None:
    issued(bootstrap, space, notice("0-1-1", "it"))
    assert standing(bootstrap, space, commit=Standing(0, note([0, 7], 9))) == Standing(-1)
    assert standing(bootstrap, space, commit=Standing(0, "x" * 5000)) == Standing(0, note([0, 7], 9))
    assert standing(bootstrap, space) == Standing(0), "a note that a broker does not take costs nothing but itself"


class TestProcess:
    """The program itself, with a configuration file, killed or stopped."""

    @pytest.fixture
    def start(
        self, bootstrap: str, space: Space, hooks: Hooks, tmp_path: Path
    ) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
        config = tmp_path / "backoffice.yaml"
        config.write_text(
            f"space: {space.name}\n"
            f"broker: {{bootstrap_servers: '{bootstrap}'}}\n"
            "alerting:\n"
            "  route: {receiver: it}\n"
            "  receivers:\n"
            "    - name: it\n"
            "      channels: [{type: webhook, url: '${HOOK}'}]\n"
        )
        command = [sys.executable, "-c", "from backoffice.cli import app; app()", "notifier", "--config", str(config)]
        started: list[subprocess.Popen[bytes]] = []

        def start() -> subprocess.Popen[bytes]:
            process = subprocess.Popen(command, env={**os.environ, "HOOK": hooks.url()}, stderr=subprocess.DEVNULL)
            started.append(process)
            return process

        yield start
        for process in started:
            process.kill()
            process.wait()

    def test_killed_after_delivery_and_before_commit_it_repeats_the_notice_with_the_same_key(
        self, bootstrap: str, space: Space, hooks: Hooks, start: Callable[[], subprocess.Popen[bytes]]
    ) -> None:
        hooks.answers += [Answer(200), Answer(hangs=True)]
        issued(bootstrap, space, notice("0-1-1", "it"), notice("0-2-1", "it"))
        first = start()
        hooks.wait_for(2, seconds=60)
        first.kill()
        first.wait()

        start()
        hooks.wait_for(1, seconds=120)
        assert eventually(lambda: committed(bootstrap, space) == 2)
        assert "0-2-1" in hooks.keys[2:]
        assert set(hooks.keys) == {"0-1-1", "0-2-1"}
        assert {event.about.id for _, event in outcomes(bootstrap, space)} == {"0-1-1/delivered", "0-2-1/delivered"}

    def test_sigterm_ends_it_within_seconds_even_while_a_receiver_hangs(
        self, bootstrap: str, space: Space, hooks: Hooks, start: Callable[[], subprocess.Popen[bytes]]
    ) -> None:
        hooks.answers += [Answer(hangs=True)]
        issued(bootstrap, space, notice("0-1-1", "it"))
        process = start()
        hooks.wait_for(1, seconds=60)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=timedelta(seconds=20).total_seconds()) == 0
        assert time.monotonic() - asked < 10
        assert outcomes(bootstrap, space) == []


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether it comes to hold; the broker's answers are what takes time."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        threading.Event().wait(0.1)
    return held

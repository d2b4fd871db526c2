"""The archive on a real broker, in SQLite and in a real PostgreSQL: each record once, whatever is killed or away."""

import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from kafka import KafkaProducer
from sqlalchemy import select

from backoffice import archiving
from consumers.archive import source
from consumers.archive.archiver import Archiver, ArchiverSettings
from consumers.archive.databases import database
from consumers.archive.reading import Archive
from consumers.archive.tables import events, topics
from infra.admin import admin
from infra.topics import apply, plan
from schemas.codec import HEADERS
from schemas.topics import Space
from schemas.topics import topics as specs
from tests.archived import invoice
from tests.kafka.program import backoffice, eventually, running
from tests.postgres import Server, serving_or_left_out

pytestmark = pytest.mark.kafka

EVENTS = "events.accounting"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving_or_left_out() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'archive.db'}"
    found: Server = request.getfixturevalue("server")
    return found.url()


@pytest.fixture
def space(bootstrap: str) -> Iterator[Space]:
    made = Space(f"test-{uuid4().hex[:8]}")
    prepare(bootstrap, made)
    yield made
    with admin(bootstrap) as cluster:
        cluster.delete_topics([name for name in cluster.list_topics() if name.startswith(f"{made.name}.")])


def prepare(bootstrap: str, space: Space) -> None:
    with admin(bootstrap) as cluster:
        planned = plan(cluster, specs(space, {"alerting": "alerting", "accounting": EVENTS}, 2))
        assert not apply(cluster, planned, lambda line: None)


class Sending:
    """Invoices to both partitions, numbered."""

    def __init__(self, bootstrap: str, space: Space) -> None:
        self.sent = 0
        self._topic = space.topic(EVENTS)
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5)

    def send(self, count: int) -> None:
        for n in range(self.sent, self.sent + count):
            record = invoice(n)
            self._producer.send(self._topic, record.value, record.key, headers=list(HEADERS), partition=n % 2)
        self._producer.flush()
        self.sent += count

    def close(self) -> None:
        self._producer.close()


@pytest.fixture
def sending(bootstrap: str, space: Space) -> Iterator[Sending]:
    made = Sending(bootstrap, space)
    yield made
    made.close()


def ids(url: str) -> list[str]:
    """Of the events that are archived: `e-0-<n>` for each that was sent."""
    archive = Archive.open(url)
    try:
        with archive.connection() as connection:
            return sorted(id or "" for id in connection.scalars(select(events.c.id)))
    finally:
        archive.close()


def sent_ids(count: int) -> list[str]:
    return sorted(f"e-0-{n}" for n in range(count))


@contextmanager
def archiving_here(bootstrap: str, space: Space, url: str) -> Iterator[Archiver]:
    """The writer in a thread of this process."""
    stop = threading.Event()
    settings = ArchiverSettings(
        bootstrap_servers=bootstrap, space=space, describe=lambda: archiving.described(bootstrap), batch_records=500
    )
    base = database(url)
    archiver = Archiver(settings, base, stop)
    thread = threading.Thread(target=archiver.run, name="archiver")
    thread.start()
    try:
        yield archiver
    finally:
        stop.set()
        thread.join(60)
        base.engine.dispose()
    assert not thread.is_alive()


def caught_up(archiver: Archiver, url: str, count: int) -> None:
    eventually(lambda: archiver.not_ready(), lambda why: why is None)
    eventually(lambda: len(ids(url)), lambda found: found >= count)


def configured(home: Path, space: Space, url: str) -> str:
    file = home / "backoffice.yaml"
    file.write_text(f"space: {space.name}\narchive: {{url: '{url}', batch_records: 200}}\n")
    return str(file)


def test_killed_in_the_middle_again_and_again_each_record_is_there_once(
    bootstrap: str, space: Space, url: str, sending: Sending, tmp_path: Path
) -> None:
    config = configured(tmp_path, space, url)
    sending.send(4_000)
    for n in range(3):
        with running(bootstrap, tmp_path, "archive", "run", "--config", config, log=f"killed-{n}") as process:
            wanted = (n + 1) * 1_000
            eventually(lambda: archived(url), lambda found, wanted=wanted: found >= wanted)  # type: ignore[misc]
            sending.send(500)
            process.kill()
            process.wait()
    assert archived(url) < sending.sent, "it was killed before it was done"
    with running(bootstrap, tmp_path, "archive", "run", "--config", config, log="last") as process:
        eventually(lambda: archived(url), lambda found: found >= sending.sent)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert ids(url) == sent_ids(sending.sent)
    assert "Stopped." in (tmp_path / "last.log").read_text()


def archived(url: str) -> int:
    """How many events there are; none while there are no tables yet."""
    try:
        return len(ids(url))
    except Exception:  # noqa: BLE001 - the database is being made
        return 0


def test_a_database_that_goes_away_is_waited_for(
    bootstrap: str, space: Space, sending: Sending, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    url = server.url()
    with archiving_here(bootstrap, space, url) as archiver:
        sending.send(300)
        caught_up(archiver, url, 300)
        server.stop()
        try:
            sending.send(300)
            eventually(lambda: archiver.not_ready() or "", lambda why: why.startswith("the database is away"))
        finally:
            server.start()
        caught_up(archiver, url, 600)
    assert ids(url) == sent_ids(600)
    assert "the database is away; it is tried again in" in caplog.text


def test_of_two_writers_one_writes_and_the_other_takes_over(
    bootstrap: str, space: Space, url: str, sending: Sending
) -> None:
    with archiving_here(bootstrap, space, url) as second_first:
        sending.send(100)
        caught_up(second_first, url, 100)
        with archiving_here(bootstrap, space, url) as standby:
            eventually(lambda: standby.not_ready() or "", lambda why: why.startswith("standing by"))
            sending.send(100)
            caught_up(second_first, url, 200)
            assert standby.meters.working._value.get() == 0
    with archiving_here(bootstrap, space, url) as third:
        sending.send(100)
        caught_up(third, url, 300)
    assert ids(url) == sent_ids(300)


def test_a_topic_made_anew_is_archived_from_its_beginning(
    bootstrap: str, space: Space, url: str, sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    sending.send(10)
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 10)
    sending.close()
    with admin(bootstrap) as cluster:
        cluster.delete_topics([space.topic(EVENTS)])
        eventually(lambda: space.topic(EVENTS) in cluster.list_topics(), lambda there: not there)
    prepare(bootstrap, space)
    anew = Sending(bootstrap, space)
    anew.send(6)
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 16)
    anew.close()
    assert ids(url) == sorted(sent_ids(10) + sent_ids(6)), "what it held before stays"
    assert "was deleted and made anew" in caplog.text
    archive = Archive.open(url)
    with archive.connection() as connection:
        made = connection.scalars(select(topics.c.incarnation).where(topics.c.name == EVENTS)).all()
    assert sorted(made) == [0, 1]
    latest = archive.record(EVENTS, 0, 0)
    assert latest is not None
    archive.close()


def test_records_dropped_before_they_were_read_are_told(
    bootstrap: str, space: Space, url: str, sending: Sending
) -> None:
    sending.send(20)
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 20)
    sending.send(20)
    with admin(bootstrap) as cluster:
        from kafka import TopicPartition

        cluster.delete_records({TopicPartition(space.topic(EVENTS), 0): 15})
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 35)
        assert archiver.meters.gaps._value.get() == 1
    archive = Archive.open(url)
    assert [(one.topic, one.partition, one.first, one.end) for one in archive.missing()] == [(EVENTS, 0, 10, 15)]
    archive.close()


def test_a_log_that_is_shorter_than_what_was_read_is_told(
    bootstrap: str,
    space: Space,
    url: str,
    sending: Sending,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As after an election of a replica that was behind: the cluster says the same topic, and has less of it."""
    monkeypatch.setattr(source, "SHORTER_FOR_SECONDS", 0.5)
    sending.send(20)
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 20)
    base = database(url)
    with base.writing() as connection:
        connection.exec_driver_sql("UPDATE places SET next = 1000 WHERE partition = 0 AND next = 10")
    base.engine.dispose()
    with archiving_here(bootstrap, space, url) as archiver:
        eventually(lambda: archiver.not_ready(), lambda why: why is None)
        sending.send(10)
        caught_up(archiver, url, 30)
    assert ids(url) == sent_ids(30)
    assert "the cluster has lost records" in caplog.text


def test_what_was_aborted_is_not_archived_and_what_is_no_event_is(
    bootstrap: str, space: Space, url: str, sending: Sending
) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{space.name}-{uuid4().hex}")
    producer.init_transactions()
    for commits in (False, True):
        producer.begin_transaction()
        producer.send(space.topic(EVENTS), b"committed" if commits else b"aborted", b"k", partition=0)
        producer.flush()
        producer.commit_transaction() if commits else producer.abort_transaction()
    producer.close()
    sending.send(2)
    with archiving_here(bootstrap, space, url) as archiver:
        caught_up(archiver, url, 3)
        eventually(lambda: archiver.meters.lag._value.get(), lambda lag: lag == 0)
        assert archiver.meters.unread._value.get() == 1
    archive = Archive.open(url)
    values = [one.raw for one in archive.events(key="k").entries]
    assert values == [b"committed"]
    archive.close()


def test_from_the_command_line(bootstrap: str, space: Space, url: str, sending: Sending, tmp_path: Path) -> None:
    config = configured(tmp_path, space, url)
    sending.send(30)

    def command(*arguments: str, code: int = 0) -> str:
        done = backoffice(bootstrap, tmp_path, "archive", arguments[0], "--config", config, *arguments[1:])
        assert done.returncode == code, done.stderr
        return done.stdout if code != 2 else done.stderr

    assert "nothing has been archived yet" in command("status", code=2) or url.startswith("sqlite")
    with running(bootstrap, tmp_path, "archive", "run", "--config", config, "--metrics-port", "0") as process:
        eventually(lambda: archived(url), lambda found: found == 30)
        said = eventually(lambda: re.search(r"(http://\S+)/metrics", (tmp_path / "process.log").read_text()), bool)
        assert said
        text = httpx.get(f"{said[1]}/metrics").text
        assert 'backoffice_archive_records_total{table="events"} 30.0' in text
        assert 'backoffice_archive_rows{table="events"} 30.0' in text
        assert httpx.get(f"{said[1]}/readyz").status_code == 200
        assert httpx.get(f"{said[1]}/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    status = json.loads(command("status", "--output", "json"))
    assert sum(place["next"] for place in status["places"] if place["topic"] == EVENTS) == 30
    found = [json.loads(line) for line in command("search", "INV-7", "-o", "json").splitlines()]
    assert [one["id"] for one in found] == ["e-0-7"]
    assert command("search", "nothing-like-it", code=1) == ""
    assert "names no word" in command("search", "--", "-not", code=2)
    assert command("retain") == "Nothing is too old.\n"


def test_the_program_archives_what_it_says(bootstrap: str, tmp_path: Path) -> None:
    """`backoffice run` starts it, with SQLite in the data folder."""
    made = Space(f"run-{uuid4().hex[:8]}")
    config = tmp_path / "backoffice.yaml"
    config.write_text(f"space: {made.name}\napi: {{port: 0}}\n")
    with running(bootstrap, tmp_path, "run", "--config", str(config), "--no-notifier", "--no-api"):
        file = tmp_path / "archive" / f"{made.name}.db"
        eventually(file.exists, bool, within=120)
        for number in ("R-1", "R-2"):
            record = invoice(0)
            said = json.loads(record.value or b"") | {"id": str(uuid4())}
            said["data"] |= {"number": "INV-7", "invoice": number, "due_on": "2099-01-01"}
            line = tmp_path / "event.jsonl"
            line.write_text(json.dumps(said) + "\n")
            done = backoffice(bootstrap, tmp_path, "emit", str(line), "--space", made.name)
            assert done.returncode == 0, done.stderr
        eventually(lambda: alerts_of(f"sqlite:///{file}"), lambda found: found == ["accounting.duplicate_invoice"])
    assert os.path.getsize(file) > 0


def alerts_of(url: str) -> list[str]:
    try:
        archive = Archive.open(url)
    except Exception:  # noqa: BLE001 - the database is being made
        return []
    try:
        return [one.rule for one in archive.alerts(text="INV-7").entries]
    finally:
        archive.close()


def test_metrics_of_a_writer_that_waits_are_served(bootstrap: str, space: Space, url: str) -> None:
    began = time.monotonic()
    with archiving_here("127.0.0.1:1", space, url) as archiver:
        why = eventually(lambda: archiver.not_ready() or "", lambda why: why.startswith("the broker is away"))
        assert archiver.not_alive() is None
    assert "127.0.0.1:1" in why
    assert time.monotonic() - began < 60, "it stops while it waits"

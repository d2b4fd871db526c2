"""Dead letters on a real broker: buried by the worker, looked at, corrected, sent again once, whatever is killed."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from backoffice import spaces
from backoffice.cli.dlq import app
from backoffice.dead_letters import dealing
from consumers.api.ports import NotWritten
from consumers.dead_letters.dealing import CHUNK, Person
from infra.admin import admin
from processors.deadletter import dead_letter
from processors.records import Record
from producers.client import Client
from producers.delivery import Outgoing
from producers.transactions import Fenced, Raw, Transactions
from schemas.codec import HEADERS
from schemas.processing import RedriveHeaders
from schemas.topics import DEAD_LETTER_MAX_BYTES, Space
from tests.kafka.oracle import check
from tests.kafka.program import backoffice, environment, eventually, in_the_end, lag, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka


@pytest.fixture
def space(bootstrap: str) -> Iterator[Space]:
    space = Space(f"letters-{uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space, 2)
    yield space
    with admin(bootstrap) as cluster:
        cluster.delete_topics([topic for topic in cluster.list_topics() if topic.startswith(space.topic(""))])


def received(number: int, amount: str = "10.00") -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"invoice-{number}",
        "source": "/tests",
        "type": "accounting.invoice.received",
        "subject": "vendor/acme",
        "time": "2026-11-02T08:00:00Z",
        "data": {
            "number": f"INV-{number}",
            "invoice": f"R-{number}",
            "amount": {"amount": amount, "currency": "EUR"},
            "issued_on": "2026-11-02",
            "due_on": "2099-01-01",
        },
    }


def write(bootstrap: str, space: Space, topic: str, *said: tuple[bytes, Any]) -> None:
    with Client(bootstrap, space, max_record_bytes=DEAD_LETTER_MAX_BYTES) as client:
        for value, headers in said:
            client.write(Outgoing("", space.topic(topic), b"vendor/acme", value, tuple(headers)))


def buried(bootstrap: str, space: Space, count: int) -> None:
    """Letters of records that could be applied now: the rule that failed then is mended."""
    letters = []
    for number in range(count):
        value = json.dumps(received(number)).encode()
        record = Record("events.accounting", 1, number, 0, b"vendor/acme", value, HEADERS)
        letters.append((value, dead_letter(ValueError("a rule of then"), record, "accounting").headers))
    write(bootstrap, space, "dead-letters", *letters)


def sent_again(bootstrap: str, space: Space) -> Counter[int]:
    """How often each letter stands in the inbox."""
    headers = (dict(record.headers) for record in records(bootstrap, space.topic("events.accounting")))
    return Counter(int(each[RedriveHeaders.LETTER]) for each in headers if RedriveHeaders.LETTER in each)


def test_a_record_that_failed_is_corrected_sent_again_and_counts_once(
    bootstrap: str, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line, with a worker that buries and then takes it."""

    def dlq(*arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments, "--space", space.name, "-o", "json"])

    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)

    bad, good = (json.dumps(received(7, amount)).encode() for amount in ("10,00", "10.00"))
    (tmp_path / "good.json").write_bytes(good)
    write(bootstrap, space, "events.accounting", (bad, HEADERS), (b"rubbish", HEADERS))
    with running(bootstrap, tmp_path, "worker", "--space", space.name):
        eventually(lambda: len(records(bootstrap, space.topic("dead-letters"))), lambda count: count == 2)
        listed = json.loads(dlq("list").stdout)
        (number,) = (one["letter"] for one in listed if one["type"] == "accounting.invoice.received")
        (rubbish,) = (one["letter"] for one in listed if one["letter"] != number)
        assert {each["count"] for each in json.loads(dlq("list", "--by-reason").stdout)} == {1}
        shown = json.loads(dlq("show", str(number)).stdout)
        assert shown["fields"] == ["amount.amount"]
        assert "amount" in shown["redrive"]["refused"]

        refused = dlq("redrive", str(number), "--by", "dana")
        assert refused.exit_code == 1, "as it is it would come straight back"
        file = ("--value", str(tmp_path / "good.json"))
        dry = dlq("redrive", str(number), *file, "--by", "dana", "--dry-run")
        assert (dry.exit_code, sent_again(bootstrap, space)) == (0, Counter())
        done = dlq("redrive", str(number), *file, "--by", "dana", "--note", "a comma")
        assert (done.exit_code, json.loads(done.stdout)[0]["tries"]) == (0, 1)
        again = dlq("redrive", str(number), *file, "--by", "kim")
        assert again.exit_code == 1
        assert "sent again by dana" in again.stdout
        assert dlq("discard", str(rubbish), "--by", "dana", "--reason", "no event at all").exit_code == 0
        assert json.loads(dlq("list").stdout) == []
        assert len(json.loads(dlq("list", "--closed").stdout)) == 2
        assert dlq("show", "99").exit_code == 1
        in_the_end(lambda: lag(bootstrap, space, ["events.accounting"]), lambda behind: not any(behind.values()))

    (sent,) = (r for r in records(bootstrap, space.topic("events.accounting")) if r.value == good)
    (came_from,) = (r for r in records(bootstrap, space.topic("events.accounting")) if r.value == bad)
    assert (sent.partition, sent.key) == (came_from.partition, came_from.key)
    assert sent.headers[: len(came_from.headers)] == came_from.headers
    audit = [json.loads(record.value or b"{}") for record in records(bootstrap, space.topic("audit"))]
    assert [(a["subject"], a["data"]["action"]) for a in audit] == [
        ("person/dana", "letter.redrive"),
        ("person/dana", "letter.discard"),
    ]
    assert check(bootstrap, space)["dead-letters"] == 2, "and the outputs are the fold of what is in the inboxes"


def test_a_redrive_that_is_killed_in_the_middle_is_finished_by_the_same_command(
    bootstrap: str, space: Space, tmp_path: Path
) -> None:
    """Killed three times, each time a little later; in the end each letter was sent once."""
    count = 8 * CHUNK
    buried(bootstrap, space, count)
    command = ["dlq", "redrive", "--all", "--by", "dana", "--space", space.name]
    stood = [0]
    for chunks in range(3):
        kill_after(chunks * CHUNK + 1, bootstrap, tmp_path, *command)
        stood.append(sent_again(bootstrap, space).total())
    assert 0 < stood[1] < stood[2] < stood[3] < count, "no kill came in the middle"
    done = backoffice(bootstrap, tmp_path, *command)
    assert done.returncode == 0, done.stderr
    assert sent_again(bootstrap, space) == Counter(dict.fromkeys(range(count), 1))
    assert len(records(bootstrap, space.topic("audit"))) == count
    assert {record.partition for record in records(bootstrap, space.topic("events.accounting"))} == {1}


def kill_after(lines: int, bootstrap: str, home: Path, *arguments: str) -> None:
    """Runs a command until it has said so many lines. It waits for us to read them: we know how far it is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "backoffice", *arguments],
        env=environment(bootstrap, home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
    )
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline()
    process.kill()
    process.communicate()


def test_two_at_once_send_each_letter_once(bootstrap: str, space: Space) -> None:
    """Whoever begins later has the log to themselves: the first is told, and what it had not committed is not there."""
    count = 3 * CHUNK
    buried(bootstrap, space, count)
    office = dealing(bootstrap, space)
    first = office.redrive(range(count), Person("dana"))
    next(first)
    (done,) = dealing(bootstrap, space).discard([count - 1], Person("kim"), "a test")
    assert not done.refused
    with pytest.raises(NotWritten, match="somebody else writes"):
        list(first)
    list(office.redrive(range(count), Person("dana")))
    assert sent_again(bootstrap, space) == Counter(dict.fromkeys(range(count), 1))


def test_what_the_log_does_not_take_keeps_nothing_back(bootstrap: str, space: Space) -> None:
    """A record that is just within the inbox's limit has no room for the headers that count its tries."""
    huge = {**received(1), "filler": ""}
    overhead = 100
    huge["filler"] = "x" * (1_048_576 - len(json.dumps(huge)) - overhead)
    value = json.dumps(huge).encode()
    record = Record("events.accounting", 1, 9, 0, b"vendor/acme", value, HEADERS)
    why = dead_letter(ValueError("a rule of then"), record, "accounting").headers
    write(bootstrap, space, "dead-letters", (value, why))
    buried(bootstrap, space, 2)
    letters = dealing(bootstrap, space)
    outcomes = {one.number: one.refused for one in letters.redrive(range(3), Person("dana"))}
    sent = sent_again(bootstrap, space)
    assert sent == Counter(n for n, refused in outcomes.items() if not refused)
    assert (sent[1], sent[2]) == (1, 1)
    if outcomes[0]:  # compressed it may have room
        assert "the log does not take it" in outcomes[0]


def test_a_name_is_held_by_one(bootstrap: str, space: Space) -> None:
    topic = space.topic("events.accounting")
    name = f"{space.name}.test"
    with Transactions(bootstrap, name) as first:
        first.write([Raw(topic, b"vendor/acme", b"1", partition=0)])
        with Transactions(bootstrap, name) as second:
            with pytest.raises(Fenced):
                first.write([Raw(topic, b"vendor/acme", b"2", partition=0)])
            second.write([Raw(topic, b"vendor/acme", b"3", partition=0), Raw(topic, None, b"4", partition=1)])
    assert [record.value for record in records(bootstrap, topic)] == [b"1", b"3", b"4"]


def test_in_a_replay_space_nothing_is_sent_again(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    space = Space(f"letters-{uuid4().hex[:8]}", replay=True)
    spaces.prepare(bootstrap, space, 2)
    try:
        buried(bootstrap, space, 1)
        (refused,) = dealing(bootstrap, space).redrive([0], Person("dana"))
        assert "replay space" in refused.refused
        said = CliRunner().invoke(app, ["redrive", "0", "--by", "dana", "--space", space.name])
        assert (said.exit_code, "Nothing can be sent again" in said.output) == (2, True)
        assert sent_again(bootstrap, space) == Counter()
        outcomes = dealing(bootstrap, space).discard([0], Person("dana"), "a test")
        assert [outcome.refused for outcome in outcomes] == [""]
    finally:
        spaces.remove(bootstrap, space)

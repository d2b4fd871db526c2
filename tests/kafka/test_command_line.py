"""What an operator types, on a real broker: alerts and what is decided about them, lag, doctor, completion."""

import csv
import io
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner, Result

from backoffice import spaces
from backoffice.cli import app
from backoffice.cli.completing import _alerts, _spaces
from backoffice.registry import inboxes
from consumers.log import BEGINNING, Log
from consumers.seen import Reader
from infra.admin import admin
from infra.broker import BrokerHome
from infra.topics.cluster import resource
from producers.client import Client
from schemas.audit import ActionRecorded
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertMerge,
    AlertNote,
    AlertResolve,
    AlertSnooze,
    AlertUnacknowledge,
    SilenceExpire,
    SilenceSet,
)
from schemas.envelope import Event
from schemas.it import OutageDetected
from schemas.processing import DeadLetterHeaders as Dead
from schemas.topics import Space
from tests.kafka.program import eventually, in_the_end, running
from tests.unit.api.served import a_group, a_silence, an_alert

pytestmark = pytest.mark.kafka

ONE, TWO, OVER = "ab" + "0" * 14, "cd" + "0" * 14, "ef" + "0" * 14
NOW = datetime.now(UTC)
HR = {"alertname": "hr.position_open_long", "department": "hr", "severity": "warning", "subject": "position/p1"}

Run = Callable[..., Result]


@pytest.fixture
def space(bootstrap: str) -> Iterator[Space]:
    space = Space(f"typed-{uuid.uuid4().hex[:8]}")
    spaces.prepare(bootstrap, space, 2)
    yield space
    with admin(bootstrap) as cluster:
        cluster.delete_topics([name for name in cluster.list_topics() if name.startswith(f"{space.name}.")])


@pytest.fixture
def run(bootstrap: str, space: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    monkeypatch.setenv("BACKOFFICE_SPACE", space.name)
    monkeypatch.setenv("BACKOFFICE_USER", "dana")
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BACKOFFICE_CONFIG", raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, list(words))


@pytest.fixture
def office(bootstrap: str, space: Space) -> None:
    """Two alerts that fire, told in one group, and one that is over."""
    said: list[tuple[Event, str]] = [
        (an_alert(ONE, groups=("b" * 16,)), f"alert/{ONE}"),
        (an_alert(TWO, labels=HR, rule="hr.position_open_long", subject="position/p1"), f"alert/{TWO}"),
        (an_alert(OVER, status="resolved", ends_at=NOW), f"alert/{OVER}"),
        (a_group(policy="it", escalation_step=1, told=("it-clerk",)), f"group/{'b' * 16}"),
    ]
    says(bootstrap, space, *said)


def says(bootstrap: str, space: Space, *said: tuple[Event, str]) -> None:
    with Client(bootstrap, space) as client:
        for event, subject in said:
            client.send(event, subject, source="test")


def heard(bootstrap: str, space: Space, topic: str, *types: type[Event]) -> list[tuple[str, Event]]:
    """What stands on a topic of these types, with whom it is about."""
    with Log(bootstrap, [space.topic(topic)]) as log:
        reader = Reader(space, {one.type: one for one in types})
        seen = [reader.read(record) for batch in log.since(BEGINNING) for record in batch]
    return [(one.subject, one.event) for one in seen if one.event is not None]


def decided(bootstrap: str, space: Space, event: type[Event]) -> tuple[str, Any]:
    """The last decision of a sort."""
    return heard(bootstrap, space, "alerting", event)[-1]


@pytest.mark.usefixtures("office")
def test_alerts_are_narrowed_by_what_somebody_asks_for(run: Run) -> None:
    def shown(*words: str) -> list[str]:
        done = run("alerts", *words, "-o", "json")
        assert done.exit_code == 0, done.output
        return [alert["fingerprint"] for alert in json.loads(done.stdout)]

    assert shown() == [ONE, TWO]
    assert shown("list", "--all") == [ONE, TWO, OVER]
    assert shown("--matcher", 'department="hr"') == [TWO]
    assert shown("--text", "POSITION") == [TWO]
    assert shown("--state", "resolved") == [OVER]
    assert shown("--severity", "critical") == [ONE]
    assert run("alerts", "--matcher", "nonsense").exit_code == 2
    assert run("alerts", "--state", "asleep").exit_code == 2
    table = run("alerts").stdout
    assert "2 alerts" in table
    assert "vpn is down" in table
    rows = list(csv.DictReader(io.StringIO(run("alerts", "-o", "csv").stdout)))
    assert [(row["fingerprint"], row["department"], row["state"]) for row in rows] == [
        (ONE, "it", "firing"),
        (TWO, "hr", "firing"),
    ]


@pytest.mark.usefixtures("office")
def test_one_alert_with_its_story(run: Run) -> None:
    said = run("alerts", "show", "ab").stdout
    assert "vpn is down" in said
    assert f"group/{'b' * 16}  it-clerk, 1 firing, step 1 of it" in said
    whole = json.loads(run("alerts", "show", "ab", "-o", "json").stdout)
    assert (whole["fingerprint"], whole["groups"][0]["policy"]) == (ONE, "it")
    assert run("alerts", "show", "99").exit_code == 1


@pytest.mark.usefixtures("office")
def test_each_decision_is_a_command_with_who_and_an_audit(bootstrap: str, space: Space, run: Run) -> None:
    for words, event, expected in (
        (["ack", "ab", "--note", "mine"], AlertAcknowledge, {"by": "dana", "note": "mine", "until": None}),
        (["unack", "ab", "--by", "kim"], AlertUnacknowledge, {"by": "kim"}),
        (["assign", "ab", "--to", "it-clerk", "--to", "kim"], AlertAssign, {"to": ("it-clerk", "kim")}),
        (["snooze", "ab", "--until", "2030-01-05T08:00"], AlertSnooze, {"until": datetime(2030, 1, 5, 8, tzinfo=UTC)}),
        (["note", "ab", "--note", "called"], AlertNote, {"note": "called"}),
        (["merge", "ab", "--into", "cd"], AlertMerge, {"into": TWO}),
        (["merge", "ab", "--apart"], AlertMerge, {"into": None}),
        (["resolve", "ab"], AlertResolve, {"by": "dana"}),
    ):
        done = run(*words)
        assert done.exit_code == 0, done.output
        subject, said = decided(bootstrap, space, event)
        assert subject == f"alert/{ONE}"
        assert {name: getattr(said, name) for name in expected} == expected
    audits = heard(bootstrap, space, "audit", ActionRecorded)
    assert [who for who, _ in audits].count("person/kim") == 1
    assert len(audits) == 8
    _, last = audits[-1]
    assert isinstance(last, ActionRecorded)
    assert (last.action, last.on, last.by_way_of) == ("alert.resolve", f"alert/{ONE}", "command line")


@pytest.mark.usefixtures("office")
def test_a_decision_that_nobody_takes_in_is_on_record_all_the_same(bootstrap: str, space: Space, run: Run) -> None:
    done = run("ack", "ab", "--wait")
    assert (done.exit_code, "was not seen in time" in done.stderr) == (3, True), done.output
    assert decided(bootstrap, space, AlertAcknowledge)[0] == f"alert/{ONE}"


@pytest.mark.usefixtures("office")
def test_several_at_once_a_group_and_what_is_over(bootstrap: str, space: Space, run: Run) -> None:
    done = run("ack", "ab", "cd", "group/bb", "--for", "2h", "-o", "json")
    assert done.exit_code == 0, done.output
    assert [row["subject"] for row in json.loads(done.stdout)] == [f"alert/{ONE}", f"alert/{TWO}", f"group/{'b' * 16}"]
    said = heard(bootstrap, space, "alerting", AlertAcknowledge)
    assert len(said) == 3
    for _, event in said:
        assert isinstance(event, AlertAcknowledge)
        assert event.until is not None
        assert abs(event.until - event.about.time - timedelta(hours=2)) < timedelta(minutes=1)

    assert run("ack", "ab", "99").exit_code == 1
    assert len(heard(bootstrap, space, "alerting", AlertAcknowledge)) == 3, "nothing before all are found"
    late = run("ack", "ab", "ef")
    assert (late.exit_code, "is resolved already" in late.stderr) == (1, True)
    assert len(heard(bootstrap, space, "alerting", AlertAcknowledge)) == 4
    assert run("note", "ef", "--note", "for the record").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        "ack ab --for soon",
        "ack ab --for 1h --until 2030-01-01",
        "assign ab",
        "assign ab --to kim --nobody",
        "snooze ab",
        "merge ab",
        "merge ab --into cd --apart",
        "silence add nonsense --comment why",
        "silence add department=~.* --comment why",
        "silence add department=it --comment why --until 2020-01-01",
    ],
)
@pytest.mark.usefixtures("office")
def test_what_cannot_be_is_refused_and_nothing_sent(bootstrap: str, space: Space, run: Run, words: str) -> None:
    done = run(*words.split())
    assert done.exit_code == 2, done.output
    assert heard(bootstrap, space, "alerting", AlertAcknowledge, AlertAssign, AlertSnooze, SilenceSet) == []


@pytest.mark.usefixtures("office")
def test_silences_are_previewed_made_listed_and_ended(bootstrap: str, space: Space, run: Run) -> None:
    preview = json.loads(run("silence", "preview", "department=hr", "-o", "json").stdout)
    assert [alert["fingerprint"] for alert in preview] == [TWO]
    assert heard(bootstrap, space, "alerting", SilenceSet) == []

    made = run("silence", "add", "department=hr", "--for", "2h", "--comment", "holidays")
    assert made.exit_code == 0, made.output
    id = made.stdout.split()[-1]
    subject, said = decided(bootstrap, space, SilenceSet)
    assert subject == f"silence/{id}"
    assert (said.by, said.comment, said.ends_at - said.starts_at) == ("dana", "holidays", timedelta(hours=2))
    assert "1 of the alerts that fire match" in made.stderr

    stands = a_silence(
        starts_at=NOW, ends_at=NOW + timedelta(hours=2), matchers=[{"name": "department", "value": "hr"}]
    )
    says(bootstrap, space, (stands, f"silence/{stands.silence}"))
    (listed,) = json.loads(run("silence", "list", "-o", "json").stdout)
    assert (listed["state"], listed["matches"], listed["says"]) == ("active", 1, 'department="hr"')
    assert [a["fingerprint"] for a in json.loads(run("alerts", "--state", "silenced", "-o", "json").stdout)] == [TWO]
    assert run("silence", "expire", "f2").exit_code == 0
    _, ended = decided(bootstrap, space, SilenceExpire)
    assert ended.silence == stands.silence
    assert run("silence", "expire", "99").exit_code == 1


def test_lag_counts_what_nobody_has_read(bootstrap: str, space: Space, run: Run) -> None:
    def behind(reader: str) -> dict[str, Any]:
        rows = json.loads(run("lag", "-o", "json").stdout)
        found: dict[str, Any] = next(row for row in rows if row["reader"] == reader)
        return found

    assert {row["reader"] for row in json.loads(run("lag", "-o", "json").stdout)} == {*inboxes(), "notifier"}
    assert behind("it") == {"reader": "it", "topic": "events.it", "partitions": 2, "records": 0, "seconds": None}
    says(bootstrap, space, *((OutageDetected(outage=f"O-{n}", since=NOW), f"service/s{n}") for n in range(20)))
    assert behind("it")["records"] == 20
    assert 0 <= behind("it")["seconds"] < 600
    assert run("lag", "--most", "19").exit_code == 1
    assert run("lag", "--most", "20").exit_code == 0
    parts = json.loads(run("lag", "--partitions", "-o", "json").stdout)
    assert sum(part["records"] for part in parts if part["reader"] == "it") == 20


def test_lag_of_a_marker_alone_is_none(bootstrap: str, space: Space, run: Run) -> None:
    """An aborted transaction leaves nothing to read, though the end of the partition has moved."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"t-{uuid.uuid4()}", retry_backoff_ms=10)
    try:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send(space.topic("events.it"), b"{}", partition=0)
        producer.flush()
        producer.abort_transaction()
    finally:
        producer.close()
    rows = json.loads(run("lag", "-o", "json").stdout)
    assert next(row for row in rows if row["reader"] == "it")["records"] == 0


def test_a_worker_is_seen_by_doctor_and_leaves_no_lag(
    bootstrap: str, space: Space, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def left() -> list[int]:
        rows = json.loads(run("lag", "-o", "json").stdout)
        return [row["records"] for row in rows if row["reader"] != "notifier"]

    assert run("workers").exit_code == 1
    says(bootstrap, space, (OutageDetected(outage="O-1", since=NOW), "service/vpn"))
    (tmp_path / "home").mkdir()
    with running(bootstrap, tmp_path / "home", "worker", "--space", space.name):
        in_the_end(left, lambda records: not any(records))
        (alert,) = json.loads(run("alerts", "-o", "json").stdout)
        assert (alert["rule"], alert["state"]) == ("it.outage", "firing")
        with running(bootstrap, tmp_path, "alerts", "--watch", "0.3", "-o", "json", "--space", space.name, log="watch"):
            eventually(lambda: seen_last(tmp_path), lambda seen: seen == ["firing"])
            taken = run("ack", alert["fingerprint"], "--wait")
            assert taken.exit_code == 0, taken.output
            assert json.loads(run("alerts", "-o", "json").stdout)[0]["acknowledged_by"] == "dana"
            eventually(lambda: seen_last(tmp_path), lambda seen: seen == ["acknowledged"])
        (worker,) = json.loads(run("workers", "-o", "json").stdout)
        assert (worker["does"], worker["host"]) == ("worker", "127.0.0.1")
        assert {"events.it/0", "events.it/1", "alerting/0"} <= set(worker["partitions"])
        found = findings(run("doctor", "--only", "workers", "-o", "json"))
        assert ("ok", f"1 worker of space {space.name}") in found
        assert any(severity == "warning" and "no notifier runs" in what for severity, what in found)


def seen_last(home: Path) -> list[str]:
    """The states of the alerts at the last look that was written whole."""
    lines = (home / "watch.log").read_text().split("\n")[:-1]
    return [alert["state"] for alert in json.loads(lines[-1])] if lines else []


def findings(done: Result) -> list[tuple[str, str]]:
    return [(row["severity"], row["finding"]) for row in json.loads(done.stdout)]


def only(run: Run, check: str) -> tuple[int, list[tuple[str, str]]]:
    done = run("doctor", "--only", check, "-o", "json")
    return done.exit_code, findings(done)


def test_doctor_finds_a_broker_and_a_space_that_are_well(run: Run, space: Space) -> None:
    for check in ("broker", "topics", "rights", "clock", "lag"):
        code, found = only(run, check)
        assert (code, {severity for severity, _ in found}) == (0, {"ok"}), found


def test_doctor_says_what_it_looked_at_in_the_audit(bootstrap: str, run: Run, space: Space) -> None:
    only(run, "clock")
    ((who, looked),) = heard(bootstrap, space, "audit", ActionRecorded)
    assert isinstance(looked, ActionRecorded)
    assert (who, looked.action) == ("person/dana", "doctor.look")


def test_doctor_finds_a_topic_that_was_altered_or_removed(bootstrap: str, space: Space, run: Run) -> None:
    alerts, notices = space.topic("alerts"), space.topic("notices")
    with admin(bootstrap) as cluster:
        cluster.alter_configs([resource(alerts, {"cleanup.policy": "delete"})], incremental=True)

    code, found = eventually(lambda: only(run, "topics"), lambda seen: seen[0] != 0)
    assert code == 3
    assert ("warning", f"{alerts} has cleanup.policy=delete, specified is compact") in found
    code, found = only(run, "rights")
    assert code == 1
    assert any("state would be lost" in what for _, what in found)
    with admin(bootstrap) as cluster:
        cluster.delete_topics([notices])
    code, found = eventually(lambda: only(run, "topics"), lambda seen: seen[0] == 1)
    assert ("error", f"there is no topic {notices}") in found


def test_doctor_finds_dead_letters_that_are_open(bootstrap: str, space: Space, run: Run) -> None:
    assert only(run, "dead-letters") == (0, [("ok", "no dead letter is open")])
    said = {Dead.TOPIC: space.topic("events.it"), Dead.PARTITION: "0", Dead.OFFSET: "7", Dead.STAGE: "TRANSFORMATION"}
    said |= {Dead.EXCEPTION: "builtins.ValueError", Dead.MESSAGE: "no"}
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    headers = [(name, text.encode()) for name, text in said.items()]
    producer.send(space.topic("dead-letters"), b"{}", key=b"service/vpn", headers=headers).get(30)
    producer.close()
    code, ((severity, what),) = only(run, "dead-letters")
    assert (code, severity) == (3, "warning")
    assert "1 dead letter open" in what
    assert "events.it: ValueError: no" in what


def test_doctor_of_a_space_that_there_is_not(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_SPACE", "nowhere")
    code, found = only(run, "topics")
    assert code == 1
    assert ("error", "there is no topic nowhere.alerting") in found


def test_doctor_without_a_broker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    code, found = only(run, "broker")
    assert code == 1
    assert "no broker answers at 127.0.0.1:1" in found[0][1]
    assert only(run, "topics") == (0, [("skipped", "not looked at: no broker answers")])


@pytest.mark.usefixtures("office")
def test_a_shell_is_offered_the_alerts_that_fire_and_the_spaces(run: Run, space: Space) -> None:
    assert sorted(_alerts()) == [ONE, TWO]
    assert space.name in _spaces()


def test_the_status_of_the_broker_for_programs(run: Run, bootstrap: str, broker_home: BrokerHome) -> None:
    found = json.loads(run("broker", "status", "-o", "json").stdout)
    assert (found["bootstrap_servers"], found["answers"]) == (bootstrap, True)


def test_spaces_and_plans_for_programs(run: Run, space: Space) -> None:
    listed = json.loads(run("space", "list", "-o", "json").stdout)
    assert {"space": space.name, "kind": "live"} in listed
    planned = run("topics", "plan", "--space", "not-yet", "-o", "csv").stdout
    assert planned.splitlines()[0] == "topic,action,what"
    assert {row["action"] for row in csv.DictReader(io.StringIO(planned))} == {"create"}

"""Watching a space on a real broker: tail, alerts, ack and emit, as somebody types them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import typer
from kafka import KafkaProducer
from typer.testing import CliRunner

from backoffice.cli.alerts import ack, alerts
from backoffice.cli.emit import emit
from backoffice.cli.tail import tail
from backoffice.registry import event_types
from consumers.log import BEGINNING, Log, Unreachable
from consumers.seen import Reader
from consumers.streams.filters import Filter
from consumers.tail import Tail
from infra.admin import admin
from infra.topics import apply, plan
from producers.client import Client
from schemas.alerts import Alert
from schemas.commands import AlertAcknowledge
from schemas.it import OutageDetected, OutageResolved
from schemas.topics import Space, topics
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

INBOXES = {"it": "events.it", "alerting": "alerting"}
MORNING = datetime(2016, 2, 29, 8, tzinfo=UTC)

cli = typer.Typer()
cli.command()(tail)
cli.add_typer(alerts, name="alerts")
cli.command()(ack)
cli.command()(emit)


@pytest.fixture(params=["replay", "live"])
def space(bootstrap: str, request: pytest.FixtureRequest) -> Iterator[Space]:
    space = Space(f"test-{uuid4().hex[:8]}", replay=request.param == "replay")
    specs = topics(space, INBOXES, partitions=2)
    with admin(bootstrap) as client:
        apply(client, plan(client, specs), lambda _: None)
    yield space
    with admin(bootstrap) as client:
        client.delete_topics([spec.name for spec in specs])


@pytest.fixture
def run(bootstrap: str, space: Space, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command of ours in the space and returns its outcome."""
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments: str, input: str | bytes | None = None) -> Any:
        return CliRunner().invoke(cli, [*arguments, "--space", space.name], input=input)

    return run


def alert(fingerprint: str, **changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "fingerprint": fingerprint,
        "status": "firing",
        "rule": "it.outage",
        "subject": "service/vpn",
        "labels": {"department": "it", "severity": "critical", "alertname": "it.outage", "subject": "service/vpn"},
        "annotations": {"summary": "vpn is down"},
        "starts_at": MORNING,
    }
    return Alert(**(fields | changes))


def says(bootstrap: str, space: Space, *said: tuple[Any, str]) -> None:
    with Client(bootstrap, space) as client:
        for hours, (event, subject) in enumerate(said):
            client.send(event, subject, source="test", time=MORNING + timedelta(hours=hours))


def outage(number: int) -> tuple[OutageDetected, str]:
    return OutageDetected(outage=f"OUT-{number}", since=MORNING), f"service/s{number}"


def tail_of(bootstrap: str, space: Space, *names: str, chosen: Filter | None = None) -> Tail:
    log = Log(bootstrap, [space.topic(name) for name in names], patience=10)
    return Tail(log, Reader(space, event_types()), chosen or Filter())


def numbers(seen: Any) -> list[str]:
    return [one.event.outage for one in seen]


def test_the_newest_are_shown_in_order_of_time(bootstrap: str, space: Space) -> None:
    says(bootstrap, space, *(outage(n) for n in range(200)))
    watch = tail_of(bootstrap, space, "events.it")
    with watch.log:
        if space.replay:
            assert numbers(watch.latest(5)) == [f"OUT-{n}" for n in range(195, 200)]
            assert numbers(watch.since(MORNING + timedelta(hours=197))) == ["OUT-197", "OUT-198", "OUT-199"]
        assert len(watch.latest(7)) == 7
        assert sorted(numbers(watch.since(BEGINNING))) == sorted(f"OUT-{n}" for n in range(200))


def test_what_is_looked_for_is_found_however_long_ago(bootstrap: str, space: Space) -> None:
    resolved = (OutageResolved(outage="OUT-0", until=MORNING), "service/s0")
    says(bootstrap, space, outage(0), resolved, *(outage(n) for n in range(1, 500)))
    watch = tail_of(bootstrap, space, "events.it", chosen=Filter(types=("it.outage.res*",)))
    with watch.log:
        assert numbers(watch.latest(1)) == ["OUT-0"]


def test_only_what_was_committed_is_read_and_the_end_is_found(bootstrap: str, space: Space) -> None:
    """Transactions leave markers and aborted records behind, and an open one hides what comes after."""
    topic = space.topic("events.it")
    producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"t-{uuid4()}", retry_backoff_ms=10)
    try:
        producer.init_transactions()
        for commit in (True, False, True):
            producer.begin_transaction()
            for partition in (0, 1):
                producer.send(topic, b'{"committed": %d}' % commit, partition=partition, timestamp_ms=0)
            producer.flush()
            (producer.commit_transaction if commit else producer.abort_transaction)()
        producer.begin_transaction()
        producer.send(topic, b'{"open": 1}', partition=0, timestamp_ms=0)
        producer.flush()
        watch = tail_of(bootstrap, space, "events.it")
        with watch.log:
            values = [seen.record.value for seen in watch.since(BEGINNING)]
        producer.abort_transaction()
    finally:
        producer.close()
    assert values == [b'{"committed": 1}'] * 4


def test_following_begins_where_the_past_ended(bootstrap: str, space: Space) -> None:
    for limit in (0, 2):
        says(bootstrap, space, outage(1), outage(2))
        watch = tail_of(bootstrap, space, "events.it")
        with watch.log:
            assert len(watch.latest(limit)) == limit
            says(bootstrap, space, outage(3), outage(4))
            follow = watch.follow()
            assert sorted(numbers([next(follow), next(follow)])) == ["OUT-3", "OUT-4"]


def test_a_space_that_is_not_there_is_said(bootstrap: str, run: Any) -> None:
    with pytest.raises(Unreachable, match=r"no topic nowhere\.alerts"), Log(bootstrap, ["nowhere.alerts"]):
        pass
    outcome = CliRunner().invoke(cli, ["tail", "--space", "nowhere"])
    assert outcome.exit_code == 2
    assert "backoffice topics apply --space nowhere" in outcome.output


def test_tail_shows_events_alerts_and_bad_records_and_filters_them(bootstrap: str, space: Space, run: Any) -> None:
    says(bootstrap, space, outage(1), (alert("a" * 16), f"alert/{'a' * 16}"))
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    producer.send(space.topic("events.it"), b"\x1b[31mrubbish", key=b"service/vpn", timestamp_ms=0)
    producer.close()
    names = ["events.it", "alerting", "alerts", "notices"]

    shown = run("tail", *names).output
    assert "it.outage.detected outage=OUT-1" in shown
    assert "FIRING critical it.outage vpn is down" in shown
    assert "BAD RECORD" in shown
    assert "not a CloudEvent" in shown
    assert "\x1b" not in shown

    assert run("tail", *names, "--severity", "critical").output.count("\n") == 1
    assert run("tail", *names, "--type", "it.*").output.count("\n") == 1
    assert run("tail", *names, "--department", "hr").output == ""
    assert run("tail", *names, "--limit", "1").output.count("\n") == 1
    lines = [json.loads(line) for line in run("tail", *names, "--since", "beginning", "-o", "json").output.splitlines()]
    assert len(lines) == 3
    events = {line["event"]["type"] for line in lines if "event" in line}
    assert events == {"it.outage.detected", "alerting.alert.changed"}
    assert [line["problem"] for line in lines if "event" not in line] == ["not a CloudEvent"]


def test_alerts_are_what_was_last_said_of_each(bootstrap: str, space: Space, run: Any) -> None:
    one, two, three = "a" * 16, "b" * 16, "ab" * 8
    info = {"severity": "info", "department": "hr"}
    says(
        bootstrap,
        space,
        (alert(one), f"alert/{one}"),
        (alert(two, rule="hr.position_open_long", labels=info, starts_at=MORNING - timedelta(days=9)), f"alert/{two}"),
        (alert(three), f"alert/{three}"),
        (alert(one, status="resolved", ends_at=MORNING + timedelta(hours=2)), f"alert/{one}"),
    )
    firing = json.loads(run("alerts", "-o", "json").output)
    assert [a["fingerprint"] for a in firing] == [three, two], "the worst first"
    assert len(json.loads(run("alerts", "--all", "-o", "json").output)) == 3
    assert [a["rule"] for a in json.loads(run("alerts", "--department", "hr", "-o", "json").output)] == [
        "hr.position_open_long"
    ]
    table = run("alerts").output
    assert "2 alerts" in table
    assert "vpn is down" in table
    assert run("alerts", "--severity", "worst").exit_code == 2


def test_ack_tells_alerting_who_takes_which_alert(bootstrap: str, space: Space, run: Any) -> None:
    one, two = "ab" + "0" * 14, "ac" + "0" * 14
    says(bootstrap, space, (alert(one), f"alert/{one}"), (alert(two), f"alert/{two}"))
    assert run("ack", "abcd", "--by", "dana").exit_code == 1
    ambiguous = run("ack", "a", "--by", "dana")
    assert ambiguous.exit_code == 1
    assert one in ambiguous.output

    assert run("ack", "ab", "--by", "dana", "--note", "on it").exit_code == 0
    watch = tail_of(bootstrap, space, "alerting")
    with watch.log:
        (seen,) = watch.since(BEGINNING)
    assert seen.event == AlertAcknowledge(by="dana", note="on it")
    assert seen.subject == f"alert/{one}"
    ticks = [r for r in records(bootstrap, space.topic("alerting")) if b"processing.tick.appended" in (r.value or b"")]
    assert len(ticks) == space.replay, "nobody else would close the slice"
    if space.replay:
        assert seen.record.timestamp == MORNING + timedelta(hours=1), "a replay space's clock must not move to today"
        assert ticks[0].timestamp == int(seen.record.timestamp.timestamp() * 1000)


def test_emit_sends_one_event_by_options(bootstrap: str, space: Space, run: Any) -> None:
    one = ["--type", "it.outage.detected", "--subject", "service/vpn", "--set", "outage=OUT-7"]
    when = ["--set", "since=2016-02-29T07:00:00Z", "--data", '{"impact": "partial"}']
    if space.replay:
        refused = run("emit", *one, *when)
        assert refused.exit_code == 2
        assert "--time" in refused.output
    sent = run("emit", *one, *when, "--time", MORNING.isoformat())
    assert sent.output == "1 sent, 0 refused\n"
    watch = tail_of(bootstrap, space, "events.it")
    with watch.log:
        (seen,) = watch.since(BEGINNING)
    assert seen.event == OutageDetected(outage="OUT-7", since=MORNING - timedelta(hours=1), impact="partial")


def test_emit_sends_the_good_lines_of_a_file_and_says_which_are_not(bootstrap: str, space: Space, run: Any) -> None:
    good = {
        "specversion": "1.0",
        "id": "1",
        "source": "test",
        "type": "it.outage.detected",
        "subject": "service/vpn",
        "time": MORNING.isoformat(),
        "data": {"outage": "OUT-1", "since": MORNING.isoformat()},
    }
    huge = good | {"type": "it.outage.resolved", "data": {"outage": "OUT-1", "until": 5, "cause": "x" * 600}}
    lines = [good, good | {"id": "2", "data": {}}, "rubbish", huge, good | {"id": "5"}]
    text = "\n\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    for arguments, count in ((("emit", "-", "--dry-run"), 0), (("emit", "-"), 2)):
        outcome = run(*arguments, input=text)
        assert outcome.exit_code == 1
        assert "line 3: outage: Field required; since: Field required" in outcome.output
        assert "line 5: not JSON" in outcome.output
        assert "line 7: " in outcome.output
        assert "cause: String should have at most 500" in outcome.output
        assert outcome.output.endswith("3 refused\n")
        watch = tail_of(bootstrap, space, "events.it")
        with watch.log:
            assert len(list(watch.since(BEGINNING))) == count

"""Looking back at a space that has worked, live or in replay, with settings changed in between: state, rebuild."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer, TopicPartition
from typer.testing import CliRunner

from backoffice import spaces
from backoffice.cli import app
from backoffice.registry import inboxes
from infra.admin import admin
from processors.row import row_key
from producers.client import Client
from producers.feeder import Feeder
from producers.slices import Fed, Slice
from schemas.accounting import InvoiceApproved, InvoiceReceived
from schemas.codec import HEADERS
from schemas.envelope import About, Event
from schemas.money import Money
from schemas.topics import Space
from tests.chaos.spaces import drained, own_space
from tests.kafka.program import running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHANGED = {"approval_limit_default": {"amount": "10", "currency": "EUR"}}
"""Under these settings an approval that was fine before is one too many."""


def invoice(n: int, number: str) -> InvoiceReceived:
    day = MORNING.date()
    amount = Money(amount=Decimal("100.00"), currency="EUR")
    return InvoiceReceived(
        invoice=f"R-{n}", number=number, amount=amount, issued_on=day, due_on=day + timedelta(days=400)
    )


BEFORE: list[Event] = [invoice(1, "INV-1"), invoice(2, "INV-1"), InvoiceApproved(invoice="R-1", approver="ines")]
AFTER: list[Event] = [invoice(3, "INV-3"), InvoiceApproved(invoice="R-3", approver="ines")]


@pytest.fixture(scope="module", params=["live", "replay"])
def worked(bootstrap: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A space in which a worker has worked and is gone."""
    space = own_space(bootstrap, "back", replay=request.param == "replay", partitions=2)
    work = fed if space.replay else lived
    work(bootstrap, space, tmp_path_factory.mktemp("worker"))
    return space


def lived(bootstrap: str, space: Space, home: Path) -> None:
    """Events as they come; a record that is none; settings applied by the command."""
    config = home / "backoffice.yaml"
    config.write_text(f"space: {space.name}\nrules:\n  accounting: {json.dumps(CHANGED)}\n")
    with running(bootstrap, home, "worker", "--space", space.name), Client(bootstrap, space) as client:
        for event in BEFORE:
            client.send(event, "vendor/acme", source="/tests").result(30)
        bad(bootstrap, space)
        drained(bootstrap, space)
        with running(bootstrap, home, "rules", "apply", "--config", str(config), log="apply") as command:
            assert command.wait(120) == 0
        for event in AFTER:
            client.send(event, "vendor/acme", source="/tests").result(30)
        drained(bootstrap, space)


def fed(bootstrap: str, space: Space, home: Path) -> None:
    """The same in slices of a feed."""
    with (
        running(bootstrap, home, "worker", "--space", space.name),
        admin(bootstrap) as cluster,
        Feeder(bootstrap, cluster, space, spaces.line(), "tests") as feeder,
    ):
        bad(bootstrap, space, at=MORNING)
        feeder.feed(a_slice(MORNING, BEFORE))
        feeder.tell({"accounting": CHANGED}, inboxes(), MORNING + timedelta(hours=1))
        feeder.feed(a_slice(MORNING + timedelta(hours=2), AFTER))


def a_slice(begin: datetime, events: list[Event]) -> Slice:
    times = [begin + timedelta(minutes=n) for n in range(len(events))]
    abouts = [About(f"{at:%H%M}", "/tests", "vendor/acme", at) for at in times]
    entering = tuple(Fed(event, about) for event, about in zip(events, abouts, strict=True))
    return Slice(begin + timedelta(hours=1), entering, {})


def bad(bootstrap: str, space: Space, at: datetime | None = None) -> None:
    stamp = None if at is None else int(at.timestamp() * 1000)
    put(bootstrap, space.topic("events.accounting"), b"vendor/acme", b"{", timestamp_ms=stamp)


def put(bootstrap: str, topic: str, key: bytes, value: bytes, **more: Any) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap.split(","))
    producer.send(topic, key=key, value=value, headers=list(HEADERS), **more).get(30)
    producer.close()


@pytest.fixture
def run(bootstrap: str, worked: Space, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    return lambda *words: CliRunner().invoke(app, [*words, "--space", worked.name])


def test_the_state_of_a_key_is_shown_as_it_is_now(run: Any) -> None:
    shown = run("state", "get", "vendor/acme", "--processor", "accounting")
    assert shown.exit_code == 0, shown.output
    found = json.loads(shown.stdout)
    assert (found["processor"], found["key"], found["inbox"]) == ("accounting", "vendor/acme", "events.accounting")
    assert sorted(found["state"]["invoices"]) == ["R-1", "R-2", "R-3"]
    rules = {json.loads(entry)[0] for entry in found["state"]["firing"]}
    assert rules == {"accounting.duplicate_invoice", "accounting.approval_limit"}
    raw = json.loads(run("state", "get", "vendor/acme", "--processor", "accounting", "--raw").stdout)
    assert {row["entry"] for row in raw["rows"] if row["collection"] == "invoices"} == {"R-1", "R-2", "R-3"}


def test_what_is_not_remembered_is_said_so(run: Any) -> None:
    nothing = run("state", "get", "vendor/nobody")
    assert (nothing.exit_code, "Nothing is remembered of vendor/nobody" in nothing.stderr) == (1, True)
    unknown = run("state", "get", "planet/mars")
    assert (unknown.exit_code, "nobody keeps such a key" in unknown.stderr) == (2, True)
    assert "accounting vendor/acme" in run("state", "list", "--kind", "vendor").stdout.splitlines()
    assert run("state", "list", "--kind", "employee").stdout == ""


def test_a_rebuild_gives_what_is_recorded_also_when_settings_changed_in_between(
    bootstrap: str, worked: Space, run: Any
) -> None:
    checked = run("rebuild", "--check")
    assert checked.exit_code == 0, checked.output
    assert "Equal, hash for hash." in checked.stdout
    said = [json.loads(r.value or b"{}") for r in records(bootstrap, worked.topic("alerting"))]
    fired = [each["data"]["rule"] for each in said if each["type"] == "alerting.condition.fired"]
    assert set(fired) == {"accounting.approval_limit", "accounting.duplicate_invoice"}, "the story is one"
    assert len(records(bootstrap, worked.topic("dead-letters"))) == 1
    assert run("rebuild", "--check", "--processor", "alerting").exit_code == 0


def fingerprint_of(run: Any, rule: str) -> str:
    found = [a for a in json.loads(run("alerts", "--all", "-o", "json").stdout) if a["rule"] == rule]
    return str(found[0]["fingerprint"])


@pytest.mark.parametrize("rule", ["accounting.duplicate_invoice", "accounting.approval_limit"])
def test_an_alert_is_explained_by_its_evidence_under_the_settings_of_its_time(run: Any, rule: str) -> None:
    told = run("explain", fingerprint_of(run, rule)[:12])
    assert told.exit_code == 0, told.output
    assert "Derived again from all that was heard of vendor/acme: the same, word for word." in told.stdout
    assert "records alone: rule, identity, severity and labels are equal." in told.stdout
    assert "With any record left out it is another answer." in told.stdout
    assert f"The rule {rule}, version 1" in told.stdout
    assert "accounting.invoice.received" in told.stdout
    assert "firing[" in told.stdout


def test_an_alerts_story_is_also_there_for_programs(run: Any) -> None:
    rule = "accounting.approval_limit"
    told = run("explain", fingerprint_of(run, rule), "--output", "json")
    assert told.exit_code == 0, told.output
    story = json.loads(told.stdout)
    assert (story["alert"]["rule"], story["rule"]["name"], story["exit_code"]) == (rule, rule, 0)
    assert story["verdict"] == {"from_history": True, "from_evidence": True, "measured": None, "needless": []}
    assert [step["type"] for step in story["steps"]] == ["accounting.invoice.received", "accounting.invoice.approved"]
    assert all(step["evidence"] and step["changed"] for step in story["steps"])


def test_an_alerts_story_begins_with_the_events_that_it_rests_on(run: Any) -> None:
    fingerprint = fingerprint_of(run, "accounting.duplicate_invoice")
    told = run("story", fingerprint[:12])
    assert told.exit_code == 0, told.output
    first, second, *rest = told.stdout.splitlines()
    for line in (first, second):
        assert "events.accounting/" in line
        assert line.endswith("accounting.invoice.received")
    assert any(line.endswith("is to be told: first notification") for line in rest)
    moments = [json.loads(line) for line in run("story", fingerprint, "--output", "json").stdout.splitlines()]
    assert [moment["says"] for moment in moments[:2]] == ["accounting.invoice.received"] * 2
    assert [moment["event"]["data"]["invoice"] for moment in moments[:2]] == ["R-1", "R-2"]
    assert sorted(moments, key=lambda moment: moment["at"]) == moments
    nobody = run("story", "ffffffffffff")
    assert (nobody.exit_code, "No alert's fingerprint begins with" in nobody.stderr) == (1, True)


def test_an_alert_that_there_is_not_is_not_explained(run: Any) -> None:
    told = run("explain", "ffffffffffff")
    assert (told.exit_code, "No alert's fingerprint begins with" in told.stderr) == (1, True)


def test_a_signal_that_the_log_does_not_give_is_said_to_be_none(bootstrap: str, worked: Space, run: Any) -> None:
    rule = "accounting.approval_limit"
    told = [r for r in records(bootstrap, worked.topic("alerting")) if rule.encode() in (r.value or b"")][-1]
    forged = (told.value or b"").replace(b'"severity":"critical"', b'"severity":"info"')
    assert forged != told.value
    put(bootstrap, told.topic, told.key or b"", forged)
    said = run("explain", fingerprint_of(run, rule))
    assert said.exit_code == 1, said.output
    assert "NOT derived again" in said.stderr
    checked = run("rebuild", "--check", "--processor", "accounting")
    assert checked.exit_code == 1, checked.output
    assert "is not of the fold" in checked.stderr


def test_a_forged_alert_and_a_forged_row_are_found(bootstrap: str, worked: Space, run: Any) -> None:
    """What somebody wrote past the processors: each is told with its place. After it the space is not as it was."""
    stood = records(bootstrap, worked.topic("alerts"))
    key, value = stood[-1].key or b"", stood[-1].value or b""
    put(bootstrap, worked.topic("alerts"), key, value.replace(b'"firing"', b'"resolved"', 1))
    forged = run("rebuild", "--check", "--processor", "alerting")
    assert forged.exit_code == 1, forged.output
    assert "is not of the fold" in forged.stderr
    assert "is not the last of its key, by the fold of alerting/0" in forged.stderr
    rows = records(bootstrap, worked.topic("changelog.accounting"))
    row = [r for r in rows if r.key == row_key("vendor/acme", "invoices", "R-1")][-1]
    cheaper = (row.value or b"").replace(b"100.00", b"1.00")
    put(bootstrap, row.topic, row.key or b"", cheaper, partition=row.partition)
    changed = run("rebuild", "--check", "--processor", "accounting")
    assert changed.exit_code == 1, changed.output
    assert f"events.accounting/{row.partition}: the state of vendor/acme: invoices[R-1]" in changed.stderr


def test_what_is_no_longer_on_the_log_is_not_called_equal(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)
    space = own_space(bootstrap, "cut", partitions=1)
    inbox = TopicPartition(space.topic("events.hr"), 0)
    for _ in range(3):
        put(bootstrap, inbox.topic, b"employee/E-1", b"{")
    with admin(bootstrap) as cluster:
        cluster.delete_records({inbox: 2})
    checked = CliRunner().invoke(app, ["rebuild", "--check", "--space", space.name])
    assert checked.exit_code == 3, checked.output
    assert "Not checked: events.hr/0 begins at 2" in checked.stderr
    assert "Equal" not in checked.stdout

"""What if, on the real broker: a live space in which settings changed, and a simulated office in a replay space."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from typer.testing import CliRunner, Result

from backoffice.cli import app
from infra.admin import admin
from producers.client import Client
from schemas.accounting import InvoiceApproved, InvoiceReceived, VendorClassified
from schemas.envelope import Event
from schemas.front_office import ComplaintReceived
from schemas.it import OutageDetected, OutageResolved
from schemas.money import Money
from schemas.topics import Space
from tests.chaos.spaces import drained, end_offsets, own_space
from tests.kafka.program import backoffice, running

pytestmark = pytest.mark.kafka

LIMIT, NUMBER = "accounting.approval_limit", "accounting.duplicate_invoice"
EXPLAINED = "correlation.outage_explains_complaints"

Said = tuple[str, Event]


def limit(euros: str) -> dict[str, Any]:
    """Settings of accounting: who approves more than this needs a second approval."""
    return {"approval_limit_default": {"amount": euros, "currency": "EUR"}}


def approved(vendor: str, name: str, number: str) -> list[Said]:
    """An invoice of 100 euros, and somebody who approves it."""
    day = datetime.now(UTC).date()
    amount = Money(amount=Decimal("100.00"), currency="EUR")
    received = InvoiceReceived(
        invoice=name, number=number, amount=amount, issued_on=day, due_on=day + timedelta(days=400)
    )
    return [(f"vendor/{vendor}", received), (f"vendor/{vendor}", InvoiceApproved(invoice=name, approver="ines"))]


def complained(service: str, complaint: str) -> list[Said]:
    """A service that has been down for an hour, and a client who says so."""
    now = datetime.now(UTC)
    return [
        (f"service/{service}", OutageDetected(outage="OUT-1", since=now - timedelta(hours=1))),
        (f"complaint/{complaint}", ComplaintReceived(customer="CU-1", received_at=now, service=service)),
    ]


class Lived:
    """A live space in which a worker has worked and is gone. The settings changed at `changed`."""

    def __init__(self, bootstrap: str, home: Path) -> None:
        self.bootstrap = bootstrap
        self.space = own_space(bootstrap, "what-if", partitions=2)
        file = home / "backoffice.yaml"
        file.write_text(f"space: {self.space.name}\nrules:\n  accounting: {json.dumps(limit('90'))}\n")
        with running(bootstrap, home, "worker", "--space", self.space.name), Client(bootstrap, self.space) as client:
            self._say(client, [("vendor/gold", VendorClassified(vendor_class="gold"))])
            self._say(client, [*approved("acme", "R-1", "INV-1"), *approved("gold", "R-1", "INV-1")])
            self._say(client, [*approved("acme", "R-2", "INV-1"), *complained("vpn", "C-1")])
            self.changed = datetime.now(UTC)
            with running(bootstrap, home, "rules", "apply", "--config", str(file), log="apply") as command:
                assert command.wait(120) == 0
            self._say(client, [*approved("acme", "R-3", "INV-3"), *approved("gold", "R-3", "INV-3")])
            self._say(client, [("service/vpn", OutageResolved(outage="OUT-1", until=datetime.now(UTC)))])

    def _say(self, client: Client, said: Iterable[Said]) -> None:
        for subject, event in said:
            client.send(event, subject, source="/tests").result(30)
        drained(self.bootstrap, self.space)


@pytest.fixture(scope="module")
def lived(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(bootstrap, tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="module")
def simulated(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A replay space in which an office has lived through a day."""
    space = own_space(bootstrap, "what-if", replay=True, partitions=2)
    home = tmp_path_factory.mktemp("simulated")
    done = backoffice(bootstrap, home, "simulate", "--days", "1", "--space", space.name)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    return space


@pytest.fixture(autouse=True)
def at_this_broker(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", bootstrap)


def ask(space: Space, *words: str, processes: int = 1) -> Result:
    """The command, in this process unless more are wanted."""
    return CliRunner().invoke(app, ["what-if", "--space", space.name, "--processes", str(processes), *words])


def answered(space: Space, *words: str, processes: int = 1) -> dict[str, Any]:
    """Its answer as JSON."""
    result = ask(space, "--output", "json", *words, processes=processes)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def configured(folder: Path, department: str, settings: dict[str, Any]) -> tuple[str, str]:
    """The option that names a file with these settings."""
    file = folder / "changed.yaml"
    file.write_text(f"rules:\n  {department}: {json.dumps(settings)}\n")
    return "--rules", str(file)


def shown(alerts: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """Rule, subject and what distinguishes each."""
    return {(a["rule"], a["subject"], " ".join(a["identity"].values())) for a in alerts}


def no_difference(found: dict[str, Any]) -> bool:
    return not (found["added"] or found["removed"] or found["moved"])


def topics(bootstrap: str, space: Space) -> list[str]:
    with admin(bootstrap) as cluster:
        return [topic for topic in cluster.list_topics() if topic.startswith(f"{space.name}.")]


@pytest.mark.parametrize("kind", ["lived", "simulated"])
def test_what_is_recorded_comes_out_again_and_nothing_is_written(
    bootstrap: str, kind: str, request: pytest.FixtureRequest
) -> None:
    """Also what departments publish, what correlation makes of it, and what it tells them."""
    found = request.getfixturevalue(kind)
    space = found.space if isinstance(found, Lived) else found
    names = topics(bootstrap, space)
    ends = end_offsets(bootstrap, names)
    told = answered(space, "--against", "recorded")
    assert no_difference(told), told
    assert sum(counts["before"] for counts in told["rules"].values()) >= (4 if kind == "lived" else 8)
    assert told["rules"][EXPLAINED]["before"] == 1, "departments told one another something"
    assert topics(bootstrap, space) == names
    assert end_offsets(bootstrap, names) == ends


def test_settings_that_are_as_they_were_make_no_difference(lived: Lived, simulated: Space, tmp_path: Path) -> None:
    same = configured(tmp_path, "accounting", {"duplicate_window_days": 7, "match_orders": True})
    assert no_difference(answered(lived.space, *same))
    assert no_difference(answered(simulated, *same))


def test_a_changed_threshold_adds_and_removes_alerts(lived: Lived, tmp_path: Path) -> None:
    """As if it had held all the time: before the change on record, when the limit was higher, and after it."""
    lower = answered(lived.space, *configured(tmp_path, "accounting", limit("50")))
    assert shown(lower["added"]) == {
        (LIMIT, "vendor/acme", "R-1"),
        (LIMIT, "vendor/gold", "R-1"),
        (LIMIT, "vendor/acme", "R-2"),
    }
    assert (lower["removed"], lower["moved"]) == ([], [])
    assert lower["rules"][LIMIT] == {"before": 2, "after": 5, "added": 3, "removed": 0, "moved": 0}
    assert lower["rules"][NUMBER]["added"] == 0
    higher = answered(lived.space, *configured(tmp_path, "accounting", limit("100")))
    assert shown(higher["removed"]) == {(LIMIT, "vendor/acme", "R-3"), (LIMIT, "vendor/gold", "R-3")}
    assert (higher["added"], higher["moved"]) == ([], [])


def test_only_the_interval_counts_and_the_rest_is_folded_for_the_state(lived: Lived, tmp_path: Path) -> None:
    rules = configured(tmp_path, "accounting", limit("50"))
    changed = lived.changed.isoformat()
    assert no_difference(answered(lived.space, *rules, "--from", changed))
    assert len(answered(lived.space, *rules, "--to", changed)["added"]) == 3
    only = answered(lived.space, *rules, "--rule", NUMBER)
    assert (no_difference(only), list(only["rules"])) == (True, [NUMBER])


def test_a_threshold_that_differs_by_label(lived: Lived, tmp_path: Path) -> None:
    """Gold vendors' invoices may be approved by anybody; two processes find the same."""
    override = {"matchers": ['vendor_class="gold"'], "set": limit("1000")}
    rules = configured(tmp_path, "accounting", {"overrides": [override]})
    found = answered(lived.space, *rules, processes=2)
    assert shown(found["removed"]) == {(LIMIT, "vendor/gold", "R-3")}
    assert (found["added"], found["moved"]) == ([], [])


def test_a_rule_over_several_departments_hears_what_would_have_been_said(simulated: Space, tmp_path: Path) -> None:
    found = answered(simulated, *configured(tmp_path, "correlation", {"outage_grace_minutes": 0}))
    assert {a["rule"].partition(".")[0] for a in (*found["added"], *found["removed"])} <= {"correlation"}


def test_the_answer_is_told_with_a_picture(lived: Lived, tmp_path: Path) -> None:
    picture = tmp_path / "what-if.svg"
    told = ask(lived.space, *configured(tmp_path, "accounting", limit("50")), "--plot", str(picture))
    assert told.exit_code == 0, told.output
    assert "3 added, 0 removed, 0 moved." in told.stdout
    assert "█" in told.stdout
    assert f"{LIMIT} of vendor/acme (invoice R-2): critical, from" in told.stdout
    assert "3 added" in picture.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Give --rules FILE"),
        (("--against", "recorded", "--from", "2026-03-02", "--to", "2026-03-02"), "The interval is empty"),
        (("--against", "recorded", "--from", "2999-01-01"), "has not come yet"),
        (("--against", "recorded", "--to", "2020-01-01"), "hold nothing from before 2020-01-01"),
        (("--against", "recorded", "--from", "yesterday"), "give an ISO time"),
        (("--against", "recorded", "--rule", "accounting.duplicate_invoise"), "did you mean"),
        (("--against", "recorded", "--plot", "what-if.png"), "ends in .svg"),
        (("--rules", "nowhere.yaml"), "cannot be read"),
    ],
)
def test_what_cannot_be_answered_is_said(lived: Lived, words: tuple[str, ...], said: str) -> None:
    told = ask(lived.space, *words)
    assert (told.exit_code, said in told.stderr) == (2, True), told.output


@pytest.mark.parametrize(
    ("department", "settings", "said"),
    [
        ("accounting", {"approval_limit": 1}, "unknown key"),
        ("acounting", {"split_count": 2}, "did you mean 'accounting'"),
        ("accounting", {"split_count": 1}, "greater than or equal to 2"),
        ("accounting", {}, "changes no setting"),
    ],
)
def test_settings_that_there_are_not_are_refused(
    lived: Lived, tmp_path: Path, department: str, settings: dict[str, Any], said: str
) -> None:
    told = ask(lived.space, *configured(tmp_path, department, settings))
    assert (told.exit_code, said in told.stderr) == (2, True), told.output


def test_a_log_that_was_cut_answers_only_for_what_came_later(bootstrap: str, tmp_path: Path) -> None:
    space = own_space(bootstrap, "cut", partitions=1)
    with running(bootstrap, tmp_path, "worker", "--space", space.name), Client(bootstrap, space) as client:
        for subject, event in (*approved("acme", "R-1", "INV-1"), *approved("acme", "R-2", "INV-1")):
            client.send(event, subject, source="/tests").result(30)
        drained(bootstrap, space)
    early = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with admin(bootstrap) as cluster:
        cluster.delete_records({TopicPartition(space.topic("events.accounting"), 0): 2})
    refused = ask(space, "--against", "recorded", "--from", early)
    assert refused.exit_code == 2, refused.output
    assert "The log does not go back to" in refused.stderr
    assert "events.accounting/0 begins at record 2, of" in refused.stderr
    partly = ask(space, "--output", "json", "--against", "recorded")
    assert partly.exit_code == 3, partly.output
    assert "what rests on earlier records is missing" in partly.stderr
    found = json.loads(partly.stdout)
    assert shown(found["removed"]) == {(NUMBER, "vendor/acme", "R-2")}, "its first copy is no longer on the log"

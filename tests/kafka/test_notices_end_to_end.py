"""The whole way from an alert to people and back, with an Alertmanager's file as the routing and real servers to tell.

Each channel's other end is a real one: HTTP hooks, one of which is gone, and a mail server.
"""

import json
import re
import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.topics import Space
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records
from tests.unit.notify.hooks import Answer, Hooks, Request, serving
from tests.unit.notify.mailbox import Mailbox, parts, receiving

pytestmark = pytest.mark.kafka

ALERTMANAGER = """
global: {{resolve_timeout: 5m, slack_api_url: '{hooks}/chat'}}
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - matchers: ['department="accounting"']
      receiver: books
    - matchers: [severity="critical"]
      receiver: pager
    - matchers: [severity="error"]
      receiver: chat
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [instance]
receivers:
  - name: team
    webhook_configs: [{{url: '{hooks}/team'}}]
  - name: books
    webhook_configs: [{{url: '{hooks}/gone/books'}}]
  - name: pager
    webhook_configs: [{{url_file: pager.url}}]
  - name: chat
    slack_configs: [{{send_resolved: true}}]
"""

OURS = """
space: {space}
api: {{port: {port}}}
alerting:
  alertmanager: alertmanager.yml
  receivers:
    - {{name: pager, escalation: up}}
    - {{name: books, fallback: [{{type: webhook, url: '{hooks}/fallback'}}]}}
    - name: boss
      channels:
        - {{type: email, to: [boss@example.com], from: office@example.com, smarthost: '{mail}', tls: none}}
  escalation_policies:
    - {{name: up, steps: [{{targets: [boss], delay_minutes: 15}}, {{targets: [team], delay_minutes: 15}}]}}
  action_links: {{url: 'http://127.0.0.1:{port}', key: a key of forty characters or nearly that}}
"""


class Somewhere(Hooks):
    """Hooks of which some are gone for good."""

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/gone"):
            return Answer(410)
        return super().answer(request)

    def told(self, path: str) -> list[Any]:
        return [json.loads(request.body) for request in self.requests if request.path == path]


@dataclass
class Program:
    """`backoffice run`, and what is around it."""

    bootstrap: str
    home: Path
    space: Space
    hooks: Somewhere
    mailbox: Mailbox
    http: httpx.Client

    def raises(self, name: str, severity: str, **labels: str) -> None:
        alert = {"labels": {"alertname": name, "severity": severity, **labels}, "annotations": {"summary": f"{name}!"}}
        self.http.post("/api/v2/alerts", json=[alert]).raise_for_status()

    def command(self, *arguments: str) -> str:
        done = backoffice(self.bootstrap, self.home, *arguments, "--space", self.space.name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def alert(self, name: str) -> dict[str, Any]:
        """The alert as it stands, on the topic."""
        return next(each for each in self._standing("alert/") if each["labels"]["alertname"] == name)

    def group(self, name: str) -> dict[str, Any]:
        return next(each for each in self._standing("group/") if each.get("labels") == {"alertname": name})

    def _standing(self, kind: str) -> list[dict[str, Any]]:
        said = {r.key: r.value for r in records(self.bootstrap, self.space.topic("alerts"))}
        keys = [key for key, value in said.items() if key and value and key.decode().startswith(kind)]
        return [json.loads(said[key] or b"")["data"] for key in keys]

    def outcomes(self) -> list[dict[str, Any]]:
        said = [json.loads(r.value or b"{}") for r in records(self.bootstrap, self.space.topic("alerting"))]
        return [each["data"] for each in said if each["type"].startswith("alerting.notice.")]


def a_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def program(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    home, space, port = tmp_path_factory.mktemp("notices"), Space(f"told-{uuid.uuid4().hex[:8]}"), a_free_port()
    with serving(Somewhere) as hooks, receiving() as mailbox, httpx.Client(timeout=30) as http:
        assert isinstance(hooks, Somewhere)
        said = {"hooks": hooks.url(""), "space": space.name, "port": port, "mail": mailbox.server}
        (home / "alertmanager.yml").write_text(ALERTMANAGER.format(**said))
        (home / "pager.url").write_text(hooks.url("/gone/pager"))
        config = home / "backoffice.yaml"
        config.write_text(OURS.format(**said))
        with running(bootstrap, home, "run", "--config", str(config)):
            http.base_url = httpx.URL(f"http://127.0.0.1:{port}")
            eventually(lambda: is_ready(http), bool, within=120)
            yield Program(bootstrap, home, space, hooks, mailbox, http)


def is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def link(text: str, what: str) -> str:
    found = re.search(rf"^{what}: (http\S+)\s*$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_what_is_raised_reaches_the_receiver_that_alertmanagers_file_names(program: Program) -> None:
    program.raises("DiskFull", "info", instance="db-1")
    (told,) = eventually(lambda: program.hooks.told("/team"), bool)
    assert (told["version"], told["receiver"], told["status"]) == ("4", "team", "firing")
    assert told["groupLabels"] == {"alertname": "DiskFull"}
    assert told["groupKey"] == '{}:{alertname="DiskFull"}'
    assert [alert["labels"]["instance"] for alert in told["alerts"]] == ["db-1"]


def test_an_alert_of_ours_does_too_and_a_receivers_fallback_is_told_when_its_channel_is_gone(program: Program) -> None:
    fields = ("number=INV-7", "amount.amount=10.00", "issued_on=2026-11-02", "due_on=2099-01-01")
    pairs = [word for field in fields for word in ("--set", field)]
    for invoice in ("R-1", "R-2"):
        emit = ("emit", "--type", "accounting.invoice.received", "--subject", "vendor/acme")
        program.command(*emit, "--set", f"invoice={invoice}", *pairs)
    (told,) = eventually(lambda: program.hooks.told("/fallback"), bool)
    assert (told["receiver"], told["commonLabels"]["alertname"]) == ("books", "accounting.duplicate_invoice")
    (outcome,) = eventually(lambda: [o for o in program.outcomes() if o["notice"] in told["notices"]], bool)
    assert "error" not in outcome


def test_a_page_that_fails_for_good_climbs_at_once_and_the_link_in_the_mail_stops_it(program: Program) -> None:
    program.raises("DatabaseDown", "critical", instance="db-2")
    program.raises("ReplicaLate", "warning", instance="db-2")
    (mail,) = eventually(lambda: program.mailbox.mails, bool)
    text, html = parts(mail)
    assert "Why you are told: escalated: delivery failed" in text
    assert program.group("DatabaseDown")["escalates_at"], "the next step's clock runs"

    address = link(text, "Acknowledge")
    assert address in html
    asked = program.http.get(address)
    assert "Nothing has been done yet." in asked.text
    assert program.alert("DatabaseDown").get("acknowledged_by") is None
    assert "You have it now." in program.http.post(address).text
    assert program.alert("DatabaseDown")["acknowledged_by"] == "boss"
    assert program.group("DatabaseDown")["escalates_at"] is None, "the clock stands"

    story = program.command("story", program.alert("DatabaseDown")["fingerprint"])
    assert re.search(
        r"pager is to be told: first notification.*pager could not be reached.*"
        r"boss is to be told: escalated: delivery failed, step 1.*boss was reached by email.*boss takes it",
        story,
        re.DOTALL,
    ), story
    assert not [t for t in program.hooks.told("/team") if t["commonLabels"]["alertname"] == "ReplicaLate"], "inhibited"


def test_the_link_in_a_chat_resolves_and_the_chat_hears_of_it(program: Program) -> None:
    program.raises("QueueStuck", "error")
    (message,) = eventually(lambda: program.hooks.told("/chat"), bool)
    assert "It counts as over" in program.http.post(link(message["text"], "Resolve")).text
    assert program.alert("QueueStuck")["status"] == "resolved"
    eventually(lambda: program.hooks.told("/chat"), lambda said: "RESOLVED" in said[-1]["text"])

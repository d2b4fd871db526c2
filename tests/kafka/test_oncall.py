"""Duty on the real log: overrides and schedules by command, and leave from HR, decide whom an escalation tells."""

import json
import signal
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from producers.client import Client
from schemas.accounting import InvoiceReceived
from schemas.envelope import Event
from schemas.hr import LeaveStarted
from schemas.topics import Space
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

CONFIG = """
space: {space}
alerting:
  route: {{receiver: books, escalation: up, group_by: ['...'], group_wait: 0s}}
  receivers:
    - {{name: books, channels: [{{type: webhook, url: "{nowhere}"}}]}}
    - name: dana
    - name: kim
    - name: boss
  users: [{{name: dana, employee: E-1}}, {{name: kim}}]
  schedules:
    - name: first-line
      layers: [{{name: always, participants: [dana], starts_on: 2026-01-01}}]
  escalation_policies:
    - name: up
      steps: [{{targets: [first-line], delay_minutes: 15}}, {{targets: [boss], delay_minutes: 15}}]
"""


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The address of a channel that is gone: a failure for good, on which escalation moves on at once."""

    class Gone(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_error(410)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gone)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_override_by_command_and_leave_from_hr_reach_escalation(
    bootstrap: str, tmp_path: Path, nowhere: str
) -> None:
    space = Space(f"oncall-{uuid.uuid4().hex[:8]}")
    config = tmp_path / "backoffice.yaml"
    config.write_text(CONFIG.format(space=space.name, nowhere=nowhere))

    def command(*arguments: str) -> str:
        done = backoffice(bootstrap, tmp_path, *arguments, "--space", space.name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def duty(*words: str) -> Any:
        return json.loads(command("oncall", *words, "--output", "json", "--config", str(config)))

    def emit(*said: tuple[str, Event]) -> None:
        with Client(bootstrap, space) as client:
            for subject, event in said:
                client.send(event, subject, source="/tests").result(30)

    def one_invoice_comes_twice(vendor: str) -> None:
        bill = {"number": "INV-7", "amount": {"amount": "10.00", "currency": "EUR"}, "issued_on": "2026-11-02"}
        for name in ("R-1", "R-2"):
            said = InvoiceReceived.model_validate({**bill, "invoice": name, "due_on": "2099-01-01"})
            emit((f"vendor/{vendor}", said))

    def away() -> list[str]:
        return [
            (r.key or b"").decode() for r in records(bootstrap, space.topic("alerts")) if b"absence" in (r.key or b"")
        ]

    def told() -> list[tuple[str, str]]:
        issued = [json.loads(r.value or b"{}")["data"] for r in records(bootstrap, space.topic("notices"))]
        return [(each["receiver"], each["reason"]) for each in issued]

    with running(bootstrap, tmp_path, "run", "--config", str(config)) as program:
        eventually(lambda: (tmp_path / "process.log").read_text(), lambda said: "Running in space" in said)
        times = [f"{datetime.now(UTC) + timedelta(hours=h):%Y-%m-%dT%H:%M:%SZ}" for h in (-1, 1)]
        swap = ["first-line", "--user", "kim", "--from", times[0], "--to", times[1], "--by", "dana"]
        id = command("oncall", "override", "add", *swap, "--config", str(config)).strip()
        eventually(lambda: duty("who")[0]["on_call"], lambda found: found == ["kim"])
        assert [one["override"] for one in duty("override", "list")] == [id]
        one_invoice_comes_twice("acme")
        eventually(told, lambda said: said[1:] == [("kim", "escalated: delivery failed")])

        rota = tmp_path / "rota.yaml"
        rota.write_text("layers: [{name: summer, participants: [kim, kim], starts_on: 2026-01-01}]")
        by_command = ("oncall", "schedule")
        command(*by_command, "set", "first-line", str(rota), "--by", "kim", "--config", str(config))
        command("oncall", "override", "remove", id[:8], "--by", "dana", "--config", str(config))
        eventually(lambda: duty("who")[0]["on_call"], lambda found: found == ["kim"])
        assert [one["schedule"] for one in duty("schedule", "list")] == ["first-line"]
        command(*by_command, "remove", "first-line", "--by", "kim", "--config", str(config))
        eventually(lambda: duty("who")[0]["on_call"], lambda found: found == ["dana"])
        emit(("employee/E-1", LeaveStarted(leave="L-1", starts_on=(datetime.now(UTC) - timedelta(days=2)).date())))
        eventually(away, lambda found: found == ["absence/E-1"])
        assert duty("who")[0]["on_call"] == []
        one_invoice_comes_twice("bolt")
        eventually(told, lambda said: said[3:] == [("boss", "escalated: nobody is on call")])
        audited = [json.loads(r.value or b"{}")["data"]["action"] for r in records(bootstrap, space.topic("audit"))]
        assert audited == ["override.set", "schedule.set", "override.remove", "schedule.remove"]
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0

"""`backoffice run`: the live program in one command, from an emitted event to a delivered notice and back."""

import json
import signal
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import Space
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A receiver's web server: its address, and what it has been sent."""
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    thread.join()
    server.server_close()


def test_from_event_to_notice_to_acknowledgement_to_stop(
    bootstrap: str, tmp_path: Path, webhook: tuple[str, list[dict[str, Any]]]
) -> None:
    address, received = webhook
    space = Space(f"run-{uuid.uuid4().hex[:8]}")
    config = tmp_path / "backoffice.yaml"
    config.write_text(
        f"space: {space.name}\n"
        "api: {port: 0}\n"
        "alerting:\n"
        "  route: {receiver: books}\n"
        f"  receivers: [{{name: books, channels: [{{type: webhook, url: '{address}'}}]}}]\n"
    )

    def command(*arguments: str) -> Any:
        done = backoffice(bootstrap, tmp_path, *arguments, "--space", space.name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def emit(invoice: str) -> None:
        fields = (
            "number=INV-7",
            "amount.amount=10.00",
            "issued_on=2026-11-02",
            f"invoice={invoice}",
            "due_on=2099-01-01",
        )
        pairs = [word for field in fields for word in ("--set", field)]
        command("emit", "--type", "accounting.invoice.received", "--subject", "vendor/acme", *pairs)

    def alerts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(command("alerts", "--output", "json"))
        return found

    def over(found: list[dict[str, Any]]) -> bool:
        return [each["status"] for each in found] == ["resolved"]

    with running(bootstrap, tmp_path, "run", "--config", str(config)) as program:
        eventually(lambda: (tmp_path / "process.log").read_text(), lambda said: "Running in space" in said)
        emit("R-1")
        emit("R-2")
        eventually(lambda: received, lambda sent: any(s["status"] == "firing" for s in sent))
        (alert,) = alerts()
        assert alert["rule"] == "accounting.duplicate_invoice"
        assert [e["topic"] for e in alert["evidence"]] == ["events.accounting"] * 2
        command("ack", alert["fingerprint"][:8], "--by", "dana")
        eventually(alerts, lambda found: found[0]["acknowledged_by"] == "dana")
        command("resolve", alert["fingerprint"][:8], "--by", "dana", "--note", "paid once")
        eventually(lambda: json.loads(command("alerts", "--all", "--output", "json")), over)
        done = [json.loads(r.value or b"{}")["data"] for r in records(bootstrap, space.topic("audit"))]
        assert [(each["action"], each["note"]) for each in done] == [
            ("alert.acknowledge", ""),
            ("alert.resolve", "paid once"),
        ]
        outcomes = [json.loads(r.value or b"{}")["type"] for r in records(bootstrap, space.topic("alerting"))]
        assert "alerting.notice.delivered" in outcomes
        assert "accounting.duplicate_invoice" in command("tail", "--department", "accounting", "--since", "beginning")
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0

"""The API on a real broker, with the worker that answers to it: over plain HTTP, and with the real amtool."""

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.topics import Space
from tests.go_tools import go_tool
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records

pytestmark = pytest.mark.kafka

TOKENS = """
    - {name: amtool, scopes: [read, "alerts:write", "silences:write"], sha256: %s}
    - {name: grafana, scopes: [read], sha256: %s}
"""


class Running:
    """The program in a space of its own: `backoffice run` without a notifier, its API at a free port."""

    def __init__(self, bootstrap: str, home: Path, space: Space) -> None:
        self.bootstrap = bootstrap
        self.home = home
        self.space = space
        said = eventually(
            lambda: re.search(r"API of space \S+ at (http://\S+)", (home / "process.log").read_text()), bool, within=120
        )
        assert said
        self.http = httpx.Client(base_url=said[1], timeout=30)
        eventually(lambda: self.http.get("/readyz").status_code, lambda status: status == 200)

    def command(self, *arguments: str) -> str:
        done = backoffice(self.bootstrap, self.home, *arguments, "--space", self.space.name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pays_twice(self) -> None:
        """An invoice comes twice, which is an alert."""
        invoices = [
            {
                "specversion": "1.0",
                "id": str(uuid.uuid4()),
                "source": "/tests",
                "type": "accounting.invoice.received",
                "subject": "vendor/acme",
                "time": "2026-11-02T08:00:00Z",
                "data": {
                    "number": "INV-7",
                    "invoice": invoice,
                    "amount": {"amount": "10.00", "currency": "EUR"},
                    "issued_on": "2026-11-02",
                    "due_on": "2099-01-01",
                },
            }
            for invoice in ("R-1", "R-2")
        ]
        events = self.home / "events.jsonl"
        events.write_text("".join(json.dumps(invoice) + "\n" for invoice in invoices))
        self.command("emit", str(events))

    def alerts(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/api/v2/alerts{query}").json()
        return found

    def amtool(self, *arguments: str, input: str | None = None) -> str:
        address = str(self.http.base_url)
        done = subprocess.run(
            [str(go_tool("amtool")), f"--alertmanager.url={address}", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            input=input,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def program(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("api")
    space = Space(f"api-{uuid.uuid4().hex[:8]}")
    config = home / "backoffice.yaml"
    config.write_text(f"space: {space.name}\napi: {{port: 0}}\n")
    with running(bootstrap, home, "run", "--config", str(config), "--no-notifier"):
        found = Running(bootstrap, home, space)
        yield found
        found.http.close()


def test_an_alert_is_seen_taken_and_resolved_over_http(program: Running) -> None:
    program.pays_twice()
    (alert,) = eventually(program.alerts, bool)
    assert alert["labels"]["alertname"] == "accounting.duplicate_invoice"
    path = f"/api/v1/alerts/{alert['fingerprint']}"
    taken = program.http.post(f"{path}/acknowledge?wait=applied", json={"by": "dana", "note": "on it"})
    assert (taken.status_code, taken.json()["applied"]) == (200, True)
    assert program.http.get(path).json()["acknowledged_by"] == "dana"
    resolved = program.http.post(f"{path}/resolve?wait=applied", json={"by": "dana"})
    assert resolved.status_code == 200
    assert program.alerts() == []
    assert program.http.post(f"{path}/acknowledge", json={"by": "dana"}).status_code == 409
    audit = [json.loads(r.value or b"{}") for r in records(program.bootstrap, program.space.topic("audit"))]
    assert [(each["subject"], each["data"]["action"], each["data"]["by_way_of"]) for each in audit] == [
        ("person/dana", "alert.acknowledge", "API"),
        ("person/dana", "alert.resolve", "API"),
    ]


def test_amtool_adds_and_queries_alerts(program: Running) -> None:
    assert program.amtool("alert", "add", "DiskFull", "severity=critical", "node=a", "--annotation=summary=full") == ""
    program.amtool("alert", "add", "alertname=DiskFull", "node=b")
    eventually(lambda: program.alerts('?filter=alertname="DiskFull"'), lambda found: len(found) == 2)
    (shown,) = json.loads(program.amtool("alert", "query", "DiskFull", "node=a", "-o", "json"))
    assert shown["labels"] == {"alertname": "DiskFull", "severity": "critical", "node": "a"}
    assert shown["annotations"] == {"summary": "full"}
    assert shown["status"]["state"] == "active"
    assert "DiskFull" in program.amtool("alert", "query", "alertname=~Disk.*", "-o", "extended")
    over = "2020-01-01T00:00:00Z"
    for node in ("node=b", "node=a"):
        severity = ["severity=critical"] if node == "node=a" else []
        program.amtool("alert", "add", "DiskFull", *severity, node, f"--start={over}", f"--end={over}")
    eventually(lambda: program.alerts('?filter=alertname="DiskFull"'), lambda found: not found)


def test_amtool_makes_changes_exports_imports_and_expires_silences(program: Running, tmp_path: Path) -> None:
    program.amtool("alert", "add", "Noise", "node=a")
    eventually(lambda: program.alerts('?filter=alertname="Noise"'), bool)
    id = program.amtool("silence", "add", "alertname=Noise", "node=~a|b", "-d1h", "-amartin", "-cworks on it")
    assert [silence["id"] for silence in json.loads(program.amtool("silence", "query", "-o", "json"))] == [id]
    (alert,) = program.alerts('?filter=alertname="Noise"')
    assert (alert["status"]["state"], alert["status"]["silencedBy"]) == ("suppressed", [id])
    assert program.amtool("alert", "query", "Noise", "-o", "json") == "[]"
    assert len(json.loads(program.amtool("alert", "query", "Noise", "--silenced", "-o", "json"))) == 1

    (changed,) = json.loads(program.amtool("silence", "update", "-d2h", "-clonger", id, "-o", "json"))
    assert (changed["id"], changed["comment"]) == (id, "longer")
    assert program.http.get(f"/api/v2/silence/{id}").json()["comment"] == "longer"

    exported = program.amtool("silence", "query", "-o", "json")
    program.amtool("silence", "expire", id)
    assert program.http.get(f"/api/v2/silence/{id}").json()["status"]["state"] == "expired"
    assert program.amtool("silence", "query", "-q") == ""
    assert id in program.amtool("silence", "query", "--expired", "--within=1h", "-q")

    file = tmp_path / "silences.json"
    file.write_text(exported)
    imported = program.amtool("silence", "import", str(file))
    assert imported != id
    assert program.amtool("silence", "query", "-q") == imported
    program.amtool("silence", "expire", imported)


def test_amtool_reads_the_configuration_and_the_receivers_from_us(program: Running) -> None:
    assert "accounting-clerk" in program.amtool("config", "show")
    assert program.amtool("config", "routes", "test", "department=hr", "severity=info") == "hr-clerk"


def test_amtool_shows_its_token(bootstrap: str, tmp_path: Path, program: Running) -> None:
    """A second API of the same space, with tokens: amtool sends them as its `--http.config.file` says."""
    made = [backoffice(bootstrap, tmp_path, "token", name).stdout.split() for name in ("amtool", "grafana")]
    tokens, digests = [one[0] for one in made], [one[-1] for one in made]
    config = tmp_path / "backoffice.yaml"
    config.write_text(f"space: {program.space.name}\napi:\n  port: 0\n  tokens:{TOKENS % tuple(digests)}")
    with running(bootstrap, tmp_path, "api", "--config", str(config)):
        guarded = Running(bootstrap, tmp_path, program.space)
        assert guarded.http.get("/api/v2/silences").status_code == 401
        basic, bearer = tmp_path / "basic.yml", tmp_path / "bearer.yml"
        basic.write_text(f"basic_auth: {{username: amtool, password: '{tokens[0]}'}}\n")
        bearer.write_text(f"authorization: {{type: Bearer, credentials: '{tokens[1]}'}}\n")
        guarded.amtool(f"--http.config.file={basic}", "alert", "add", "FromAmtool", "node=a")
        assert guarded.amtool(f"--http.config.file={bearer}", "alert", "query", "nothing=here", "-o", "json") == "[]"
        with pytest.raises(AssertionError, match="403"):
            guarded.amtool(f"--http.config.file={bearer}", "silence", "add", "a=b", "-cx")
        guarded.http.close()
    posted = [json.loads(r.value or b"{}") for r in records(bootstrap, program.space.topic("alerting"))]
    assert "sender/amtool" in [one.get("subject") for one in posted]

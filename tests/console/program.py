"""The program with its console as the browser meets it: events go in, commands come out on the topics."""

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from consumers.console.signing_in.people import Role
from producers.client import Client
from schemas.accounting import InvoiceReceived
from schemas.topics import Space
from tests.kafka.program import eventually
from tests.kafka.topics import records

PASSWORD = "a password of the tests"
PEOPLE = {Role.VIEWER: "vera", Role.OPERATOR: "dana", Role.ADMINISTRATOR: "ada"}
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

CONFIGURATION = """
space: {space}
api: {{port: 0, requests_per_second: 10000}}
console:
  users:
{users}
alerting:
  users: [{{name: dana}}, {{name: kim}}]
  receivers: [{{name: dana}}, {{name: kim}}]
  schedules:
    - name: it-on-call
      layers:
        - {{name: first, participants: [dana, kim], rotation: weekly, starts_on: 2026-01-05}}
"""


def configuration(space: Space) -> str:
    users = "\n".join(
        f"    - {{name: {name}, role: {role}, password: '{_QUICK.hash(PASSWORD)}'}}" for role, name in PEOPLE.items()
    )
    return CONFIGURATION.format(space=space.name, users=users)


class Program:
    """`backoffice run` in a space of its own, without a notifier."""

    def __init__(self, bootstrap: str, home: Path, space: Space) -> None:
        self.bootstrap = bootstrap
        self.space = space
        self._log = home / "process.log"
        said = eventually(
            lambda: re.search(r"Console of space \S+: (http://\S+)/console/", self._log.read_text()), bool, within=120
        )
        assert said
        self.address = said[1]
        self.http = httpx.Client(base_url=self.address, timeout=30)
        eventually(lambda: self.http.get("/readyz").status_code, lambda status: status == 200)

    def url(self, path: str = "/") -> str:
        return f"{self.address}/console{path}"

    def raises(self, name: str, count: int = 1, **labels: str) -> list[str]:
        """Alerts over the API; returns their fingerprints once they are shown, sorted by their `node`."""
        numbered = [{"alertname": name, "severity": "error", **labels, "node": f"n{n:05d}"} for n in range(count)]
        posted = [{"labels": each, "annotations": {"summary": f"{name} on {each['node']}"}} for each in numbered]
        for start in range(0, count, 2_000):
            self.http.post("/api/v2/alerts", json=posted[start : start + 2_000]).raise_for_status()
        found = eventually(lambda: self.alerts(name), lambda seen: len(seen) == count, within=120)
        return [alert["fingerprint"] for alert in sorted(found, key=lambda alert: alert["labels"]["node"])]

    def alerts(self, name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f'/api/v2/alerts?filter=alertname="{name}"').json()
        return found

    def alert(self, fingerprint: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.http.get(f"/api/v1/alerts/{fingerprint}").json()
        return found

    def pays_twice(self, vendor: str) -> None:
        """An invoice comes twice, which is an alert of accounting."""
        with Client(self.bootstrap, self.space) as client:
            for invoice in ("R-1", "R-2"):
                event = InvoiceReceived.model_validate(
                    {
                        "number": f"INV-{vendor}",
                        "invoice": invoice,
                        "amount": {"amount": "10.00", "currency": "EUR"},
                        "issued_on": "2026-11-02",
                        "due_on": "2099-01-01",
                    }
                )
                client.send(event, f"vendor/{vendor}", source="/tests", id=str(uuid.uuid4())).result(30)

    def said(self, topic: str, subject: str) -> list[dict[str, Any]]:
        """What is on a topic about a subject: type, and data."""
        found = [json.loads(record.value or b"{}") for record in records(self.bootstrap, self.space.topic(topic))]
        return [each for each in found if each.get("subject") == subject]

    def commands(self, fingerprint: str) -> list[tuple[str, dict[str, Any]]]:
        """What people have decided about an alert: the verb, and the command."""
        commands = self.said("alerting", f"alert/{fingerprint}")
        return [(each["type"].rpartition(".")[2], each["data"]) for each in commands]

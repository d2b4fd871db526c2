"""An office in which something is going on, for pages to be looked at."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.console.program import Program
from tests.console.test_records import buried, invoice, write
from tests.kafka.program import eventually
from tests.kafka.topics import records

ALERTS = (
    ("ServiceDown", "critical", "it", "vpn.example.com does not answer", "service/vpn"),
    ("CertificateExpires", "warning", "it", "The certificate of mail.example.com ends in 6 days", "service/mail"),
    ("DiskFills", "error", "it", "Disk of db-2 is full in 4 hours at this rate", "host/db-2"),
    ("LateTimesheets", "warning", "hr", "7 timesheets of October are missing", "team/field"),
    ("OverduePayroll", "error", "hr", "The payroll run of November has no approval yet", "payroll/2026-11"),
    ("LimitExceeded", "error", "finance", "Exposure to one debtor is 112 % of its limit", "debtor/nordwind"),
    ("ClaimStalled", "warning", "finance", "A loan application waits for its decision since 3 days", "loan/L-204"),
    ("MissedDose", "critical", "health", "A dose was not recorded in time; see the record", "patient/P-1001"),
    ("MilestoneLate", "info", "management", "Milestone 'pilot' is 2 days late", "project/atlas"),
    ("ComplaintsSurge", "warning", "front_office", "Complaints are three times their usual number", "queue/first"),
)
"""Name, severity, department, what it says, and what it is about."""


class Office(NamedTuple):
    """Parts of it, for addresses."""

    alert: str
    letter: int
    partition: int
    offset: int


def lively(program: Program) -> Office:
    """Alerts of most departments, some of them dealt with; silences; an invoice that came twice; dead letters."""
    _raise(program)
    program.pays_twice("acme")
    buried(program, "acme", 3, invoice("acme", "10,00"), "amount.amount: 10,00 is not a number")
    eventually(lambda: len(_alerts(program)), lambda count: count > len(ALERTS), within=120)
    by_name = {alert["labels"]["alertname"]: alert["fingerprint"] for alert in _alerts(program)}
    _act(program, by_name["DiskFills"], "acknowledge", note="cleaning up old snapshots")
    _act(program, by_name["LimitExceeded"], "assign", to=["kim"])
    _act(program, by_name["ServiceDown"], "note", note="the provider is informed")
    _silence(program, "CertificateExpires", "new switches in the east wing", timedelta(0))
    _silence(program, "MilestoneLate", "the pilot moves to spring", timedelta(days=2))
    inbox = records(program.bootstrap, program.space.topic("events.accounting"))
    place = next(record for record in inbox if record.key == b"vendor/acme")
    letter = records(program.bootstrap, program.space.topic("dead-letters"))[-1]
    write(program, "events.accounting", *((f"acme-{n}", invoice(f"acme-{n}", f"{n * 37}.50")) for n in range(1, 12)))
    return Office(by_name["ServiceDown"], letter.offset, place.partition, place.offset)


def _raise(program: Program) -> None:
    posted = [
        {
            "labels": {"alertname": name, "severity": severity, "department": department, "subject": subject},
            "annotations": {"summary": summary},
        }
        for name, severity, department, summary, subject in ALERTS
    ]
    program.http.post("/api/v2/alerts", json=posted).raise_for_status()


def _alerts(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.http.get("/api/v2/alerts").json()
    return found


def _act(program: Program, fingerprint: str, verb: str, **said: object) -> None:
    answer = program.http.post(f"/api/v1/alerts/{fingerprint}/{verb}?wait=applied", json={"by": "dana", **said})
    answer.raise_for_status()


def _silence(program: Program, name: str, comment: str, begins_in: timedelta) -> None:
    begins = datetime.now(UTC) + begins_in
    silence = {
        "matchers": [{"name": "alertname", "value": name, "isRegex": False}],
        "startsAt": begins.isoformat(),
        "endsAt": (begins + timedelta(hours=4)).isoformat(),
        "createdBy": "dana",
        "comment": comment,
    }
    program.http.post("/api/v2/silences", json=silence).raise_for_status()

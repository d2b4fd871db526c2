"""`python -m benchmarks.what_if`: how long `backoffice what-if` takes over the log of an office, or of invoices only.

On a broker of its own, a space is filled and worked through; then changed settings are tried, from the command line, as
its user does. `--log office` lives through weeks of a simulated office with all departments; `--log invoices` is a live
space with nothing but invoices and their approvals, every one of which is folded: the worst there is.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own import, on Python 3.11 and 3.12
    import kafka  # noqa: F401

from kafka import KafkaConsumer, TopicPartition
from rich.console import Console

from backoffice import spaces
from backoffice.registry import processors
from backoffice.what_if.space import records
from benchmarks.cluster import Input, fill, running_broker
from benchmarks.invoices import Sent, invoices
from benchmarks.job import SOURCE
from consumers.partition import Partitions
from infra.admin import admin
from producers.drain import Drain
from schemas.accounting import InvoiceApproved
from schemas.codec import encode
from schemas.envelope import About
from schemas.topics import Space

PARTITIONS = 4
APPROVED = 5
"""Of so many invoices one is approved, by a person of six."""

CLERKS = ("dana", "erik", "finn", "gina", "hugo", "ida")
QUESTIONS: dict[str, dict[str, dict[str, object]]] = {
    "accounting": {"accounting": {"approval_limit_default": {"amount": "5000", "currency": "EUR"}}},
    "health": {"health": {"retrieval_minutes": 20}},
    "hr": {"hr": {"document_due_business_days": 2}},
    "front_office": {"front_office": {"calendar": {"opens": "10:00", "closes": "16:00"}}},
}
"""What is tried. `--log invoices` asks accounting's only."""

EVENTS_OF_AN_EMPLOYEE = 52
"""That a simulated office has in `DAYS`, with as many vendors and customers as `live_through` gives it."""

DAYS = 20
AT = datetime(2026, 1, 5, tzinfo=UTC)


def story(events: int) -> Iterator[Sent]:
    """Invoices as the other benchmarks have them; some are approved right after they came."""
    sent = 0
    for n, invoice in enumerate(invoices(events)):
        yield invoice._replace(value=invoice.value.replace(b'_on":"202', b'_on":"212'))  # nothing is overdue yet
        sent += 1
        if n % APPROVED == 0 and invoice.cents is not None and sent < events:
            yield approval(invoice, n)
            sent += 1
        if sent >= events:
            return


def approval(invoice: Sent, n: int) -> Sent:
    event = InvoiceApproved(invoice=f"RE-{int(invoice.id.rpartition('-')[2]):08}", approver=CLERKS[n % len(CLERKS)])
    about = About(f"a-{n:08}", SOURCE, invoice.key, AT)
    return Sent(invoice.key, encode(event, about), about.id, None)


def worked_through(bootstrap: str, space: Space) -> None:
    """Waits until the processors have passed everything, what they write to one another too."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap.split(","), enable_auto_commit=False)
    places = [
        TopicPartition(space.topic(topic), n)
        for topic in ("events.accounting", "facts", "alerting")
        for n in sorted(consumer.partitions_for_topic(space.topic(topic)) or ())
    ]
    with admin(bootstrap) as cluster:
        before: dict[TopicPartition, int] = {}
        while (ends := consumer.end_offsets(places)) != before:
            before = ends
            standing = {where: max(0, end - 5) for where, end in ends.items() if end}  # markers at the end
            Drain(cluster, space.group).wait_past(standing)
            time.sleep(5)
    consumer.close()


def events_of(desk: "Desk") -> dict[str, int]:
    """How many events departments have on the log, by department; ticks and markers are records, too."""
    counts: Counter[str] = Counter()
    with Partitions(desk.bootstrap) as log:
        for department in (p for p in processors() if p.inbox.startswith("events.")):
            for number in log.of(desk.space.topic(department.inbox)):
                for batch in records(log, desk.space, department.inbox, number):
                    counts[department.name] += sum(record.key is not None for record in batch)
    return dict(counts)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command is given."""

    bootstrap: str
    folder: Path
    space: Space

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "BACKOFFICE_BOOTSTRAP_SERVERS": self.bootstrap, "BACKOFFICE_HOME": str(self.folder)}

    def command(self, *said: str) -> list[str]:
        return [sys.executable, "-m", "backoffice", *said, "--space", self.space.name]

    def asked(self, changed: Mapping[str, object], processes: int) -> tuple[dict[str, Any], float]:
        """The answer, and the seconds that the command took."""
        rules = self.folder / "changed.yaml"
        rules.write_text(f"rules: {json.dumps(changed)}\n")
        command = self.command("what-if", "--rules", str(rules), "--output", "json", "--processes", str(processes))
        began = time.monotonic()
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout), time.monotonic() - began


def invoices_only(desk: Desk, events: int) -> None:
    """A live space is filled, and a worker works through it."""
    spaces.prepare(desk.bootstrap, desk.space, PARTITIONS)
    fill(desk.bootstrap, Input(desk.space, PARTITIONS), story(events))
    with (desk.folder / "worker.log").open("w") as log:
        worker = subprocess.Popen(desk.command("worker"), env=desk.environment, stdout=log, stderr=log)
        try:
            worked_through(desk.bootstrap, desk.space)
        finally:
            worker.terminate()
            worker.wait(60)


def live_through(desk: Desk, events: int) -> None:
    """A simulated office, about so large that it has so many events."""
    employees = events // EVENTS_OF_AN_EMPLOYEE
    sizes = {"days": DAYS, "employees": employees, "vendors": employees * 3 // 10, "customers": employees * 3 // 2}
    command = desk.command("simulate", *(f"--{name}={size}" for name, size in sizes.items()))
    with (desk.folder / "simulate.log").open("w") as log:
        subprocess.run(command, env=desk.environment, stdout=log, stderr=subprocess.STDOUT, check=True)


LOGS = {"office": live_through, "invoices": invoices_only}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__)
    parser.add_argument("--log", choices=LOGS, default="office")
    parser.add_argument("--events", type=int, default=1_000_000, help="about so many come from outside")
    parser.add_argument("--processes", type=int, nargs="+", default=[2], help="each is measured")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaving in order ends the broker and the worker
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="backoffice-bench-") as home, running_broker(Path(home)) as broker:
        desk = Desk(broker.bootstrap_servers, Path(home), Space("what-if", replay=wanted.log == "office"))
        LOGS[wanted.log](desk, wanted.events)
        counts = events_of(desk)
        console.print(f"{sum(counts.values()):,} events are on the log: {counts}.")
        for about in QUESTIONS if wanted.log == "office" else ("accounting",):
            for processes in wanted.processes:
                answer, seconds = desk.asked(QUESTIONS[about], processes)
                console.print(
                    f"{about}: {seconds:.0f} s with {processes} processes on {os.cpu_count()} cores, "
                    f"{answer['records_folded']:,} records folded; {answer['rules']}"
                )


if __name__ == "__main__":
    main()

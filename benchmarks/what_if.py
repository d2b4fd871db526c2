"""`python -m benchmarks.what_if`: how long `backoffice what-if` takes over a log of invoices and their approvals.

A live space on a broker of its own is filled, a worker works through it, and a lower approval limit is tried, from the
command line, as its user does.
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
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own import, on Python 3.11 and 3.12
    import kafka  # noqa: F401

from kafka import KafkaConsumer, TopicPartition
from rich.console import Console

from backoffice import spaces
from benchmarks.cluster import Input, fill, running_broker
from benchmarks.invoices import Sent, invoices
from benchmarks.job import SOURCE
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
CHANGED = {"accounting": {"approval_limit_default": {"amount": "5000", "currency": "EUR"}}}
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


def asked(bootstrap: str, space: Space, folder: Path, processes: int) -> tuple[dict[str, object], float]:
    """The answer, and the seconds that the command took."""
    changed = folder / "changed.yaml"
    changed.write_text(f"rules: {json.dumps(CHANGED)}\n")
    command = ["what-if", "--space", space.name, "--rules", str(changed), "--output", "json"]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "backoffice", *command, "--processes", str(processes)],
        env={**os.environ, "BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout), time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="events that come from outside")
    parser.add_argument("--processes", type=int, nargs="+", default=[2], help="each is measured")
    wanted = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaving in order ends the broker and the worker
    console, space = Console(highlight=False), Space("what-if")
    with tempfile.TemporaryDirectory(prefix="backoffice-bench-") as home, running_broker(Path(home)) as broker:
        bootstrap, folder = broker.bootstrap_servers, Path(home)
        spaces.prepare(bootstrap, space, PARTITIONS)
        fill(bootstrap, Input(space, PARTITIONS), story(wanted.events))
        console.print(f"{wanted.events:,} events are on the log; a worker works through them.")
        with (folder / "worker.log").open("w") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "backoffice", "worker", "--space", space.name],
                env={**os.environ, "BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap},
                stdout=log,
                stderr=log,
            )
            try:
                worked_through(bootstrap, space)
            finally:
                worker.terminate()
                worker.wait(60)
        for processes in wanted.processes:
            answer, seconds = asked(bootstrap, space, folder, processes)
            console.print(
                f"{processes} processes on {os.cpu_count()} cores: {seconds:.0f} s, {answer['records_folded']:,} "
                f"records folded; {answer['rules']}"
            )


if __name__ == "__main__":
    main()

"""Ours: one worker of the engine with a processor for the job."""

import logging
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.alerting import cents_of, unusual
from benchmarks.job import AFTER, FACTOR, SEEN_WINDOW, Job, told
from processors.engine import worker
from processors.engine.settings import EngineSettings
from processors.processor import Aggregate, Processor
from processors.rows import Rows
from processors.rule import Rule
from processors.step import State, Step
from schemas.accounting import InvoiceReceived
from schemas.envelope import Event
from schemas.topics import Space

NAME, INBOX = "invoices", InvoiceReceived.topic
RULE = Rule("accounting.unusual_amount", "warning", "far above the vendor's mean", "never", ("invoice",))


@dataclass(frozen=True, kw_only=True)
class Vendor(State):
    """What the job keeps of a vendor. Amounts in cents."""

    count: int = 0
    total: int = 0
    largest: int = 0


def watch(vendor: Vendor, event: Event, at: datetime) -> Step[Vendor]:
    """The job."""
    assert isinstance(event, InvoiceReceived)
    cents = cents_of(event)
    new = vendor.evolve(count=vendor.count + 1, total=vendor.total + cents, largest=max(vendor.largest, cents))
    if vendor.count < AFTER or cents * vendor.count <= FACTOR * vendor.total:
        return Step(new)
    record = event.about.record
    assert record is not None
    return Step(new).emits(vendor.key, unusual(event, vendor.count, at, record))


@dataclass(frozen=True, kw_only=True)
class LastInvoice(State):
    """A row of about 200 bytes: what the vendor sent last."""

    invoice: str = ""
    number: str = ""
    cents: int = 0
    issued_on: str = ""
    due_on: str = ""
    order: str = ""
    recorded_by: str = ""
    note: str = ""


def remember(vendor: LastInvoice, event: Event, at: datetime) -> Step[LastInvoice]:
    assert isinstance(event, InvoiceReceived)
    return Step(
        vendor.evolve(
            invoice=event.invoice,
            number=event.number,
            cents=cents_of(event),
            issued_on=event.issued_on.isoformat(),
            due_on=str(event.due_on),
            order=event.order or "",
            recorded_by=event.recorded_by or "",
            note=f"of {event.about.subject}, {len(event.lines)} lines",
        )
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One invoice in a vendor's collection. Amount in cents."""

    cents: int
    times: int


@dataclass(frozen=True, kw_only=True)
class Collecting(State):
    """A vendor with a row per invoice number."""

    entries: Rows[Entry] = field(default_factory=Rows)


def collect(vendor: Collecting, event: Event, at: datetime) -> Step[Collecting]:
    assert isinstance(event, InvoiceReceived)
    before = vendor.entries.get(event.number)
    entry = Entry(cents_of(event), before.times + 1 if before else 1)
    return Step(vendor.evolve(entries=vendor.entries.put(event.number, entry)))


AGGREGATES = {
    "means": Aggregate(Vendor, watch),
    "remember": Aggregate(LastInvoice, remember),
    "entries": Aggregate(Collecting, collect),
}


def processor(job: Job) -> Processor:
    return Processor(NAME, INBOX, (InvoiceReceived,), {"vendor": AGGREGATES[job.shape]}, rules=(RULE,))


def settings(job: Job) -> EngineSettings:
    """The engine's defaults, but for what the job names: duplicates, where state is kept, the session."""
    window = SEEN_WINDOW if job.drop_duplicates else timedelta(0)
    more: dict[str, Any] = {} if job.store == "memory" else {"store": job.store}
    if job.session is not None:
        more["session_timeout"] = job.session
    return EngineSettings(bootstrap_servers=job.bootstrap, data_dir=Path(job.work_dir), seen_window=window, **more)


def main() -> int:
    job = told()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    level = logging.DEBUG if job.shape == "remember" else logging.INFO  # how long each restore took is said at DEBUG
    logging.getLogger("processors.engine").setLevel(level)
    sys.argv[1:] = []  # Faust reads the command line, too
    return worker.run(Space(job.space), [processor(job)], settings(job))


if __name__ == "__main__":
    sys.exit(main())

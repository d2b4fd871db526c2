"""Half an hour of 1,000 events a second with a page open: memory in browser and server stays where it was."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.synchronize import Event
from statistics import median

import psutil
import pytest
from playwright.sync_api import CDPSession, Page

from producers.client import Client
from schemas.accounting import InvoiceReceived, InvoiceRejected
from schemas.money import Money
from schemas.topics import Space
from tests.console.conftest import Open
from tests.console.program import Program

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.timeout(7_200),
    pytest.mark.skipif(os.environ.get("BACKOFFICE_CHAOS") != "long", reason="half an hour: make soak"),
]

MINUTES = float(os.environ.get("BACKOFFICE_SOAK_MINUTES", "30"))
PER_SECOND = 1_000
TWICE_IN = 500
"""One invoice in so many comes twice, which is an alert."""

STAYS = 60 * PER_SECOND
"""How many further invoices come before it is sent back, which ends the alert."""

GROWTH = 1.2
"""The last third's median over the second's, at most: the first third fills what is kept on purpose."""

SLACK = 20 * 2**20
"""Bytes that say nothing."""

Property = Callable[[str, object], None]


def invoices(bootstrap: str, space: str, stop: Event) -> None:
    """So many a second from a thousand vendors, until it is told to stop. What came twice is sent back later."""
    with Client(bootstrap, Space(space)) as client:
        began = time.monotonic()
        for n in count(1):
            if stop.is_set():
                return
            client.send(invoice(n), vendor(n), source="/tests/soak")
            if n % TWICE_IN == 1 and n > STAYS:
                client.send(InvoiceRejected(invoice=f"R-{n - STAYS}"), vendor(n - STAYS), source="/tests/soak")
            if n % 50 == 0:
                stop.wait(max(0.0, began + n / PER_SECOND - time.monotonic()))


def invoice(n: int) -> InvoiceReceived:
    return InvoiceReceived.model_validate(
        {
            "invoice": f"R-{n}",
            "number": f"INV-{first(n)}",
            "amount": Money(amount=f"{first(n) // 100_000}.{first(n) // 1_000 % 100:02}", currency="EUR"),
            "issued_on": "2026-11-02",
            "due_on": "2099-01-01",
        }
    )


def vendor(n: int) -> str:
    return f"vendor/soak-{first(n) % 1_000}"


def first(n: int) -> int:
    """The one that the n-th invoice is like: itself, or the one before."""
    return n - 1 if n % TWICE_IN == 1 else n


@contextmanager
def flowing(program: Program) -> Iterator[None]:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    process = spawn.Process(target=invoices, args=(program.bootstrap, program.space.name, stop))
    process.start()
    try:
        yield
    finally:
        stop.set()
        process.join(60)


def server(program: Program) -> psutil.Process:
    """The process that serves the console."""
    (found,) = (
        each
        for each in psutil.process_iter(["cmdline"])
        if "console" in (line := each.info["cmdline"] or []) and program.space.name in line
    )
    return found


def heap(cdp: CDPSession) -> int:
    """Bytes in use on the page, after what nobody needs has been thrown away."""
    cdp.send("HeapProfiler.collectGarbage")
    used: int = cdp.send("Runtime.getHeapUsage")["usedSize"]
    return used


def grew(samples: list[int]) -> float:
    """The last third's median over the second's."""
    third = len(samples) // 3
    return median(samples[-third:]) / median(samples[third : 2 * third])


def test_memory_stays_where_it_was(open_page: Open, program: Program, record_testsuite_property: Property) -> None:
    page: Page = open_page()
    cdp, process = page.context.new_cdp_session(page), server(program)
    browser: list[int] = []
    resident: list[int] = []
    with flowing(program):
        ends = time.monotonic() + 60 * MINUTES
        while time.monotonic() < ends:
            page.wait_for_timeout(10_000)  # the page lives on meanwhile
            browser.append(heap(cdp))
            resident.append(process.memory_info().rss)
    for name, samples in (("page's heap", browser), ("server's memory", resident)):
        mib = [round(sample / 2**20, 1) for sample in (samples[0], samples[len(samples) // 2], samples[-1])]
        record_testsuite_property(f"soak of {MINUTES:g} minutes: {name} at begin, middle, end, MiB", str(mib))
        print(f"{name}: {mib} MiB")  # noqa: T201 - measured, for whoever runs it
        assert grew(samples) < GROWTH or samples[-1] - samples[len(samples) // 3] < SLACK, name

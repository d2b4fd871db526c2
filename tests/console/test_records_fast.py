"""5,000 events a second on a topic: the page goes on answering, shows a sample, and says how much it left out."""

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, expect

from producers.client import Client
from producers.delivery import Outgoing
from schemas.codec import HEADERS
from tests.console.conftest import Open
from tests.console.program import Program
from tests.console.test_alerts import press, says
from tests.console.test_records import invoice, rows, watch

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(os.environ.get("BACKOFFICE_CHAOS") != "long", reason="a minute of 5,000 events/s: make soak"),
]

PER_SECOND = 5_000
SECONDS = float(os.environ.get("BACKOFFICE_STREAM_SECONDS", "60"))

Property = Callable[[str, object], None]


@contextmanager
def writing(program: Program) -> Iterator[list[int]]:
    """So many a second into a topic that no processor reads; how many there were, and over how many milliseconds."""
    stop, written = threading.Event(), [0, 0]
    topic, value = program.space.topic("feeds"), invoice("fast")

    def run() -> None:
        with Client(program.bootstrap, program.space) as client:
            began = time.monotonic()
            while not stop.is_set():
                for _ in range(PER_SECOND // 50):
                    client.write(Outgoing("", topic, f"vendor/fast-{written[0]}".encode(), value, HEADERS))
                    written[0] += 1
                stop.wait(max(0.0, began + written[0] / PER_SECOND - time.monotonic()))
            written[1] = int((time.monotonic() - began) * 1000)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join(60)


def longest_frame(page: Page, seconds: float) -> float:
    """Milliseconds between two frames at worst: how long the page stood still."""
    found: float = page.evaluate(
        """(ms) => new Promise((done) => {
          let last = performance.now(), worst = 0; const end = last + ms;
          const frame = () => {
            const now = performance.now(); worst = Math.max(worst, now - last); last = now;
            now < end ? requestAnimationFrame(frame) : done(worst);
          };
          requestAnimationFrame(frame);
        })""",
        seconds * 1000,
    )
    return found


def test_a_busy_topic_does_not_freeze_the_page(
    open_page: Open, program: Program, record_testsuite_property: Property
) -> None:
    page = watch(open_page, topic="feeds", where="data.amount.amount>5")
    says(page, "live")
    with writing(program) as written:
        expect(rows(page, "vendor/fast-")).not_to_have_count(0)
        frame = longest_frame(page, SECONDS)
        began = time.monotonic()
        press(page, "Pause")
        says(page, "paused")
        pause = time.monotonic() - began
        answers = []
        for _ in range(20):
            began = time.monotonic()
            httpx.get(f"{program.address}/healthz", timeout=30)
            answers.append(time.monotonic() - began)
        press(page, "Go to the end")
        says(page, "live")
        shown = rows(page, "vendor/fast-").count()
    said = page.get_by_role("status").filter(has_text="left out").inner_text()
    read, left_out = (
        int(re.search(pattern, said)[1].replace(",", "")) for pattern in (r"([\d,]+) read", r"([\d,]+) were")
    )  # type: ignore[index]
    for name, value in (
        ("events written a second", round(written[0] * 1000 / max(written[1], 1))),
        ("events read by the page's stream", read),
        ("longest time between two frames, ms", round(frame)),
        ("from the click to 'paused', ms", round(pause * 1000)),
        ("slowest of 20 answers of the server, ms", round(max(answers) * 1000)),
    ):
        record_testsuite_property(f"stream page: {name}", value)
        print(f"{name}: {value:,}")  # noqa: T201 - measured, for whoever runs it
    assert shown <= 300
    assert left_out > read / 2, "most of it cannot be looked at"
    assert frame < 1_000, "the page stood still"
    assert pause < 2

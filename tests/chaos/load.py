"""The load: a seeded stream of all kinds of events, sent from a thread of its own, whatever happens to the brokers."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import TracebackType

from producers.client import Client
from producers.delivery import Outgoing, Receipt
from producers.errors import BrokerAway, BufferFull
from schemas.accounting import InvoiceApproved, InvoiceReceived, PaymentMade
from schemas.envelope import Event
from schemas.front_office import ComplaintAnswered, ComplaintReceived
from schemas.hr import EmployeeTerminated
from schemas.it import DeviceDeclared, HeartbeatReceived, IncidentOpened, IncidentResolved
from schemas.money import Money
from schemas.topics import Space
from tests.kafka.program import eventually
from tests.kafka.topics import records

VENDORS, DEVICES = 60, 12
PATIENCE = 240.0
"""Seconds that anything may take before it counts as never: a record while brokers are away, a worker to come up."""

INBOXES = ("events.accounting", "events.it", "events.front_office", "events.hr")
BROKEN = (b'{"specversion": "1.0", ', b"[1, 2]", b"", b'{"specversion": "1.0", "id": "\xff"}')


@dataclass(frozen=True)
class Said:
    """One thing to send: an event about a subject, or bytes that are none."""

    id: str
    subject: str
    event: Event | None = None
    topic: str = ""
    value: bytes = b""


def stream(seed: int) -> Iterator[Said]:
    """Without end and the same for a seed, but for the dates: invoices, some of them twice, approvals, payments;
    devices whose heartbeats stop and come back; incidents and complaints; copies of events; broken records."""
    rng = random.Random(seed)
    for n in range(DEVICES):
        yield Said(f"{seed}-device-{n}", f"device/d{n}", DeviceDeclared(heartbeat_seconds=1 + n % 5))
    recent: list[Said] = []
    n = 0
    while True:
        n += 1
        if (kind := rng.random()) < 0.01:
            yield Said(f"{seed}-{n}", f"vendor/v{n}", topic=rng.choice(INBOXES), value=rng.choice(BROKEN))
        elif kind < 0.04 and recent:
            yield rng.choice(recent)
        else:
            subject, event = _happening(rng, n)
            said = Said(f"{seed}-{n}", subject, event)
            recent = [*recent[-200:], said]
            yield said


def _happening(rng: random.Random, n: int) -> tuple[str, Event]:
    kind = rng.random()
    if kind < 0.70:
        return f"vendor/v{min(int(rng.expovariate(5 / VENDORS)), VENDORS - 1)}", _purchase(rng, n)
    if kind < 0.83:
        return f"device/d{rng.randrange(DEVICES)}", HeartbeatReceived()
    now = datetime.now(UTC)
    if kind < 0.92:
        incident = rng.randrange(n // 2 + 1)
        opened = IncidentOpened(opened_at=now, priority=rng.choice((1, 2, 3)), category=f"c{rng.randrange(5)}")
        return f"incident/i{incident}", rng.choice((opened, opened, IncidentResolved()))
    if kind < 0.98:
        received = ComplaintReceived(customer=f"c{rng.randrange(40)}", received_at=now)
        return f"complaint/k{rng.randrange(n // 2 + 1)}", rng.choice((received, ComplaintAnswered(by="ines")))
    return f"employee/e{n}", EmployeeTerminated(last_day=now.date())


def _purchase(rng: random.Random, n: int) -> Event:
    """One step of a purchase. Numbers and documents come again: duplicates, late and double payments are among them."""
    document = f"R-{rng.randrange(max(1, n - 400), n + 1)}"
    amount = Money(amount=Decimal(rng.randrange(100, 2_000_000)) / 100, currency="EUR")
    match rng.randrange(10):
        case 0:
            return InvoiceApproved(invoice=document, approver="hugo")
        case 1 | 2:
            return PaymentMade(payment=f"PAY-{n}", amount=amount, paid_on=date(2026, 3, 10), invoice=document)
        case _:
            issued = datetime.now(UTC).date() - timedelta(days=rng.choice((1, 5, 90)))  # the oldest are overdue already
            number = f"INV-{rng.randrange(max(1, n - 300), n + 1)}"
            return InvoiceReceived(invoice=f"R-{n}", number=number, amount=amount, issued_on=issued)


class Load(AbstractContextManager["Load"]):
    """Sends the stream of a seed, `rate` events a second, until the block is left; then waits for the confirmations.

    A broker that is away is waited for; whatever else fails, fails the block. Needs live spaces: times are now.
    """

    def __init__(self, bootstrap: str, space: Space, rate: float = 300.0, seed: int = 1) -> None:
        self.sent = 0
        self.confirmed: dict[tuple[str, int, int], str] = {}
        """The ids of what stands on the log, by topic, partition and offset."""
        self._bootstrap = bootstrap
        self._space = space
        self._rate = rate
        self._stream = stream(seed)
        self._under_way: set[int] = set()
        self._stop = threading.Event()
        self._error: Exception | None = None
        self._client = Client(
            bootstrap, space, send_timeout=PATIENCE, delivery_timeout=PATIENCE, connect_timeout=PATIENCE
        )
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        with self._client:  # leaving it raises what was not confirmed
            if error is None and self._error is not None:
                raise self._error

    def goes_on(self, events: int) -> None:
        """Returns once that many more events have been sent and all until then are confirmed."""
        wanted = self.sent + events
        eventually(lambda: self._confirmed_up_to(wanted), bool, within=PATIENCE)

    def lost(self) -> set[str]:
        """Ids of events that were confirmed and do not stand where they were. Call it after the block."""
        there = records(self._bootstrap, *(self._space.topic(inbox) for inbox in INBOXES))
        return set(self.confirmed.values()) - {
            self.confirmed.get((r.topic, r.partition, r.offset), "") for r in there if r.value is not None
        }

    def _confirmed_up_to(self, wanted: int) -> bool:
        if self._error is not None:
            raise self._error
        return self.sent >= wanted and all(n >= wanted for n in tuple(self._under_way))

    def _run(self) -> None:
        try:
            began, due = time.monotonic(), 0
            for said in self._stream:
                if self._stop.wait(max(0.0, began + due / self._rate - time.monotonic())):
                    return
                due += 1
                if time.monotonic() - began - due / self._rate > 1:  # nobody catches up after an outage
                    began, due = time.monotonic(), 0
                self._send(said)
        except Exception as error:  # noqa: BLE001 - raised by whoever leaves or asks
            self._error = error

    def _send(self, said: Said) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._hand_over(said)
            except (BrokerAway, BufferFull):
                if time.monotonic() > until:
                    raise
                if self._stop.wait(0.2):
                    return
            else:
                self.sent += 1
                return

    def _hand_over(self, said: Said) -> None:
        number, told = self.sent, partial(self._delivered, self.sent)
        self._under_way.add(number)
        if said.event is not None:
            self._client.send(said.event, said.subject, source="/tests/load", id=said.id, on_delivery=told)
        else:
            topic = self._space.topic(said.topic)
            self._client.write(Outgoing(said.id, topic, said.subject.encode(), said.value), told)

    def _delivered(self, number: int, receipt: Receipt) -> None:
        if (error := receipt.exception()) is not None:
            self._error = self._error or RuntimeError(f"{receipt.id} was not delivered: {error}")
            return
        at = receipt.result()
        self.confirmed[at.topic, at.partition, at.offset] = receipt.id
        self._under_way.discard(number)

"""Valid events of every department, to be broken by the grammar; and invoices that are easy to count."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, NamedTuple

from backoffice.registry import departments
from schemas.codec import HEADERS
from schemas.envelope import Event
from tests.happenings import example

SENT_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
MANY_VENDORS = 40


RawHeaders = Sequence[tuple[str, bytes | None]]
"""Headers as Kafka allows them: a value may be null."""


class Sent(NamedTuple):
    """One record as it is sent. `inbox` is the topic's name without the space."""

    inbox: str
    key: bytes | None
    value: bytes | None
    headers: RawHeaders


@dataclass(frozen=True)
class Valid:
    """An event that an inbox takes, as the dict its CloudEvents JSON is made of."""

    inbox: str
    key: bytes
    event: dict[str, Any]
    required: tuple[str, ...] = ()
    """Fields of its data that cannot be missing."""

    def but(self, **envelope: Any) -> "Valid":
        """With these attributes of the envelope; the key stays."""
        return replace(self, event=self.event | envelope)

    def about(self, subject: str) -> "Valid":
        """With this subject, and the key that goes with it."""
        return replace(self.but(subject=subject), key=subject.encode())

    def without(self, name: str) -> "Valid":
        """Without this attribute of the envelope; the key stays."""
        return replace(self, event={n: v for n, v in self.event.items() if n != name})

    def saying(self, **data: Any) -> "Valid":
        """With these fields in its data."""
        return self.but(data=self.event["data"] | data)

    def json(self) -> bytes:
        return json.dumps(self.event).encode()

    def sent(self) -> Sent:
        """As structured mode sends it."""
        return self.carrying(self.json())

    def carrying(self, value: bytes | None) -> Sent:
        """With this value in the place of its JSON."""
        return Sent(self.inbox, self.key, value, list(HEADERS))

    def binary(self, data: bytes | None = None, **headers: bytes) -> Sent:
        """As binary mode sends it; with `data` and these `ce_` headers in the place of its own."""
        own = {f"ce_{n}": str(v).encode() for n, v in self.event.items() if n != "data"}
        given = {f"ce_{n}": v for n, v in headers.items()}
        body = json.dumps(self.event["data"]).encode() if data is None else data
        return Sent(self.inbox, self.key, body, [("content-type", b"application/json"), *(own | given).items()])


@cache
def _events() -> Sequence[tuple[str, type[Event], dict[str, Any], str]]:
    """(inbox, type, data, kind) of every event of every department, as its fields' examples make it."""
    return [
        (d.inbox, cls, example(cls).model_dump(mode="json"), cls.kind or next(iter(d.aggregates)))
        for d in departments()
        for cls in d.events
    ]


def any_event(rng: Random, n: int) -> Valid:
    """Some event of some department, the n-th, about a subject of its own."""
    inbox, cls, data, kind = rng.choice(_events())
    required = tuple(name for name, info in cls.model_fields.items() if info.is_required())
    return _valid(inbox, n, cls.type, f"{kind}/any-{n}", dict(data), required)


def invoice(n: int) -> Valid:
    """The n-th invoice: each vendor's are told apart by their ids, and none is due before the end of the century."""
    data = {
        "invoice": f"R-{n}",
        "number": f"INV-{n}",
        "issued_on": "2026-11-02",
        "amount": {"amount": "100.00", "currency": "EUR"},
        "due_on": "2099-01-31",
    }
    required = ("invoice", "number", "amount", "issued_on")
    return _valid("events.accounting", n, "accounting.invoice.received", f"vendor/v{n % MANY_VENDORS}", data, required)


def _valid(inbox: str, n: int, type_: str, subject: str, data: dict[str, Any], required: tuple[str, ...]) -> Valid:
    head = {"specversion": "1.0", "id": f"e-{n}", "source": "/tests/chaos", "type": type_, "subject": subject}
    return Valid(inbox, subject.encode(), head | {"time": SENT_AT.isoformat(), "data": data}, required)

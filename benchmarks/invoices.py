"""The events: invoices of many vendors, the same ones for the same seed, as schemas/codec.py writes them."""

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from benchmarks.job import AFTER, SOURCE

VENDORS = 1_000
SIGMA = 1.0
"""Spread of a vendor's amounts (lognormal): with `job.FACTOR` about 1 invoice in 100 is unusual."""
INVALID = 0.001
AGAIN = 0.005
"""Share of events that come a second time, with the same id."""
AGAIN_WITHIN = 500
"""Events between a first and its second, at most."""
SPIKE = 40
_CHUNK = 10_000
_DAYS = [(date(2026, 1, 5) + timedelta(days=n)).isoformat() for n in range(400)]
_CLERKS = ("dana", "erik", "finn", "gina", "hugo", "ida")


class Sent(NamedTuple):
    """One record to send. `cents` None: it is not valid, whatever reads it must bury it."""

    key: str
    value: bytes
    id: str
    cents: int | None


def encoded(n: int, event_id: str, vendor: str, cents: int, number: str | None = None) -> bytes:
    """The n-th invoice as CloudEvents JSON, about 500 bytes. A tenth of `codec.encode`'s cost; a test compares them."""
    day, second = divmod(n * 7, 86_400)
    issued, due = _DAYS[day % 365], _DAYS[day % 365 + 30]
    hours, rest = divmod(second, 3_600)
    amount = f'{{"amount":"{cents // 100}.{cents % 100:02}","currency":"EUR"}}'
    head = (
        f'{{"specversion": "1.0", "id": "{event_id}", "source": "{SOURCE}", "type": "accounting.invoice.received", '
        f'"subject": "vendor/{vendor}", "time": "{issued}T{hours:02}:{rest // 60:02}:{rest % 60:02}+00:00", '
        '"dataschema": "urn:backoffice:accounting.invoice.received:1"'
    )
    data = (
        f'{{"invoice":"RE-{n:08}","number":"{number or f"INV-{n:08}"}","amount":{amount},"issued_on":"{issued}",'
        f'"due_on":"{due}","order":"PO-{n // 3:07}",'
        f'"lines":[{{"line":"10","quantity":"{n % 9 + 1}","value":{amount}}}],'
        f'"recorded_by":"{_CLERKS[n % 6]}","needs_service":null}}'
    )
    return f'{head}, "data": {data}}}'.encode()


def invoices(count: int, seed: int = 1, spikes: float = 0.0, prefix: str = "e") -> Iterator[Sent]:
    """`count` events. Vendors are drawn by Zipf's law (exponent 1: the largest sends an eighth), each with a scale
    of its own; one event in 1,000 is invalid, one in 200 comes twice. `spikes` is the share of amounts made
    `SPIKE` times as large, for more alerts; `prefix` begins every id.
    """
    rng = random.Random(seed)
    weights = list(accumulate(1 / rank for rank in range(1, VENDORS + 1)))
    scales = [rng.uniform(5.0, 9.0) for _ in range(VENDORS)]
    again: deque[tuple[int, Sent]] = deque()
    for start in range(0, count, _CHUNK):
        size = min(_CHUNK, count - start)
        for n, vendor in enumerate(rng.choices(range(VENDORS), cum_weights=weights, k=size), start):
            if again and again[0][0] <= n:
                yield again.popleft()[1]
                continue
            sent = _one(n, vendor, rng.lognormvariate(scales[vendor], SIGMA), rng.random(), spikes, prefix)
            if rng.random() < AGAIN:
                again.append((n + AGAIN_WITHIN, sent))
            yield sent


def _one(n: int, vendor: int, amount: float, chance: float, spikes: float, prefix: str) -> Sent:
    key, event_id = f"vendor/V-{vendor:04}", f"{prefix}-{n:08}"
    cents = max(1, round(amount * 100)) * (SPIKE if chance > 1 - spikes else 1)
    value = encoded(n, event_id, f"V-{vendor:04}", cents)
    if chance < INVALID:
        return Sent(key, SPOILED[n % len(SPOILED)](value), event_id, None)
    return Sent(key, value, event_id, cents)


def closing(homes: Sequence[str], prefix: str = "closing") -> Iterator[Sent]:
    """For each vendor in `homes` (one per partition) a few invoices and an unusual one, which is its partition's last.

    Its alert tells from outside that everything before was processed.
    """
    for round_ in range(AFTER + 1):
        for place, vendor in enumerate(homes):
            n = round_ * len(homes) + place
            cents = 1_000_000 if round_ == AFTER else 1_000
            yield Sent(f"vendor/{vendor}", encoded(n, f"{prefix}-{n}", vendor, cents), f"{prefix}-{n}", cents)


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def spoil(value: bytes) -> bytes:
        if old not in value:
            raise ValueError(f"the event has no {old!r} to spoil")
        return value.replace(old, new, 1)

    return spoil


SPOILED: tuple[Callable[[bytes], bytes], ...] = (
    lambda value: value[: len(value) // 2],  # cut off
    lambda value: b"",
    lambda value: b"[" + value + b"]",  # not an object
    lambda value: value + b" {}",  # more than one value
    lambda value: value.replace(b'"invoice":"', b'"invoice":"\xff\xfe', 1),  # not UTF-8
    _replaced(b'"specversion": "1.0"', b'"specversion": "0.3"'),
    _replaced(b'"id": "', b'"id": "", "was": "'),
    _replaced(b'"type": "accounting.invoice.received"', b'"type": "accounting.invoice.eaten"'),
    _replaced(b'"subject": "vendor/', b'"subject": "employee/'),
    _replaced(b'+00:00"', b'"'),  # a time without an offset
    _replaced(b'"number":"', b'"number":7,"was":"'),
    _replaced(b'"number":"', b'"other":"'),  # a field that is missing
    _replaced(b'"amount":{"amount":"', b'"amount":{"amount":"much '),
    _replaced(b'"currency":"EUR"', b'"currency":"Eur"'),
    _replaced(b'"issued_on":"20', b'"issued_on":"the 20'),
    _replaced(b'"lines":[{"line":"10"', b'"lines":[{"line":""'),
    _replaced(b'"amount":{"amount":"', b'"amount":{"amount":"0.00001","was":"'),  # five decimal places
    _replaced(b'"data": {', b'"data": null, "was": {'),
)
"""What makes an event invalid, in turn: the envelope, the payload, its types and its patterns."""

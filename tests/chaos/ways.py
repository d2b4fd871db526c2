"""The ways of breaking a valid event, by name: who adds one says at which stage it must be noticed."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.chaos.valid import Sent, Valid, invoice

VALUE, HEADER = "VALUE_CONVERTER", "HEADER_CONVERTER"
"""Kafka Connect's names of the stages."""

ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time")
"""What every envelope must have."""

MISFIT: Any = [[[]]]
"""JSON that no field of any event takes."""

Breaking = Callable[[Valid, Random], Sent]
WAYS: dict[str, tuple[str, Breaking]] = {}
"""Every way: the stage at which it must be noticed, and how it is done."""


def way(name: str, stage: str = VALUE) -> Callable[[Breaking], Breaking]:
    """Adds a way to the grammar."""

    def add(breaking: Breaking) -> Breaking:
        WAYS[name] = (stage, breaking)
        return breaking

    return add


def bad_invoice(rng: Random) -> Valid:
    """An invoice of a vendor whose invoices are only ever malformed."""
    return invoice(rng.randrange(10**6, 10**7)).about(f"vendor/bad-{rng.randrange(1_000)}")

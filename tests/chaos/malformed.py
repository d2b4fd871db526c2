"""A grammar of malformed records: each way breaks a valid event, and says at which stage that must be noticed."""

import json
from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import NamedTuple

from tests.chaos import malformed_bytes, malformed_headers
from tests.chaos.valid import Sent, Valid, any_event, invoice
from tests.chaos.ways import ATTRIBUTES, MISFIT, WAYS, bad_invoice, way

OTHERS = (malformed_bytes, malformed_headers)
"""Where the rest of the grammar is."""


class Malformed(NamedTuple):
    """A record that must become a dead letter, the way it was broken, and the stage at which that shows."""

    way: str
    stage: str
    sent: Sent


def malformed(rng: Random) -> Iterator[Malformed]:
    """Malformed records without end: every way in turn, each on another event of any department."""
    for n, (name, (stage, breaking)) in enumerate(cycle(WAYS.items())):
        yield Malformed(name, stage, breaking(any_event(rng, n), rng))


# The envelope.


@way("an attribute is missing")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.without(rng.choice(ATTRIBUTES)).sent()


@way("an attribute is of another type")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.but(**{rng.choice(ATTRIBUTES): rng.choice([7, None, True, [], {}, MISFIT])}).sent()


@way("an attribute is empty")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.but(**{rng.choice(ATTRIBUTES): ""}).sent()


@way("an id is too long")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.but(id="x" * rng.randint(501, 5_000)).sent()


@way("another version of CloudEvents")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.but(specversion=rng.choice(["0.3", "1", "1.1", "2.0", " 1.0"])).sent()


@way("no such type")
def _(valid: Valid, rng: Random) -> Sent:
    known = valid.event["type"]
    return valid.but(type=rng.choice([known + "x", known.upper(), known[1:], known.split(".")[0], f" {known}"])).sent()


@way("an event of another department")
def _(valid: Valid, rng: Random) -> Sent:
    other = rng.choice([t for t in ("hr", "accounting", "it", "front_office") if f"events.{t}" != valid.inbox])
    return valid.sent()._replace(inbox=f"events.{other}")


@way("a subject of another kind")
def _(valid: Valid, rng: Random) -> Sent:
    return invoice(rng.randrange(10**6)).about(f"{rng.choice(['order', 'vendors', 'Vendor', 'employee'])}/x").sent()


@way("a subject that is none")
def _(valid: Valid, rng: Random) -> Sent:
    kind = valid.event["subject"].partition("/")[0]
    return valid.about(rng.choice([kind, f"{kind}/", "/", f"/{kind}", f"{kind}/a\nb", f"{kind}/\x00"])).sent()


@way("the key is not the subject")
def _(valid: Valid, rng: Random) -> Sent:
    wrong = [
        b"vendor/somebody-else",
        valid.key.upper(),
        valid.key + b" ",
        b"\xff\xfe",
        b"\x00",
        json.dumps("x").encode(),
    ]
    return valid.sent()._replace(key=rng.choice(wrong))


@way("the time is none")
def _(valid: Valid, rng: Random) -> Sent:
    times = ["2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T10:00:00", "yesterday"]
    odd = ["10000-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "2026-01-01", "1767225600", 1767225600, -1e9, "12:00"]
    return valid.but(time=rng.choice([*times, *odd])).sent()


# What it says.


@way("the data are no object")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.but(data=rng.choice([None, [], "text", 7, MISFIT, False])).sent()


@way("a field is missing")
def _(valid: Valid, rng: Random) -> Sent:
    valid = _with_required_fields(valid, rng)
    gone = rng.choice(valid.required)
    return valid.but(data={n: v for n, v in valid.event["data"].items() if n != gone}).sent()


@way("a field is of another type")
def _(valid: Valid, rng: Random) -> Sent:
    valid = _with_required_fields(valid, rng)
    return valid.saying(**{rng.choice(valid.required): MISFIT}).sent()


@way("a required field is null")
def _(valid: Valid, rng: Random) -> Sent:
    whole = bad_invoice(rng)
    return whole.saying(**{rng.choice(whole.required): None}).sent()


@way("a date that is none")
def _(valid: Valid, rng: Random) -> Sent:
    dates = ["2026-02-30", "2026-00-10", "30.11.2026", "", "2026-11-02T10:00:00Z", "99999-01-01", 20260230, True, {}]
    return bad_invoice(rng).saying(issued_on=rng.choice(dates)).sent()


@way("a number that is none")
def _(valid: Valid, rng: Random) -> Sent:
    amounts = [
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b'"NaN"',
        b"1e999",
        b"-1e999",
        b'"1e30"',
        b'"0.00001"',
        b'"1,000"',
        b"true",
    ]
    amounts += [b"9" * 5_000, b'"' + b"9" * 5_000 + b'"', b"1e", b"0x10", b"+1", b"01", b".5"]
    whole = bad_invoice(rng)
    return whole.carrying(whole.json().replace(b'"100.00"', rng.choice(amounts)))


@way("an id with control characters")
def _(valid: Valid, rng: Random) -> Sent:
    return bad_invoice(rng).saying(invoice=rng.choice(["a\x00b", "\n", "a\x1f", " a", "", "/a", "x" * 201])).sent()


def _with_required_fields(valid: Valid, rng: Random) -> Valid:
    return valid if valid.required else bad_invoice(rng)

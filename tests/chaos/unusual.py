"""Records that are unusual and right: readers of CloudEvents take them, and each counts."""

import json
from collections.abc import Callable
from random import Random

from tests.chaos.valid import Sent, Valid

Turn = Callable[[Valid, Random], Sent]


def plain(valid: Valid, rng: Random) -> Sent:
    return valid.sent()


def binary(valid: Valid, rng: Random) -> Sent:
    return valid.binary()


def binary_in_other_letters(valid: Valid, rng: Random) -> Sent:
    sent = valid.binary()
    return sent._replace(
        headers=[(name.replace("ce_", "CE_").replace("content", "Content"), v) for name, v in sent.headers]
    )


def binary_with_headers_of_others(valid: Valid, rng: Random) -> Sent:
    sent = valid.binary(more=b"kept")
    return sent._replace(headers=[("trace", b"\xff\x00"), *sent.headers, ("trace", b"")])


def unknown_fields(valid: Valid, rng: Random) -> Sent:
    return valid.but(more={"deep": [[1, 2.5, None]]}, extension="x").saying(later="added").sent()


def spread_out(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(b"\n\t " + json.dumps(valid.event, indent=4).encode() + b"\r\n ")


def escaped(valid: Valid, rng: Random) -> Sent:
    """Every letter of every string as \\uXXXX."""
    return valid.carrying(json.dumps(valid.event).encode().replace(b"/tests", b"\\u002ft\\u0065sts"))


def in_another_order(valid: Valid, rng: Random) -> Sent:
    names = list(valid.event)
    rng.shuffle(names)
    return valid.carrying(json.dumps({name: valid.event[name] for name in names}).encode())


def told_twice(valid: Valid, rng: Random) -> Sent:
    """Of an attribute told twice the later one counts (RFC 8259 leaves it open)."""
    return valid.carrying(b'{"id": 7, "data": null, "type": "none", ' + valid.json()[1:])


def without_headers(valid: Valid, rng: Random) -> Sent:
    return valid.sent()._replace(headers=[])


def with_headers_of_noise(valid: Valid, rng: Random) -> Sent:
    noise = [(f"x-{n}", rng.randbytes(20)) for n in range(3)]
    return valid.sent()._replace(headers=[*noise, ("content-type", rng.randbytes(9)), ("", b"")])


def with_headers_without_a_value(valid: Valid, rng: Random) -> Sent:
    return valid.sent()._replace(headers=[("content-type", None), ("trace", None)])


def nested(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(valid.json()[:-1] + b', "more": ' + b"[" * 100 + b"]" * 100 + b"}")


def without_a_key(valid: Valid, rng: Random) -> Sent:
    """It stands in any partition, and is sent on to its own."""
    return valid.sent()._replace(key=None)


TURNS: tuple[Turn, ...] = (
    plain,
    binary,
    binary_in_other_letters,
    binary_with_headers_of_others,
    unknown_fields,
    spread_out,
    escaped,
    in_another_order,
    told_twice,
    without_headers,
    with_headers_of_noise,
    with_headers_without_a_value,
    nested,
    without_a_key,
)

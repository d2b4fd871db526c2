"""Malformed headers, and what may be wrong in binary mode."""

from random import Random

from tests.chaos.valid import Sent, Valid
from tests.chaos.ways import ATTRIBUTES, HEADER, bad_invoice, way


@way("structured mode by its headers, binary by its value")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.binary()._replace(
        headers=[("Content-Type", b"Application/CloudEvents+json"), *valid.binary().headers[1:]]
    )


@way("binary mode by its headers, structured by its value")
def _(valid: Valid, rng: Random) -> Sent:
    whole = bad_invoice(rng)
    return whole.binary(whole.json())


@way("binary mode without an attribute")
def _(valid: Valid, rng: Random) -> Sent:
    sent = valid.binary()
    gone = f"ce_{rng.choice(ATTRIBUTES)}"
    return sent._replace(headers=[(n, v) for n, v in sent.headers if n != gone])


@way("binary mode with a bad attribute")
def _(valid: Valid, rng: Random) -> Sent:
    name, value = rng.choice(
        [("specversion", b"0.3"), ("id", b""), ("time", b"noon"), ("type", b"a.b.c"), ("subject", b"x")]
    )
    return valid.binary(**{name: value})


@way("binary mode with bad data")
def _(valid: Valid, rng: Random) -> Sent:
    bad = [b"{", b"nonsense", b"null", b"[1]", b"7", b'{"a": 1}, "id": "x"', b"\xff", b'{"a": \x00}', b"{} {}"]
    return valid.binary(rng.choice(bad))


@way("binary mode nested too deep")
def _(valid: Valid, rng: Random) -> Sent:
    depth = rng.choice([300, 5_000, 50_000])
    return valid.binary(b"[" * depth + b"]" * depth)


@way("binary mode without data")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.binary()._replace(value=b"")


@way("a ce_ header that is not UTF-8", HEADER)
def _(valid: Valid, rng: Random) -> Sent:
    name = rng.choice([*ATTRIBUTES, "more"])
    return valid.binary(**{name: rng.choice([b"\xff\xfe", b"a\xc3", b"\xed\xa0\x80"])})


@way("a ce_ header without a value", HEADER)
def _(valid: Valid, rng: Random) -> Sent:
    sent = valid.binary()
    null = f"ce_{rng.choice(ATTRIBUTES)}"
    return sent._replace(headers=[(n, None if n == null else v) for n, v in sent.headers])

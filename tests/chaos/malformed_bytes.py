"""Malformed values: what is not JSON, not UTF-8, not an object, too deep, or nothing at all."""

import gzip
from random import Random

from tests.chaos.valid import Sent, Valid
from tests.chaos.ways import way


@way("not JSON")
def _(valid: Valid, rng: Random) -> Sent:
    whole = valid.json()
    broken = [
        whole[: rng.randrange(1, len(whole))],
        whole + b"}",
        whole + whole,
        whole.replace(b'"', b"'"),
        b"nonsense",
    ]
    return valid.carrying(
        rng.choice([*broken, b"{" + whole, whole.replace(b":", b"", 1), whole[:-1] + b",}", b"// no\n" + whole])
    )


@way("JSON, but no object")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(rng.choice([b"[1, 2]", b"null", b"7", b'"text"', b"true", b"[" + valid.json() + b"]"]))


@way("nested too deep")
def _(valid: Valid, rng: Random) -> Sent:
    depth = rng.choice([300, 1_000, 20_000])
    nested = rng.choice([b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth, b"[" * depth])
    return valid.carrying(rng.choice([nested, valid.json()[:-1] + b', "more": ' + nested + b"}"]))


@way("an attribute told twice, wrongly the second time")
def _(valid: Valid, rng: Random) -> Sent:
    again = rng.choice([b'"id": 7', b'"data": null', b'"type": "none"', b'"subject": "x"', b'"specversion": "0.3"'])
    return valid.carrying(valid.json()[:-1] + b", " + again + b"}")


@way("not UTF-8")
def _(valid: Valid, rng: Random) -> Sent:
    bad = rng.choice(
        [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xf4\x90\x80\x80"]
    )
    return valid.carrying(valid.json().replace(b"/tests", b"/te" + bad + b"sts"))


@way("a lone surrogate")
def _(valid: Valid, rng: Random) -> Sent:
    half = rng.choice(["\ud800", "\udbff", "\udc00x", "\udfff\ud800"])
    return rng.choice([valid.but(id=half), valid.but(source=f"/a{half}b"), valid.but(more=half)]).sent()


@way("a raw control character")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(valid.json().replace(b"/tests", b"/te" + bytes([rng.randrange(0x20)]) + b"sts"))


@way("another encoding")
def _(valid: Valid, rng: Random) -> Sent:
    text = valid.json().decode()
    return valid.carrying(
        rng.choice(
            [text.encode(rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])), gzip.compress(text.encode())]
        )
    )


@way("noise")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(b"\x00" + rng.randbytes(rng.randrange(2_000)))


@way("no value")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.carrying(None)


@way("an empty value")
def _(valid: Valid, rng: Random) -> Sent:
    return valid.sent()._replace(value=rng.choice([b"", b" ", b"\n\n"]))


@way("nothing at all")
def _(valid: Valid, rng: Random) -> Sent:
    return Sent(valid.inbox, None, None, [])

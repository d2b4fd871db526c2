"""Passwords: argon2id, with the parameters that RFC 9106 recommends where memory is scarce."""

import secrets
import string

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import Argon2Error, InvalidHashError

_HASHER = PasswordHasher()
_LETTERS = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("il1o0")))

LONGEST = 1_000
"""Characters of a password; nobody types more, and hashing takes the longer."""


def hashed(password: str) -> str:
    """The hash that the configuration holds."""
    return _HASHER.hash(password)


def is_hash(text: str) -> bool:
    """Whether a text is such a hash."""
    try:
        extract_parameters(text)
    except InvalidHashError:
        return False
    return text.startswith("$argon2id$")


def matches(hash: str, password: str) -> bool:
    """Whether the hash is this password's. Takes some 50 ms, whatever the answer."""
    try:
        return _HASHER.verify(hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def new_password() -> str:
    """One that can be read aloud: four groups of five, about 98 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))

"""Tokens: who is asking, and what they may do. They are shown as bearer tokens, or by basic authentication."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

from consumers.api.settings import Scope


class Unknown(Exception):
    """What a request shows proves nobody. The text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Token:
    """`sha256` is the digest, in hex, of what the holder shows."""

    name: str
    scopes: frozenset[Scope]
    sha256: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` is a token's, or `local` where there are none."""

    name: str
    scopes: frozenset[Scope]
    known: bool = True
    """False: nobody was asked who they are, because there are no tokens."""


LOCAL = Caller("local", frozenset(Scope), known=False)


class Access:
    """The tokens there are. Without any, everybody who can reach the port may do everything: see `loopback`."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = tuple(tokens)

    @property
    def is_open(self) -> bool:
        return not self._tokens

    def caller(self, authorization: str | None) -> Caller:
        """Whoever a request's Authorization header proves to be. Raises Unknown."""
        if self.is_open:
            return LOCAL
        name, shown = _shown(authorization)
        digest = hashlib.sha256(shown.encode()).hexdigest()
        # Every one is compared, and in constant time: how long it takes tells nothing.
        found = [token for token in self._tokens if hmac.compare_digest(token.sha256, digest)]
        for token in found:
            if name in (None, token.name):
                return Caller(token.name, token.scopes)
        raise Unknown("this token is not known here")


def _shown(authorization: str | None) -> tuple[str | None, str]:
    """The user name, where there is one, and the token of an Authorization header."""
    scheme, _, value = (authorization or "").partition(" ")
    match scheme.lower():
        case "bearer" if value.strip():
            return None, value.strip()
        case "basic":
            try:
                name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise Unknown("the Authorization header is not basic authentication") from error
            return name, password
    raise Unknown("a token is needed: `Authorization: Bearer <token>`")


def new_token(random_bytes: bytes) -> tuple[str, str]:
    """A token made of random bytes, 32 of them, and its SHA-256 in hex."""
    token = base64.urlsafe_b64encode(random_bytes).rstrip(b"=").decode()
    return token, hashlib.sha256(token.encode()).hexdigest()

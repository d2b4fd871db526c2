"""Signing in with an OpenID provider: OpenID Connect Core 1.0, code flow, with PKCE (RFC 7636), state and nonce.

The protocol's rules, PKCE's challenge and the checks of an ID token, are Authlib's; signatures are joserfc's.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from consumers.console.settings import LOOPBACK, OpenIdSettings
from consumers.console.signing_in.people import Person, Role

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a public key: `none`, and a secret that others may know, prove nothing."""

LEEWAY = 60
"""Seconds by which the provider's clock may differ."""

TAKES = 600.0
"""Seconds that somebody has to sign in there."""

MOST_ATTEMPTS = 1_000
TIMEOUT = 10.0


class NotSignedIn(Exception):
    """The provider did not prove who it is, or they have no role here; the text is for the one who tried."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody has been sent to the provider."""

    nonce: str
    verifier: str
    redirect_uri: str
    next: str
    began: float


class Provider:
    """One OpenID provider. Nothing is asked of it before somebody wants to sign in."""

    def __init__(
        self,
        settings: OpenIdSettings,
        secret: str | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._secret = secret
        self._clock = clock
        self._attempts: OrderedDict[str, Attempt] = OrderedDict()
        self._metadata: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._asking = asyncio.Lock()

    async def begin(self, redirect_uri: str, next: str) -> tuple[str, str]:
        """Where to send them, and the state that their browser has to come back with. Raises NotSignedIn."""
        metadata = await self._discovered()
        attempt = Attempt(secrets.token_urlsafe(32), secrets.token_urlsafe(48), redirect_uri, next, self._clock())
        state = secrets.token_urlsafe(32)
        self._attempts[state] = attempt
        while len(self._attempts) > MOST_ATTEMPTS:
            self._attempts.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = str(metadata["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}", state

    async def finish(self, state: str, code: str) -> tuple[Person, str]:
        """Who came back, and where they wanted to go. A state works once. Raises NotSignedIn."""
        attempt = self._attempts.pop(state, None)
        if attempt is None or self._clock() - attempt.began > TAKES:
            raise NotSignedIn("This took too long, or was begun elsewhere. Please sign in again.")
        token = await self._exchange(code, attempt)
        claims = await self._claims(token, attempt)
        return self.person(claims), attempt.next

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Whom the claims of an ID token are about. Raises NotSignedIn when they have no role here."""
        name = str(claims.get(self._settings.name_claim) or claims["sub"])
        if not name.isprintable() or len(name) > 100:
            raise NotSignedIn("The provider calls you by a name that cannot be used here.")
        said = claims.get(self._settings.role_claim)
        values = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        roles = [role for value in values if (role := self._settings.roles.get(str(value)))]
        found = max(roles, key=list(Role).index, default=self._settings.default_role)
        if found is None:
            raise NotSignedIn("The provider knows you, but you have no role here. An administrator can give you one.")
        return Person(name, found)

    async def _exchange(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": attempt.redirect_uri,
            "code_verifier": attempt.verifier,
            "client_id": self._settings.client_id,
        }
        metadata = await self._discovered()
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        auth = None
        if self._secret is not None and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(self._settings.client_id, self._secret)
        elif self._secret is not None:
            asked["client_secret"] = self._secret
        return await self._ask("POST", str(metadata["token_endpoint"]), data=asked, auth=auth)

    async def _claims(self, token: Mapping[str, Any], attempt: Attempt) -> Mapping[str, Any]:
        """What the ID token says, once everything about it is right. Raises NotSignedIn."""
        if not isinstance(token.get("id_token"), str):
            raise NotSignedIn("The provider sent no ID token.")
        options = {
            "iss": {"essential": True, "values": [self._settings.issuer, f"{self._settings.issuer}/"]},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        known = {
            "nonce": attempt.nonce,
            "client_id": self._settings.client_id,
            "access_token": token.get("access_token"),
        }
        try:
            signed = await self._verified(token["id_token"])
            claims = CodeIDToken(signed.claims, signed.header, options, known)
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"The provider's ID token is not right: {error}") from error
        return dict(claims)

    async def _verified(self, id_token: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(id_token, await self._key_set(), registry=registry)
        except InvalidKeyIdError:  # the provider has changed its keys
            return jwt.decode(id_token, await self._key_set(anew=True), registry=registry)

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            metadata = await self._discovered()
            found: Any = await self._ask("GET", str(metadata["jwks_uri"]))
            self._keys = KeySet.import_key_set(found)
        return self._keys

    async def _discovered(self) -> Mapping[str, Any]:
        """The provider's own description of itself (OpenID Connect Discovery 1.0)."""
        async with self._asking:
            if not self._metadata:
                found = await self._ask("GET", f"{self._settings.issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self._settings.issuer:
                    raise NotSignedIn("The provider says that it is another one than the configuration names.")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    _safe(str(found.get(name, "")), name)
                self._metadata = found
        return self._metadata

    async def _ask(self, method: str, url: str, **request: Any) -> Mapping[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT) as http:
                answer = await http.request(method, url, headers={"Accept": "application/json"}, **request)
                answer.raise_for_status()
                found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotSignedIn(f"The provider did not answer as it should: {error}") from error
        if not isinstance(found, dict):
            raise NotSignedIn("The provider did not answer as it should: a JSON object is wanted.")
        return found


def _safe(url: str, name: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise NotSignedIn(f"The provider's {name} is no https address.")

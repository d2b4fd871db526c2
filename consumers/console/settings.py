"""What the configuration's `console:` may say."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from consumers.console.signing_in.people import Role
from consumers.notify.secrets import SECRET_IN_SETTINGS
from schemas.settings import Settings

Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}$")]
"""How somebody signs in, and what commands and the audit call them."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address such as https://backoffice.example.com is wanted")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("only https is safe beyond this machine")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]


class UserSettings(Settings):
    """A local user. The password is written nowhere: `backoffice password` makes its hash."""

    name: Login = Field(examples=["dana"])
    """Their login. Receivers of the same name are theirs: what is assigned to it is theirs to do."""
    role: Role = Field(examples=["operator"])
    """`viewer` looks, `operator` acts, `administrator` sees personal data as well."""
    password: str | None = Field(
        default=None,
        examples=["$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA"],
        json_schema_extra={SECRET_IN_SETTINGS: True},
    )
    """The argon2id hash of their password."""
    password_file: str | None = Field(default=None, min_length=1, examples=["dana.argon2"])
    """A file, beside the configuration, that holds it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.password is None) == (self.password_file is None):
            raise ValueError("give one of password and password_file (`backoffice password` prints a hash)")
        if self.password is not None and not self.password.startswith("$argon2id$"):
            raise ValueError("password: an argon2id hash is wanted, never the password (`backoffice password`)")
        return self


class OpenIdSettings(Settings):
    """Signing in with an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE)."""

    issuer: Address = Field(examples=["https://login.example.com"])
    """The provider; its endpoints are found below `/.well-known/openid-configuration`."""
    client_id: str = Field(min_length=1, examples=["backoffice"])
    """Under which the console is known there. Its redirect address is `<console.url>/console/openid/back`."""
    client_secret: str | None = Field(
        default=None, min_length=1, examples=["${OPENID_SECRET}"], json_schema_extra={SECRET_IN_SETTINGS: True}
    )
    """The secret; `${NAME}` takes it from the environment. None: a public client."""
    client_secret_file: str | None = Field(default=None, min_length=1, examples=["openid.secret"])
    """A file, beside the configuration, that holds it."""
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    """What is asked for."""
    name_claim: str = Field(default="preferred_username", min_length=1)
    """The claim that is the login; where there is none, `sub` is."""
    role_claim: str = Field(default="groups", min_length=1, examples=["groups"])
    """The claim that roles follow from: a text, or a list of texts."""
    roles: dict[str, Role] = Field(default={}, examples=[{"backoffice-operators": "operator"}])
    """Roles by value of that claim; of several, the highest."""
    default_role: Role | None = None
    """The role of everybody else whom the provider knows; None: they may not sign in."""

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.roles and self.default_role is None:
            raise ValueError("nobody could sign in: give roles, or a default_role")
        return self


class ConsoleSettings(Settings):
    """The web console. Where it is served, `api:` says: it is the same port."""

    url: Address | None = Field(default=None, examples=["https://backoffice.example.com"])
    """The address that people see, where a proxy stands before it. With https, cookies are sent by it alone."""
    users: tuple[UserSettings, ...] = ()
    """Local users. Without any, and without `openid`, a password for one run is made and printed."""
    openid: OpenIdSettings | None = None
    """Sign-in with an OpenID provider, beside local users."""
    worker_metrics: tuple[str, ...] = Field(default=(), examples=[["http://127.0.0.1:9464/metrics"]])
    """Where workers serve their metrics (`--metrics-port`): the page System shows what they tell of themselves."""
    idle_minutes: float = Field(default=480, gt=0, le=10_080)
    """Minutes without a request or an action after which a session ends."""
    session_hours: float = Field(default=24, gt=0, le=720)
    """Hours after which a session ends in any case."""

"""What the configuration's `api:` may say."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from schemas.settings import Settings


class Scope(StrEnum):
    """What a token's holder may do."""

    READ = "read"
    """Look at alerts, groups, silences and the configuration."""
    ALERTS_WRITE = "alerts:write"
    """Raise alerts."""
    SILENCES_WRITE = "silences:write"
    """Make, change and expire silences."""
    ACT = "act"
    """Acknowledge, assign, resolve, snooze, annotate and merge alerts, in the name of anybody."""
    CALENDAR = "calendar"
    """See who is on call, as a calendar. A token that may do nothing else may stand in an address."""


TokenName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class TokenSettings(Settings):
    """Somebody who may use the API. The token itself is written nowhere: `backoffice token` makes one."""

    name: TokenName = Field(examples=["grafana"])
    """Whose it is. It is the user name where a client knows only basic authentication, and it is said in the audit."""
    scopes: tuple[Scope, ...] = Field(min_length=1, examples=[["read"]])
    """What they may do."""
    sha256: Sha256 | None = Field(
        default=None, examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
    )
    """The token's SHA-256, in hex."""
    sha256_file: str | None = Field(default=None, min_length=1, examples=["grafana.sha256"])
    """A file, beside the configuration, that holds it."""

    @model_validator(mode="after")
    def _one(self) -> "TokenSettings":
        if (self.sha256 is None) == (self.sha256_file is None):
            raise ValueError("give one of sha256 and sha256_file (`backoffice token` prints one)")
        return self


class ApiSettings(Settings):
    """The HTTP API."""

    host: str = "127.0.0.1"
    """The address to serve at. Others than the machine's own are refused while there is no token."""
    port: int = Field(default=9093, ge=0, le=65535)
    """The port; Alertmanager's by default. 0 takes a free one."""
    tokens: tuple[TokenSettings, ...] = ()
    """Who may use it. Without any, only this machine is served, and may do everything."""
    requests_per_second: float = Field(default=100, gt=0)
    """How many requests one address may make, on average; ten seconds' worth of them at once."""
    max_body_bytes: int = Field(default=32 * 1024 * 1024, ge=1024)
    """The largest body of a request."""
    apply_seconds: float = Field(default=5, ge=0, le=60)
    """How long an answer may wait for the effect of what was asked to be seen."""
    max_alerts: int = Field(default=200_000, ge=1)
    """How many alerts are held in memory. Beyond, those resolved longest ago are left out; firing ones never are."""

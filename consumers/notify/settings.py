"""What the configuration may say of delivery besides channels: limits, quiet hours, tries, links."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from consumers.links import SHORTEST_KEY
from consumers.notify.channels.config import Secret
from consumers.notify.secrets import placeholders
from schemas.settings import Settings


class RateLimit(Settings):
    """How many notices somebody gets in a time. What is over it waits, and then comes as one."""

    notices: int = Field(ge=1, le=10_000, examples=[20])
    """Notices that may come at once, and in each `per_minutes`."""
    per_minutes: float = Field(default=60, gt=0, le=1440)
    """Minutes. So the longest wait is `per_minutes` / `notices`."""


class QuietHours(Settings):
    """When somebody is not to be disturbed. What waited comes as one when they are over."""

    time_intervals: tuple[str, ...] = Field(min_length=1, examples=[["nights"]])
    """Time intervals, by name, of `alerting.time_intervals`: any of them."""
    below: Literal["critical", "error", "warning"] = "critical"
    """Notices less severe than this wait; the others come at any hour."""


class DeliverySettings(Settings):
    """How hard the notifier tries."""

    attempts: int = Field(default=5, ge=1, le=20)
    """Tries in all, on each channel, before a notice has failed there."""
    first_wait_seconds: float = Field(default=1, gt=0, le=60)
    """The most that the first wait takes; it doubles with each try. The wait itself is random below it."""
    longest_wait_seconds: float = Field(default=60, gt=0, le=600)
    """The most that any wait takes, also one that the other side asks for."""
    breaker_failures: int = Field(default=10, ge=1, le=1000)
    """After so many failed tries in a row a channel is left alone for a while; notices to it fail at once."""
    breaker_seconds: float = Field(default=60, gt=0, le=3600)
    """Seconds for which it is left alone. Then one try decides."""


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("not an address of the form https://host or https://host/path")
    return url.rstrip("/")


def _long_enough(key: str) -> str:
    if not placeholders(key) and len(key) < SHORTEST_KEY:
        raise ValueError(f"shorter than {SHORTEST_KEY} characters, so it could be guessed")
    return key


class ActionLinkSettings(Settings):
    """Links in mails and chats by which a reader acknowledges, snoozes or resolves. The API answers them."""

    url: Annotated[str, AfterValidator(_address)] = Field(examples=["https://backoffice.example.com"])
    """The API's address, as readers reach it."""
    key: Annotated[Secret, AfterValidator(_long_enough)] | None = None
    """The secret that signs them, the same for the notifier and the API. Another one ends all links there are."""
    key_file: str | None = None
    """A file with that secret, beside the configuration file unless absolute."""
    valid_hours: float = Field(default=72, gt=0, le=24 * 90)
    """Hours from the notice after which a link gives no right any more."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.key is None) == (self.key_file is None):
            raise ValueError("give either key or key_file")
        return self

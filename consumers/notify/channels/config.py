"""The configuration of channels: what `alerting.receivers[].channels[]` may say."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from consumers.notify.secrets import SECRET_IN_SETTINGS, placeholders
from schemas.settings import Settings

Secret = Annotated[str, Field(min_length=1, json_schema_extra={SECRET_IN_SETTINGS: True})]
"""A text that is shown to nobody. `${NAME}` in it stands for an environment variable."""


def _http(url: str) -> str:
    if not placeholders(url) and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ValueError("not an address of the form https://host/path (write one, or ${NAME} from the environment)")
    return url


class TerminalChannel(Settings):
    """A line on the notifier's standard output."""

    type: Literal["terminal"] = "terminal"
    """Always `terminal`."""


class WebhookChannel(Settings):
    """An HTTP POST with Alertmanager's webhook payload, version 4."""

    type: Literal["webhook"] = "webhook"
    """Always `webhook`."""
    url: Annotated[Secret, AfterValidator(_http)] | None = Field(default=None, examples=["https://chat.example/hook"])
    """Where to post to. Addresses of hooks often contain their password, so it counts as secret."""
    url_file: str | None = None
    """A file with the address, beside the configuration file unless absolute."""
    secret: Secret | None = None
    """With it, each request is signed (HMAC-SHA256)."""
    secret_file: str | None = None
    """A file with that secret."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """Seconds without an answer after which a try has failed."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("give either url or url_file")
        if self.secret is not None and self.secret_file is not None:
            raise ValueError("give secret or secret_file, not both")
        return self


class AppriseChannel(Settings):
    """Any of the services Apprise knows: mail, chat, SMS, push (https://github.com/caronc/apprise/wiki)."""

    type: Literal["apprise"] = "apprise"
    """Always `apprise`."""
    url: Secret | None = Field(default=None, examples=["mailtos://user:password@example.com"])
    """An Apprise address."""
    urls: tuple[Secret, ...] = ()
    """Several Apprise addresses, all of which are told."""
    url_file: str | None = None
    """A file with Apprise addresses, one a line."""

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if sum((self.url is not None, bool(self.urls), self.url_file is not None)) != 1:
            raise ValueError("give one of url, urls and url_file")
        return self


ChannelConfig = Annotated[TerminalChannel | WebhookChannel | AppriseChannel, Field(discriminator="type")]
"""Any channel, told apart by `type`."""

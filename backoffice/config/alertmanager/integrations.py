"""The integrations of Alertmanager's receivers that this program has channels for."""

from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field

from consumers.notify.channels.config import Secret
from processors.alerting.settings import Duration
from schemas.settings import Settings


class Authorization(Settings):
    """A token sent with each request."""

    type: Annotated[str, Field(pattern="^[Bb]earer$")] = "Bearer"
    credentials: Secret | None = None
    credentials_file: str | None = None


class BasicAuth(Settings):
    """A user and a password sent with each request."""

    username: str
    password: Secret | None = None
    password_file: str | None = None


class HttpConfig(Settings):
    """How requests are made. What is not here is refused by name, see `unsupported`."""

    enable_http2: bool = True
    """Read, and of no consequence: requests are made over HTTP/1.1."""
    proxy_from_environment: bool = True
    """Read, and of no consequence: a proxy that the notifier's environment names is used."""
    authorization: Authorization | None = None
    basic_auth: BasicAuth | None = None
    bearer_token: Secret | None = None
    """The older way to write `authorization`."""
    bearer_token_file: str | None = None

    @property
    def logs_in(self) -> bool:
        return any((self.authorization, self.basic_auth, self.bearer_token, self.bearer_token_file))


class TlsConfig(Settings):
    """How a mail server is recognised."""

    ca_file: str | None = None
    """Certificates to trust instead of the system's."""


class Integration(Settings):
    """What all integrations have in common."""

    send_resolved: bool = True
    """Whether it is told of alerts that have ended."""
    http_config: HttpConfig | None = None


class Webhook(Integration):
    """An HTTP POST of the notice."""

    url: Secret | None = None
    url_file: str | None = None
    max_alerts: int = Field(default=0, ge=0)
    timeout: Duration = timedelta()
    """Zero: as long as our channel waits."""


class Email(Settings):
    """A mail. What it does not say, `global` says."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    send_resolved: bool = False
    to: str = Field(min_length=1)
    """One address or several, joined by commas."""
    from_: str | None = Field(default=None, alias="from")
    smarthost: str | None = None
    hello: str | None = None
    auth_username: str | None = None
    auth_password: Secret | None = None
    auth_password_file: str | None = None
    require_tls: bool | None = None
    tls_config: TlsConfig | None = None


class Pagerduty(Integration):
    """An incident of PagerDuty."""

    routing_key: Secret | None = None
    routing_key_file: str | None = None
    url: str | None = None


class Slack(Integration):
    """A message to a chat."""

    send_resolved: bool = False
    api_url: Secret | None = None
    api_url_file: str | None = None
    channel: str | None = None
    username: str | None = None
    icon_emoji: str | None = None
    icon_url: str | None = None


class GlobalChannels(Settings):
    """What integrations inherit."""

    http_config: HttpConfig | None = None
    smtp_from: str | None = None
    smtp_hello: str | None = None
    smtp_smarthost: str | None = None
    smtp_auth_username: str | None = None
    smtp_auth_password: Secret | None = None
    smtp_auth_password_file: str | None = None
    smtp_require_tls: bool = True
    smtp_tls_config: TlsConfig | None = None
    slack_api_url: Secret | None = None
    slack_api_url_file: str | None = None
    pagerduty_url: Annotated[str, Field(min_length=1)] | None = None

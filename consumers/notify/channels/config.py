"""The configuration of channels: what `alerting.receivers[].channels[]` may say."""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from consumers.notify.secrets import SECRET_IN_SETTINGS, placeholders
from schemas.settings import Settings

Secret = Annotated[str, Field(min_length=1, json_schema_extra={SECRET_IN_SETTINGS: True})]
"""A text that is shown to nobody. `${NAME}` in it stands for an environment variable."""


def _http(url: str) -> str:
    if not placeholders(url) and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ValueError("not an address of the form https://host/path (write one, or ${NAME} from the environment)")
    return url


def _template(source: str) -> str:
    from consumers.notify.trying import tried  # only where somebody writes texts of their own

    return tried(source)


def _html(source: str) -> str:
    from consumers.notify.trying import tried

    return tried(source, html=True)


def _mail_address(text: str) -> str:
    from consumers.notify.channels.mail import is_address

    if not is_address(text):
        raise ValueError(f"{text!r} is not a mail address; write such as dana@example.com or Dana <dana@example.com>")
    return text


def _server(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not a server and port; write such as mail.example.com:587")
    return text


Url = Annotated[Secret, AfterValidator(_http)]
Template = Annotated[str, Field(max_length=20_000), AfterValidator(_template)]
"""A Jinja2 template of a plain text, see `consumers/notify/templates.py`."""

HtmlTemplate = Annotated[str, Field(max_length=100_000), AfterValidator(_html)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
MailServerAddress = Annotated[str, AfterValidator(_server)]


class _Channel(Settings):
    """What all channels have in common."""

    send_resolved: bool = True
    """Whether it tells of alerts that have ended. False: it tells of those that fire, and of nothing else."""

    @model_validator(mode="before")
    @classmethod
    def _not_both(cls, values: Any) -> Any:
        """A secret is written, or in a file."""
        for name in cls.model_fields:
            if isinstance(values, dict) and values.get(name) is not None and values.get(f"{name}_file") is not None:
                raise ValueError(f"give {name} or {name}_file, not both")
        return values


class TerminalChannel(_Channel):
    """A line on the notifier's standard output."""

    type: Literal["terminal"] = "terminal"
    """Always `terminal`."""


class NobodyChannel(_Channel):
    """Takes every notice and tells nobody: for alerts that are only to be looked up."""

    type: Literal["nobody"] = "nobody"
    """Always `nobody`."""


class WebhookChannel(_Channel):
    """An HTTP POST with Alertmanager's webhook payload, version 4."""

    type: Literal["webhook"] = "webhook"
    """Always `webhook`."""
    url: Url | None = Field(default=None, examples=["https://chat.example/hook"])
    """Where to post to. Addresses of hooks often contain their password, so it counts as secret."""
    url_file: str | None = None
    """A file with the address, beside the configuration file unless absolute."""
    secret: Secret | None = None
    """With it, each request is signed (HMAC-SHA256)."""
    secret_file: str | None = None
    """A file with that secret."""
    username: str | None = Field(default=None, min_length=1, max_length=200)
    """To log in with (HTTP Basic); without it and without a token, nobody logs in."""
    password: Secret | None = None
    """Its password."""
    password_file: str | None = None
    """A file with the password."""
    token: Secret | None = None
    """Sent as `Authorization: Bearer`, instead of a username and a password."""
    token_file: str | None = None
    """A file with the token."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """Seconds without an answer after which a try has failed."""
    max_alerts: int = Field(default=0, ge=0)
    """The most alerts that one request tells; 0: as many as the notice has."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("give either url or url_file")
        return self

    @model_validator(mode="after")
    def _one_login(self) -> Self:
        token = self.token is not None or self.token_file is not None
        password = self.password is not None or self.password_file is not None
        if token and (password or self.username is not None):
            raise ValueError("give a token, or a username and password, not both")
        if password != (self.username is not None):
            raise ValueError("a username needs a password or password_file, and they need it")
        return self


class EmailChannel(_Channel):
    """A mail, as text and as HTML, in one thread with the others of its group."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    type: Literal["email"] = "email"
    """Always `email`."""
    to: tuple[MailAddress, ...] = Field(min_length=1, max_length=100, examples=[["accounting@example.com"]])
    """Whom to write to."""
    from_: MailAddress = Field(alias="from", examples=["Back office <backoffice@example.com>"])
    """Who writes."""
    smarthost: MailServerAddress = Field(examples=["mail.example.com:587"])
    """The mail server that takes our mails, and its port."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted: after a greeting (587), from the start (465), or not at all. A server that
    cannot is not sent anything."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's, beside the configuration file unless absolute."""
    hello: str | None = None
    """The name by which we greet the server; this machine's by default."""
    username: str | None = None
    """To log in with; without it, nobody logs in."""
    password: Secret | None = None
    """Its password."""
    password_file: str | None = None
    """A file with the password."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """Seconds without an answer after which a try has failed."""
    title: Template | None = None
    """A template of the subject."""
    text: Template | None = None
    """A template of the text."""
    html: HtmlTemplate | None = None
    """A template of the HTML."""

    @model_validator(mode="after")
    def _logs_in_secretly(self) -> Self:
        if self.username is not None and self.password is None and self.password_file is None:
            raise ValueError("a username needs a password or password_file")
        if self.username is not None and self.tls == "none":
            raise ValueError("a password is not sent unencrypted; set tls to starttls or tls")
        return self


class PagerDutyChannel(_Channel):
    """An incident of PagerDuty for each group, by its Events API v2."""

    type: Literal["pagerduty"] = "pagerduty"
    """Always `pagerduty`."""
    routing_key: Secret | None = None
    """The integration key of the service."""
    routing_key_file: str | None = None
    """A file with that key."""
    url: Url | None = Field(default=None, examples=["https://events.eu.pagerduty.com/v2/enqueue"])
    """Where to post to; PagerDuty's own by default."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """Seconds without an answer after which a try has failed."""
    title: Template | None = None
    """A template of the incident's summary."""

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.routing_key is None) == (self.routing_key_file is None):
            raise ValueError("give either routing_key or routing_key_file")
        return self


class SlackChannel(_Channel):
    """A message to a chat by an incoming webhook: Slack, Mattermost, Rocket.Chat, Teams."""

    type: Literal["slack"] = "slack"
    """Always `slack`."""
    url: Url | None = Field(default=None, examples=["https://hooks.slack.com/services/T0/B0/x"])
    """The address of the webhook, which is its password."""
    url_file: str | None = None
    """A file with the address."""
    channel: str | None = Field(default=None, max_length=100, examples=["#accounting"])
    """Where to show it, for webhooks that let the message say so."""
    username: str | None = Field(default=None, max_length=100)
    """Who says it, likewise."""
    icon_emoji: str | None = Field(default=None, max_length=100, examples=[":bell:"])
    """Their picture, likewise: an emoji."""
    icon_url: Annotated[str, AfterValidator(_http)] | None = None
    """Or an image."""
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    """Seconds without an answer after which a try has failed."""
    title: Template | None = None
    """A template of the headline."""
    text: Template | None = None
    """A template of the text."""

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError("give either url or url_file")
        return self


class AppriseChannel(_Channel):
    """Any of the services Apprise knows: mail, chat, SMS, push (https://github.com/caronc/apprise/wiki)."""

    type: Literal["apprise"] = "apprise"
    """Always `apprise`."""
    url: Secret | None = Field(default=None, examples=["mailtos://user:password@example.com"])
    """An Apprise address."""
    urls: tuple[Secret, ...] = ()
    """Several Apprise addresses, all of which are told."""
    url_file: str | None = None
    """A file with Apprise addresses, one a line."""
    title: Template | None = None
    """A template of the title."""
    text: Template | None = None
    """A template of the text."""

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if sum((self.url is not None, bool(self.urls), self.url_file is not None)) != 1:
            raise ValueError("give one of url, urls and url_file")
        return self


ChannelConfig = Annotated[
    TerminalChannel | NobodyChannel | WebhookChannel | EmailChannel | PagerDutyChannel | SlackChannel | AppriseChannel,
    Field(discriminator="type"),
]
"""Any channel, told apart by `type`."""

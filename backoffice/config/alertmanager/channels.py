"""From Alertmanager's integrations to our channels, with what they inherit from `global`."""

from collections.abc import Callable, Iterator
from email.utils import formataddr, getaddresses
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backoffice.config.alertmanager.file import FileReceiver
from backoffice.config.alertmanager.integrations import Email, GlobalChannels, HttpConfig, Pagerduty, Slack, Webhook
from backoffice.config.explain import explained
from backoffice.config.problems import Location, dotted
from consumers.notify.channels.config import (
    ChannelConfig,
    EmailChannel,
    NobodyChannel,
    PagerDutyChannel,
    SlackChannel,
    WebhookChannel,
)
from schemas.settings import Settings

Found = tuple[Location, str]
Values = dict[str, Any]

IMPLICIT_TLS = "465"
"""The port at which a mail server encrypts from the start (RFC 8314)."""


class Mapping:
    """One file's channels. `problems`: what keeps one from being made, below the receiver's place."""

    def __init__(self, common: GlobalChannels, folder: Path) -> None:
        """`folder`: where files named in it are, unless their path is absolute."""
        self.problems: list[Found] = []
        self._common = common
        self._folder = folder

    def channels(self, receiver: FileReceiver, here: Location) -> tuple[ChannelConfig, ...]:
        """The receiver's channels, as far as they can be made. One without any tells nobody, as in Alertmanager."""
        return tuple(self._all(receiver, here)) or (NobodyChannel(),)

    def _all(self, receiver: FileReceiver, here: Location) -> Iterator[ChannelConfig]:
        kinds: list[tuple[str, type[Any], Callable[[Any], Values]]] = [
            ("webhook_configs", WebhookChannel, self._webhook),
            ("email_configs", EmailChannel, self._email),
            ("pagerduty_configs", PagerDutyChannel, self._pagerduty),
            ("slack_configs", SlackChannel, self._slack),
        ]
        for name, channel, values in kinds:
            for i, integration in enumerate(getattr(receiver, name)):
                self._logs_in_nowhere(integration, (*here, name, i))
                try:
                    yield channel(**{key: value for key, value in values(integration).items() if value is not None})
                except ValidationError as error:
                    self._refuse((*here, name, i), error, channel)

    def _logs_in_nowhere(self, integration: Any, here: Location) -> None:
        """Chats and pagers take the secret that their address or key is; only webhooks log in."""
        if isinstance(integration, Pagerduty | Slack):
            http = integration.http_config or self._common.http_config
            if http is not None and http.logs_in:
                self.problems.append((here, "only webhooks log in (move the login from http_config to those that do)"))

    def _refuse(self, here: Location, error: ValidationError, channel: type[Settings]) -> None:
        for where, what in explained(error, channel):
            self.problems.append((here, f"{dotted(where)}: {what}" if where else what))

    def _webhook(self, said: Webhook) -> Values:
        return {
            "send_resolved": said.send_resolved,
            "url": said.url,
            "url_file": self._file(said.url_file),
            "max_alerts": said.max_alerts,
            "timeout_seconds": said.timeout.total_seconds() or None,
            **self._login(said.http_config or self._common.http_config or HttpConfig()),
        }

    def _login(self, http: HttpConfig) -> Values:
        user, token = http.basic_auth, http.authorization
        return {
            "username": user.username if user else None,
            "password": user.password if user else None,
            "password_file": self._file(user.password_file) if user else None,
            "token": http.bearer_token or (token.credentials if token else None),
            "token_file": self._file(http.bearer_token_file or (token.credentials_file if token else None)),
        }

    def _email(self, said: Email) -> Values:
        common = self._common
        smarthost = said.smarthost or common.smtp_smarthost
        own_password = said.auth_password or said.auth_password_file
        tls_config = said.tls_config or common.smtp_tls_config
        return {
            "send_resolved": said.send_resolved,
            "to": [formataddr(one) for one in getaddresses([said.to])],
            "from": said.from_ or common.smtp_from,
            "smarthost": smarthost,
            "tls": self._tls(said, smarthost),
            "ca_file": self._file(tls_config.ca_file) if tls_config else None,
            "hello": said.hello or common.smtp_hello or "localhost",
            "username": said.auth_username or common.smtp_auth_username,
            "password": said.auth_password if own_password else common.smtp_auth_password,
            "password_file": self._file(said.auth_password_file if own_password else common.smtp_auth_password_file),
        }

    def _tls(self, said: Email, smarthost: str | None) -> str:
        if smarthost and smarthost.rpartition(":")[2] == IMPLICIT_TLS:
            return "tls"
        required = self._common.smtp_require_tls if said.require_tls is None else said.require_tls
        return "starttls" if required else "none"

    def _pagerduty(self, said: Pagerduty) -> Values:
        return {
            "send_resolved": said.send_resolved,
            "routing_key": said.routing_key,
            "routing_key_file": self._file(said.routing_key_file),
            "url": said.url or self._common.pagerduty_url,
        }

    def _slack(self, said: Slack) -> Values:
        own = said.api_url or said.api_url_file
        return {
            "send_resolved": said.send_resolved,
            "url": said.api_url if own else self._common.slack_api_url,
            "url_file": self._file(said.api_url_file if own else self._common.slack_api_url_file),
            "channel": said.channel,
            "username": said.username,
            "icon_emoji": said.icon_emoji,
            "icon_url": said.icon_url,
        }

    def _file(self, name: str | None) -> str | None:
        return str(self._folder / name) if name else None

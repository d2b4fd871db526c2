"""From a channel's configuration to the channel, with its secrets; the only list of what there is."""

from base64 import b64encode
from typing import TYPE_CHECKING

from consumers.links import Links, no_links
from consumers.notify.channels.base import Channel
from consumers.notify.channels.config import (
    AppriseChannel,
    ChannelConfig,
    EmailChannel,
    NobodyChannel,
    PagerDutyChannel,
    SlackChannel,
    TerminalChannel,
    WebhookChannel,
)
from consumers.notify.secrets import Secrets

if TYPE_CHECKING:
    from consumers.notify.channels.smtp import MailServer


def open_channel(config: ChannelConfig, secrets: Secrets, links: Links = no_links, external_url: str = "") -> Channel:
    """Opens a channel; libraries of channels nobody uses are not loaded. `external_url`: where people find us.

    Raises SecretMissing.
    """
    match config:
        case TerminalChannel():
            from consumers.notify.channels.terminal import TerminalOutput

            return TerminalOutput()
        case NobodyChannel():
            from consumers.notify.channels.nobody import Nobody

            return Nobody()
        case WebhookChannel():
            from consumers.notify.channels.webhook import Webhook

            url = secrets.either(config.url, config.url_file) or ""
            secret = secrets.either(config.secret, config.secret_file)
            login = _authorization(config, secrets)
            return Webhook(url, secret, config.timeout_seconds, config.max_alerts, external_url, authorization=login)
        case EmailChannel():
            return _email(config, secrets, links)
        case PagerDutyChannel():
            from consumers.notify.channels.pagerduty import EVENTS_URL, PagerDuty

            key = secrets.either(config.routing_key, config.routing_key_file) or ""
            url = secrets.either(config.url, None) or EVENTS_URL
            return PagerDuty(key, url, config.timeout_seconds, config.title, links)
        case SlackChannel():
            from consumers.notify.channels.slack import Slack

            url = secrets.either(config.url, config.url_file) or ""
            shown_as = config.model_dump(include={"channel", "username", "icon_emoji", "icon_url"}, exclude_none=True)
            return Slack(url, config.timeout_seconds, config.title, config.text, links, shown_as)
        case AppriseChannel():
            from consumers.notify.channels.apprise import Apprise

            return Apprise(apprise_addresses(config, secrets), config.title, config.text, links)


def _authorization(config: WebhookChannel, secrets: Secrets) -> str | None:
    """The header's value (RFC 6750, RFC 7617); None: nobody logs in. Raises SecretMissing."""
    if (token := secrets.either(config.token, config.token_file)) is not None:
        return f"Bearer {token}"
    if config.username is None:
        return None
    password = secrets.either(config.password, config.password_file) or ""
    return f"Basic {b64encode(f'{config.username}:{password}'.encode()).decode()}"


def mail_server(config: EmailChannel, secrets: Secrets) -> "MailServer":
    """The server of an e-mail channel. Raises SecretMissing."""
    from consumers.notify.channels.smtp import MailServer

    host, _, port = config.smarthost.rpartition(":")
    return MailServer(
        host=host.strip("[]"),
        port=int(port),
        tls=config.tls,
        username=config.username,
        password=secrets.either(config.password, config.password_file),
        hello=config.hello,
        ca_file=None if config.ca_file is None else secrets.path(config.ca_file),
        timeout_seconds=config.timeout_seconds,
    )


def _email(config: EmailChannel, secrets: Secrets, links: Links) -> Channel:
    from consumers.notify.channels.email import Email
    from consumers.notify.channels.mail import Letterhead
    from consumers.notify.templates import Text

    letterhead = Letterhead(
        sender=config.from_,
        to=config.to,
        links=links,
        title=Text(config.title, "title.j2"),
        text=Text(config.text, "text.j2"),
        html=Text(config.html, "mail.html.j2", html=True),
    )
    return Email(mail_server(config, secrets), letterhead)


def apprise_addresses(config: AppriseChannel, secrets: Secrets) -> list[str]:
    """All addresses of an Apprise channel. Raises SecretMissing."""
    if config.url_file is not None:
        lines = (line.strip() for line in secrets.file(config.url_file).splitlines())
        return [line for line in lines if line and not line.startswith("#")]
    return [secrets.text(url) for url in (config.url, *config.urls) if url is not None]

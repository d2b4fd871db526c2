"""From a channel's configuration to the channel, with its secrets; the only list of what there is."""

from consumers.notify.channels.base import Channel
from consumers.notify.channels.config import AppriseChannel, ChannelConfig, TerminalChannel, WebhookChannel
from consumers.notify.secrets import Secrets


def open_channel(config: ChannelConfig, secrets: Secrets) -> Channel:
    """Opens a channel; libraries of channels nobody uses are not loaded. Raises SecretMissing."""
    match config:
        case TerminalChannel():
            from consumers.notify.channels.terminal import TerminalOutput

            return TerminalOutput()
        case WebhookChannel():
            from consumers.notify.channels.webhook import Webhook

            url = secrets.either(config.url, config.url_file) or ""
            secret = secrets.either(config.secret, config.secret_file)
            return Webhook(url, secret, config.timeout_seconds)
        case AppriseChannel():
            from consumers.notify.channels.apprise import Apprise

            return Apprise(apprise_addresses(config, secrets))


def apprise_addresses(config: AppriseChannel, secrets: Secrets) -> list[str]:
    """All addresses of an Apprise channel. Raises SecretMissing."""
    if config.url_file is not None:
        lines = (line.strip() for line in secrets.file(config.url_file).splitlines())
        return [line for line in lines if line and not line.startswith("#")]
    return [secrets.text(url) for url in (config.url, *config.urls) if url is not None]

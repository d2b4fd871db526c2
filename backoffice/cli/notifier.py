"""`backoffice notifier`: tell people, through the channels of the configuration."""

import os

from backoffice import logs, process
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, SpaceOption, broker_errors, connect, err, fail, space_at
from backoffice.config import Configuration
from backoffice.config.secrets import missing_secrets
from consumers.notify.channels.base import Channel
from consumers.notify.channels.opening import open_channel
from consumers.notify.notifier import NotifierSettings, run
from consumers.notify.secrets import Secrets


def notifier_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Deliver notices to receivers until stopped (SIGTERM or Ctrl-C)."""
    process.set_up()
    logs.write_as(log_format)
    found = configuration(config)
    channels = open_channels(found)
    bootstrap = connect(found)
    settings = NotifierSettings(
        bootstrap_servers=bootstrap, space=space_at(bootstrap, space or found.space), channels=channels
    )
    with broker_errors():
        counts = run(settings, process.stop_on_signals())
    told = ", ".join(f"{counts[what]} {what}" for what in ("delivered", "failed", "skipped"))
    err.print(f"Stopped. Notices: {told}.")


def open_channels(found: Configuration) -> dict[str, list[Channel]]:
    """Every receiver's channels. Ends the command, naming all of them, when a secret is missing."""
    if missing := missing_secrets(found, os.environ):
        fail("\n".join(missing))
    secrets = Secrets(os.environ, found.folder)
    return {name: [open_channel(one, secrets) for one in channels] for name, channels in found.channels().items()}

"""`backoffice notifier`: tell people, through the channels of the configuration."""

import os
from collections.abc import Mapping

from backoffice import logs, notifying, process
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import LogFormatOption, SpaceOption, broker_errors, connect, err, fail, space_at
from backoffice.config import Configuration
from backoffice.config.secrets import missing_secrets
from consumers.notify.notifier import NotifierSettings, run
from consumers.notify.receivers import Receiver
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
    receivers = open_receivers(found)
    bootstrap = connect(found)
    settings = NotifierSettings(
        bootstrap_servers=bootstrap,
        space=space_at(bootstrap, space or found.space),
        receivers=receivers,
        retry=notifying.retry_policy(found),
    )
    with broker_errors():
        counts = run(settings, process.stop_on_signals())
    told = ", ".join(f"{counts[what]} {what}" for what in ("delivered", "failed", "skipped"))
    err.print(f"Stopped. Notices: {told}.")


def open_receivers(found: Configuration) -> Mapping[str, Receiver]:
    """Every receiver's channels. Ends the command, naming all of them, when a secret is missing."""
    if missing := missing_secrets(found, os.environ):
        fail("\n".join(missing))
    return notifying.receivers(found, Secrets(os.environ, found.folder))

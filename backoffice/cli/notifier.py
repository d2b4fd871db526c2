"""`backoffice notifier`: tell people, through the channels of the configuration."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from backoffice import health, logs, notifying, process, vitals
from backoffice.cli.config import ConfigOption, configuration
from backoffice.cli.options import (
    LogFormatOption,
    MetricsHost,
    MetricsPort,
    SpaceOption,
    broker_errors,
    connect,
    err,
    fail,
    space_at,
)
from backoffice.config import Configuration
from backoffice.config.secrets import missing_secrets
from consumers.behind import Behind
from consumers.notify.channels.base import Channel
from consumers.notify.meters import Meters
from consumers.notify.notifier import NotifierSettings, run
from consumers.notify.receivers import Receiver
from consumers.notify.secrets import Secrets


def notifier_command(
    space: SpaceOption = None,
    config: ConfigOption = None,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = "127.0.0.1",
    log_format: LogFormatOption = logs.LogFormat.TEXT,
) -> None:
    """Deliver notices to receivers until stopped (SIGTERM or Ctrl-C)."""
    process.set_up()
    logs.write_as(log_format)
    found = configuration(config)
    meters = Meters()
    receivers = open_receivers(found, meters.metered)
    bootstrap = connect(found)
    settings = NotifierSettings(
        bootstrap_servers=bootstrap,
        space=space_at(bootstrap, space or found.space),
        receivers=receivers,
        retry=notifying.retry_policy(found),
    )
    try:
        with broker_errors(), _watched(meters, settings, metrics_host, metrics_port):
            counts = run(settings, process.stop_on_signals(), meters.delivered, meters.turned)
    except health.PortTaken as error:
        fail(error)
    told = ", ".join(f"{counts[what]} {what}" for what in ("delivered", "failed", "skipped"))
    err.print(f"Stopped. Notices: {told}.")


@contextmanager
def _watched(meters: Meters, settings: NotifierSettings, host: str, port: int | None) -> Iterator[None]:
    """Its port for metrics and health, where one is wanted. Raises PortTaken."""
    if port is None:
        yield
        return
    meters.watch(settings.receivers)
    registry = vitals.introduce(meters.registry, "notifier")
    notices = settings.space.topic("notices")
    with Behind(settings.bootstrap_servers, [notices], "notifier", settings.group) as behind:
        registry.register(behind)
        with health.announced(host, port, registry, meters.not_alive, meters.not_alive, behind.not_ready):
            yield


def open_receivers(
    found: Configuration, metered: Callable[[Channel], Channel] = lambda channel: channel
) -> Mapping[str, Receiver]:
    """Every receiver's channels. Ends the command, naming all of them, when a secret is missing."""
    if missing := missing_secrets(found, os.environ):
        fail("\n".join(missing))
    return notifying.receivers(found, Secrets(os.environ, found.folder), metered=metered)

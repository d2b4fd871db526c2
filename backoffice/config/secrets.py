"""Whether the secrets that a configuration refers to are within reach here."""

from collections.abc import Mapping

from backoffice.config.model import Configuration
from consumers.notify.channels.opening import open_channel
from consumers.notify.secrets import SecretMissing, Secrets


def missing_secrets(found: Configuration, environ: Mapping[str, str]) -> list[str]:
    """Whose channels could not be opened here, and why."""
    notes = []
    secrets = Secrets(environ, found.folder)
    for receiver in found.alerting.all_receivers():
        for channel in (*receiver.channels, *receiver.fallback):
            try:
                open_channel(channel, secrets).close()
            except SecretMissing as error:
                notes.append(f"receiver {receiver.name}, {channel.type}: {error}")
    if (links := found.alerting.action_links) is not None:
        try:
            secrets.either(links.key, links.key_file)
        except SecretMissing as error:
            notes.append(f"action_links: {error}")
    return notes

"""Whether the secrets that a configuration refers to are within reach here."""

from collections.abc import Mapping

from backoffice.config.model import Configuration
from consumers.notify.channels.opening import open_channel
from consumers.notify.secrets import SecretMissing, Secrets


def missing_secrets(found: Configuration, environ: Mapping[str, str]) -> list[str]:
    """Whose channels could not be opened here, and why."""
    notes = []
    secrets = Secrets(environ, found.folder)
    for name, channels in found.channels().items():
        for channel in channels:
            try:
                open_channel(channel, secrets).close()
            except SecretMissing as error:
                notes.append(f"receiver {name}, {channel.type}: {error}")
    return notes

"""The folder of Jinja2 templates: texts of notices that stand in for the program's own."""

from collections.abc import Mapping
from pathlib import Path

from backoffice.config.explain import suggestion
from backoffice.config.model import AlertingConfiguration, ReceiverConfiguration
from backoffice.config.problems import ConfigurationError, Problem
from consumers.notify.channels.config import ChannelConfig
from consumers.notify.templates import BadTemplate
from consumers.notify.trying import tried

FIELDS: Mapping[str, Mapping[str, str]] = {
    "email": {"title": "title.j2", "text": "text.j2", "html": "mail.html.j2"},
    "slack": {"title": "title.j2", "text": "chat.j2"},
    "pagerduty": {"title": "summary.j2"},
    "apprise": {"title": "title.j2", "text": "text.j2"},
}
"""The file that each text of a channel is in, by the channel's type and the text's field."""

NAMES = sorted({name for files in FIELDS.values() for name in files.values()})
SUFFIX = ".j2"


def read(folder: Path) -> dict[str, str]:
    """The templates of a folder by the names of their files, each tried out. Raises ConfigurationError."""
    if not folder.is_dir():
        raise ConfigurationError(folder, [Problem(1, "", "is not a folder (create it, or remove alerting.templates)")])
    return {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix == SUFFIX}


def applied(alerting: AlertingConfiguration, templates: Mapping[str, str]) -> AlertingConfiguration:
    """With these texts in every channel that has none of its own."""
    receivers = tuple(_with_texts(receiver, templates) for receiver in alerting.receivers)
    return alerting.model_copy(update={"receivers": receivers})


def _read(path: Path) -> str:
    if path.name not in NAMES:
        raise ConfigurationError(path, [Problem(1, "", f"no text goes by this name ({suggestion(path.name, NAMES)})")])
    try:
        return tried(path.read_text(encoding="utf-8"), html=".html" in path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(path, [Problem(1, "", f"cannot be read: {error} (save it as UTF-8)")]) from error
    except BadTemplate as error:
        raise ConfigurationError(path, [Problem(error.line, "", f"{error.what} (correct the template)")]) from error


def _with_texts(receiver: ReceiverConfiguration, templates: Mapping[str, str]) -> ReceiverConfiguration:
    changes = {
        field: tuple(_filled(channel, templates) for channel in getattr(receiver, field))
        for field in ("channels", "fallback")
    }
    return receiver.model_copy(update={field: now for field, now in changes.items() if now != getattr(receiver, field)})


def _filled(channel: ChannelConfig, templates: Mapping[str, str]) -> ChannelConfig:
    texts = {
        field: templates[name]
        for field, name in FIELDS.get(channel.type, {}).items()
        if name in templates and getattr(channel, field) is None
    }
    return channel.model_copy(update=texts) if texts else channel

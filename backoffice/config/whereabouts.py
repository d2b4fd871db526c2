"""Where to work, for commands that need no more of the configuration: which broker, which space, who is told."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from backoffice.config.document import Document
from backoffice.config.explain import explained
from backoffice.config.load import DEFAULT_NAME, complete
from backoffice.config.model import Configuration, ConfigurationFile
from backoffice.config.problems import ConfigurationError, Problem, dotted

CONFIG = "BACKOFFICE_CONFIG"
"""The environment variable that names the configuration file."""

PARTS = ("space", "broker")


def whereabouts(environ: Mapping[str, str] = os.environ) -> Configuration:
    """`space` and `broker` of the file that BACKOFFICE_CONFIG names, else of `backoffice.yaml` here; all else built in.

    The rest of the file is not looked at: a mistake in a threshold keeps nobody from looking at alerts.
    Raises ConfigurationError.
    """
    path = _named(environ)
    return Configuration() if path is None else _read(path, PARTS)


def routing(environ: Mapping[str, str] = os.environ) -> Configuration:
    """As `whereabouts`, with `alerting`: who is told of what. Names that do not exist are not looked for.

    Raises ConfigurationError.
    """
    path = _named(environ)
    if path is None:
        return Configuration()
    found = _read(path, (*PARTS, "alerting"))
    return complete(found, path.parent)


def _named(environ: Mapping[str, str]) -> Path | None:
    named = environ.get(CONFIG)
    if not named and not Path(DEFAULT_NAME).is_file():
        return None
    return Path(named or DEFAULT_NAME)


def _read(path: Path, parts: Sequence[str]) -> Configuration:
    document = Document.read(path)
    values = document.values if isinstance(document.values, dict) else {}
    written = {part: values[part] for part in parts if values.get(part) is not None}
    try:
        file = ConfigurationFile.model_validate(written)
    except ValidationError as error:
        found = explained(error, ConfigurationFile)
        problems = [Problem(document.line(where), dotted(where), what) for where, what in found]
        raise ConfigurationError(path, problems) from error
    return Configuration(file.space, file.broker, alerting=file.alerting, path=path)

"""Reading the configuration file: every problem at once, each with its line."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backoffice.config import checks
from backoffice.config.calendars import with_calendar
from backoffice.config.document import Document
from backoffice.config.explain import explained, suggestion
from backoffice.config.model import Configuration, ConfigurationFile
from backoffice.config.problems import ConfigurationError, Location, Problem, dotted
from schemas.settings import Settings

DEFAULT_NAME = "backoffice.yaml"

Registry = Mapping[str, type[Settings]]
"""Each department's (and correlation's) settings, by name."""

Labels = Mapping[str, Collection[str]]
"""The labels that each department's settings may differ by. Those of one that is not in it are not checked."""

Streams = Collection[str]
"""The event types whose silence departments make known."""

Found = tuple[Location, str]


def load(path: Path, registry: Registry, labels: Labels | None = None, streams: Streams | None = None) -> Configuration:
    """The configuration in a file. What is not given is not checked. Raises ConfigurationError."""
    document = Document.read(path)
    found: list[Found] = []
    configuration = _read(document.values, registry, found)
    if configuration is not None and not found:
        configuration = complete(configuration, path.parent)
    if configuration is not None:
        found += [(("alerting", *where), what) for where, what in checks.problems(configuration.alerting)]
        found += checks.tokens(configuration.api)
        found += checks.users(configuration.console)
        found += checks.unknown_labels(configuration.rules, labels or {})
        found += [] if streams is None else checks.unknown_streams(configuration.rules, streams)
    if found or configuration is None:
        raise ConfigurationError(path, (Problem(document.line(where), dotted(where), what) for where, what in found))
    return replace(configuration, path=path)


def load_or_defaults(
    path: Path | None, registry: Registry, labels: Labels | None = None, streams: Streams | None = None
) -> Configuration:
    """The file named, else `backoffice.yaml` in the working folder, else the defaults. Raises ConfigurationError."""
    if path is None and not Path(DEFAULT_NAME).is_file():
        return Configuration(rules={name: settings() for name, settings in registry.items()})
    return load(path or Path(DEFAULT_NAME), registry, labels, streams)


def complete(configuration: Configuration, folder: Path) -> Configuration:
    """A configuration with what the files say that it names. Raises ConfigurationError with the problems of one."""
    alerting = configuration.alerting
    if alerting.alertmanager is not None:
        from backoffice.config import alertmanager

        alerting = alerting.with_alertmanager(alertmanager.read(Path(alerting.alertmanager), folder))
    if alerting.templates is not None:
        from backoffice.config import templates

        alerting = templates.applied(alerting, templates.read(folder / alerting.templates))
    return replace(configuration, alerting=alerting)


def _read(values: Any, registry: Registry, found: list[Found]) -> Configuration | None:
    """The configuration without cross checks; its problems are added to `found`."""
    if not isinstance(values, dict):
        found.append(((), "must be a mapping such as `space: backoffice` (see infra/backoffice.example.yaml)"))
        return None
    # A section with everything commented out is None in YAML, and means the same as no section.
    written = {str(key): value for key, value in values.items() if value is not None}
    rules = dict(_rules(written.get("rules", {}), written.get("calendar", {}), registry, found))
    try:
        file = ConfigurationFile.model_validate({**written, "rules": {}})
    except ValidationError as error:
        found += explained(error, ConfigurationFile)
        return None
    return Configuration(
        file.space,
        file.broker,
        file.calendar,
        rules,
        file.alerting,
        file.api,
        console=file.console,
        archive=file.archive,
        lookup=file.lookup,
        reports=file.reports,
    )


def _rules(given: Any, calendar: Any, registry: Registry, found: list[Found]) -> Iterator[tuple[str, Settings]]:
    """The settings of every department, those of whom the file says nothing among them."""
    if not isinstance(given, dict):
        found.append((("rules",), "must be a mapping from departments to their settings"))
        return
    for name in given:
        if name not in registry:
            hint = "write it under alerting:" if name == "alerting" else suggestion(str(name), sorted(registry))
            found.append((("rules", str(name)), f"there is no such department ({hint})"))
    for name, settings in registry.items():
        values = given.get(name)
        try:
            yield name, settings.model_validate(with_calendar({} if values is None else values, calendar, settings))
        except ValidationError as error:
            found += [(("rules", name, *where), what) for where, what in explained(error, settings)]

"""The mapping files: our own by name, and those that users write, each problem with its line."""

from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from backoffice.config.document import Document
from backoffice.config.explain import explained
from backoffice.config.problems import ConfigurationError, Location, Problem, dotted
from backoffice.registry import event_types, processors
from producers.importers import MAPPINGS, Importer, Mapping, UnusableMapping, importer


@cache
def names() -> tuple[str, ...]:
    """The kinds of files that are known without a mapping of the user's."""
    return tuple(sorted(path.stem for path in MAPPINGS.glob("*.yaml")))


@cache
def known(name: str) -> Importer:
    """The importer of one of our own kinds. Raises KeyError."""
    if name not in names():
        raise KeyError(name)
    return load(MAPPINGS / f"{name}.yaml")


def load(path: Path) -> Importer:
    """The importer that a mapping file describes. Raises ConfigurationError, with every problem's line."""
    document = Document.read(path)
    try:
        mapping = Mapping.model_validate(document.values)
    except ValidationError as error:
        raise _wrong(path, document, list(explained(error, Mapping))) from error
    found = list(_problems(mapping))
    try:
        made = importer(mapping, event_types())
    except UnusableMapping as error:
        found.append((error.where, str(error)))
    if found:
        raise _wrong(path, document, found)
    return made


def _problems(mapping: Mapping) -> list[tuple[Location, str]]:
    """What a mapping says that only the whole program can judge: settings and time zones."""
    found: list[tuple[Location, str]] = []
    if mapping.time_zone is not None:
        try:
            ZoneInfo(mapping.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            found.append((("time_zone",), f"{mapping.time_zone!r} is not an IANA time zone"))
    settings = {p.name: p.settings for p in processors()}
    for name, values in mapping.rules.items():
        if name not in settings:
            found.append((("rules", name), "there is no such department"))
            continue
        try:
            settings[name].model_validate(values)
        except ValidationError as error:
            found += [(("rules", name, *where), what) for where, what in explained(error, settings[name])]
    return found


def _wrong(path: Path, document: Document, found: list[tuple[Any, str]]) -> ConfigurationError:
    return ConfigurationError(path, [Problem(document.line(where), dotted(where), what) for where, what in found])

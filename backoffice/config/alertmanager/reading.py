"""Reading Alertmanager's file: every problem at once, each with its line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from backoffice.config import tree
from backoffice.config.alertmanager import unsupported
from backoffice.config.alertmanager.channels import Mapping
from backoffice.config.alertmanager.file import AlertmanagerFile
from backoffice.config.alertmanager.texts import texts
from backoffice.config.document import Document
from backoffice.config.explain import explained
from backoffice.config.model import ReceiverConfiguration
from backoffice.config.problems import ConfigurationError, Location, Problem, dotted
from processors.alerting.settings import InhibitRule, NamedTimeIntervals, Route
from schemas.settings import Settings

Found = tuple[Location, str]
M = TypeVar("M", bound=Settings)


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """What a file says, in our words."""

    route: Route
    receivers: tuple[ReceiverConfiguration, ...]
    inhibit_rules: tuple[InhibitRule, ...]
    time_intervals: tuple[NamedTimeIntervals, ...]
    resolve_timeout: timedelta


def read(path: Path, folder: Path = Path()) -> Alertmanager:
    """The whole file. Files that it names are beside it; `folder` is what our own are relative to.

    Raises ConfigurationError, which names what is not supported among the rest.
    """
    document = Document.read(folder / path)
    values, refused = unsupported.take_out(texts(document.root))
    found = list(refused)
    file = _validated(AlertmanagerFile, values, found)
    if file is not None:
        route = _route(file, found)
        mapping = Mapping(file.global_, path.parent)
        receivers = tuple(_receivers(file, mapping))
        found += mapping.problems
        if route is not None and not found:
            intervals = file.our_intervals()
            rules = tuple(rule.ours() for rule in file.inhibit_rules)
            return Alertmanager(route, receivers, rules, intervals, file.global_.resolve_timeout)
    raise _error(folder / path, document, refused + unsupported.about_others(found[len(refused) :], refused))


def read_routing(path: Path) -> Route:
    """The route tree of a file, whatever its receivers are. Raises ConfigurationError."""
    document = Document.read(path)
    values = texts(document.root)
    found: list[Found] = []
    if isinstance(values, dict):
        names = [_only_its_name(receiver) for receiver in values.get("receivers", ())]
        rest = {part: value for part, value in values.items() if part not in ("global", "templates")}
        values = {**rest, "receivers": names}
    file = _validated(AlertmanagerFile, values, found)
    route = _route(file, found) if file is not None else None
    if route is None or found:
        raise _error(path, document, found)
    return route


def _only_its_name(receiver: Any) -> Any:
    return {name: value for name, value in receiver.items() if name == "name"} if isinstance(receiver, dict) else {}


def _validated(model: type[M], values: Any, found: list[Found]) -> M | None:
    if not isinstance(values, dict):
        found.append(((), "no route provided in config (this is no Alertmanager's configuration file)"))
        return None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found += explained(error, model)
        return None


def _route(file: AlertmanagerFile, found: list[Found]) -> Route | None:
    """The route tree in our syntax, once what no single field can tell is right as well."""
    try:
        route = file.our_route()
    except ValidationError as error:
        found += [(("route", *where), what) for where, what in explained(error, Route)]
        return None
    receivers = [receiver.name for receiver in file.receivers]
    intervals = [interval.name for interval in file.our_intervals()]
    found += tree.duplicates("receivers", receivers, "receiver")
    for where, what in tree.duplicates("time_intervals", intervals, "time interval"):
        found.append((_written(file, where), what))
    found += tree.problems(route, receivers, intervals)
    return route


def _written(file: AlertmanagerFile, where: Location) -> Location:
    """The place of a time interval, of which some may be under their older name."""
    _, i, *rest = where
    before = len(file.time_intervals)
    return where if isinstance(i, int) and i < before else ("mute_time_intervals", int(i) - before, *rest)


def _receivers(file: AlertmanagerFile, mapping: Mapping) -> Iterator[ReceiverConfiguration]:
    for i, receiver in enumerate(file.receivers):
        channels = mapping.channels(receiver, ("receivers", i))
        try:
            yield ReceiverConfiguration(name=receiver.name, channels=channels)
        except ValidationError as error:
            found = explained(error, ReceiverConfiguration)
            mapping.problems += [(("receivers", i, *where), what) for where, what in found]


def _error(path: Path, document: Document, found: Iterable[Found]) -> ConfigurationError:
    return ConfigurationError(path, (Problem(document.line(where), dotted(where), what) for where, what in found))

"""What of an event is private: said once, beside the field, for everything that shows events.

    by: PersonId                                     # names a person
    test: Annotated[Id, MEDICAL]                     # tells of somebody's health

A mark changes nothing of what is read or written. Ids of cases, documents and things are no private matter; nor is who
of the organisation's operators has an alert.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, get_args

from pydantic import BaseModel

from schemas.envelope import Event, Id


class Kind(StrEnum):
    """In which way a field is private."""

    PERSONAL = "personal"
    """It names a person, or tells of one."""
    MEDICAL = "medical"
    """It tells of somebody's health or treatment."""


@dataclass(frozen=True, slots=True)
class Private:
    """The mark, as metadata of a field's type."""

    kind: Kind


PERSONAL = Private(Kind.PERSONAL)
MEDICAL = Private(Kind.MEDICAL)

PersonId = Annotated[Id, PERSONAL]
"""The id of a person: an employee, a client, a candidate, a patient."""

ClinicalId = Annotated[Id, MEDICAL]
"""A code that tells of somebody's health: a test, a treatment, a ward."""

Marks = Mapping[str, Kind]
"""Names of fields that are private, and in which way."""


@cache
def marks(cls: type[BaseModel]) -> Marks:
    """The private fields of a model, those of the models in it among them."""
    found: dict[str, Kind] = {}
    for name, info in cls.model_fields.items():
        kinds = {mark.kind for mark in (*info.metadata, *_metadata(info.annotation)) if isinstance(mark, Private)}
        if kinds:
            found[name] = Kind.MEDICAL if Kind.MEDICAL in kinds else Kind.PERSONAL
        for inner in _models(info.annotation):
            found |= marks(inner)
    return MappingProxyType(found)


def marks_by_topic(types: Iterable[type[Event]]) -> dict[str, Marks]:
    """The names that are private in the events of each topic."""
    found: dict[str, dict[str, Kind]] = {}
    for cls in types:
        names = found.setdefault(cls.topic, {})
        for name, kind in marks(cls).items():
            names[name] = max(kind, names.get(name, kind), key=list(Kind).index)
    return dict(found)


def _metadata(annotation: Any) -> Iterator[object]:
    yield from getattr(annotation, "__metadata__", ())
    for inner in get_args(annotation):
        yield from _metadata(inner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)

"""Pydantic's errors in words for the person who wrote the file."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from backoffice.config.problems import Location
from processors.settings import Override

_MAY_BE_SECRET = frozenset(("url", "urls", "secret", "password", "routing_key", "key"))
"""Keys whose values are not repeated in a message."""


def explained(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Location, str]]:
    """Each problem's place in the file, and what to say about it."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_below_it(detail, other) for other in details):
            continue  # it only counts the entries that are right; those that are wrong are listed themselves
        location, around = _resolve(detail["loc"], model)
        yield location, _say(detail, location, around)


def _below_it(detail: ErrorDetails, other: ErrorDetails) -> bool:
    return len(other["loc"]) > len(detail["loc"]) and other["loc"][: len(detail["loc"])] == detail["loc"]


def _say(detail: ErrorDetails, location: Location, around: list[str]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key ({suggestion(str(location[-1]), around)})"
        case "missing":
            return "is missing (add it)"
        case "union_tag_invalid" | "union_tag_not_found":
            expected = detail.get("ctx", {}).get("expected_tags", "")
            return f"type must be one of {expected} (write one of them)"
        case "value_error":
            return detail["msg"].removeprefix("Value error, ")
    message = detail["msg"][0].lower() + detail["msg"][1:]
    shown = detail["input"]
    if not isinstance(shown, str | int | float | bool) or not _MAY_BE_SECRET.isdisjoint(location):
        return message
    return f"{message} (not {shown!r})"


def suggestion(name: str, known: list[str]) -> str:
    """What to write instead of an unknown name."""
    if near := get_close_matches(name, known, n=1, cutoff=0.6):
        return f"did you mean {near[0]!r}?"
    return f"known here: {', '.join(known)}" if known else "remove it"


def _resolve(loc: tuple[int | str, ...], model: Any) -> tuple[Location, list[str]]:
    """The place without pydantic's own marks (tags of unions), and the names known around the last key."""
    location: list[str | int] = []
    around: list[str] = []
    here: Any = model
    for part in loc:
        here, tagged = _choose(here, part)
        if tagged:
            continue
        location.append(part)
        around = _fields(here)
        # What an override sets are the settings that it stands among.
        here = model if here is Override and part == "set" else _below(here, part)
    return tuple(location), around


def _fields(model: Any) -> list[str]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _below(annotation: Any, part: int | str) -> Any:
    """The type of a model's field, or of a collection's elements."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in (name, field.alias):
                return field.annotation
        return None
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return arguments[-1] if arguments else None


def _choose(annotation: Any, part: int | str) -> tuple[Any, bool]:
    """The type meant at this point, and whether `part` only says which of a union's it is."""
    options = _options(annotation)
    for option in options:
        if _tag(option) == part:
            return option, True
    return (options[0] if options else annotation), False


def _options(annotation: Any) -> list[Any]:
    """The types an annotation stands for: those of a union, without None and without metadata."""
    origin = get_origin(annotation)
    if origin is not None and hasattr(annotation, "__metadata__"):
        return _options(get_args(annotation)[0])
    if origin is Union or type(annotation).__name__ == "UnionType":
        return [one for arg in get_args(annotation) if arg is not type(None) for one in _options(arg)]
    return [annotation]


def _tag(option: Any) -> str | None:
    """The `type` that a model of a discriminated union goes by."""
    if not (isinstance(option, type) and issubclass(option, BaseModel) and "type" in option.model_fields):
        return None
    annotation = option.model_fields["type"].annotation
    return str(get_args(annotation)[0]) if get_origin(annotation) is Literal else None

"""Options that several commands take, declared once: the fields of a dataclass."""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import Parameter
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


def gathers(command: Callable[..., T]) -> Callable[..., T]:
    """For Typer: the command with the options that are the fields of its dataclass parameters, in their places.

    The fields are annotated as parameters of a command are.
    """
    hints = get_type_hints(command, include_extras=True)
    gathered: dict[str, Any] = {name: kind for name, kind in hints.items() if name != "return" and is_dataclass(kind)}

    @functools.wraps(command)
    def spread(**given: Any) -> T:
        for name, kind in gathered.items():
            given[name] = kind(**{field.name: given.pop(field.name) for field in fields(kind)})
        return command(**given)

    parameters = list(_spread(command, hints, gathered))
    spread.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    spread.__annotations__ = {each.name: each.annotation for each in parameters}
    return spread


def _spread(command: Callable[..., Any], hints: dict[str, Any], gathered: dict[str, Any]) -> Iterator[Parameter]:
    for name, parameter in inspect.signature(command).parameters.items():
        if name in gathered:
            of_fields = get_type_hints(gathered[name], include_extras=True)
            yield from (_parameter(field, of_fields[field.name]) for field in fields(gathered[name]))
        else:
            yield parameter.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY)


def _parameter(field: "Field[Any]", hint: Any) -> Parameter:
    default = Parameter.empty if field.default is MISSING else field.default
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)

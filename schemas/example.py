"""One full example of each event type, made from the examples of its fields."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from schemas.envelope import Event, Instant

EXAMPLE_TIME = "2026-03-02T09:30:00+00:00"


class NoExample(ValueError):
    """An event type whose fields do not say what they may look like."""


def example(cls: type[Event]) -> dict[str, Any]:
    """The event as the JSON object an upstream would send: envelope and data. Raises NoExample."""
    data = example_data(cls)
    try:
        cls.model_validate(data, extra="forbid")
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise NoExample(f"{cls.type}: {where}: {problem['msg']}; give the field an example that is valid") from error
    return {
        "specversion": "1.0",
        "id": "example-1",
        "source": f"/example/{cls.type.partition('.')[0]}",
        "type": cls.type,
        "subject": f"{cls.kind or 'example'}/1",
        "time": EXAMPLE_TIME,
        "data": data,
    }


def example_data(model: type[BaseModel]) -> dict[str, Any]:
    """The fields that have an example, and those that need a value. JSON values only."""
    data = {}
    for name, field in model.model_fields.items():
        if field.examples:
            data[name] = field.examples[0]
        elif field.is_required():
            data[name] = _value(f"{model.__name__}.{name}", field)
    return data


def _value(where: str, field: FieldInfo) -> Any:
    """A value for a required field without an example: only where its type leaves no doubt."""
    return _of(where, field.annotation, is_instant=field.metadata == _INSTANT_METADATA)


_INSTANT_METADATA = list(getattr(Instant, "__metadata__", ()))


def _of(where: str, annotation: Any, is_instant: bool = False) -> Any:
    origin, args = get_origin(annotation), get_args(annotation)
    if is_instant or annotation == Instant:
        return EXAMPLE_TIME
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return example_data(annotation)
    if origin is Literal:
        return args[0]
    if origin in (Union, UnionType):
        return _of(where, next(arg for arg in args if arg is not NoneType))
    if origin is tuple:
        return [_of(where, args[0])]
    if origin is dict:
        return {}
    if annotation is bool:
        return True
    if annotation is int:
        return 0
    if annotation is str:
        return "text"
    raise NoExample(f"{where} is required and has no example: Field(examples=[...])")

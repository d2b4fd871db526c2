"""What a mapping file says: which events the rows of a log are, and which columns their fields come from.

A mapping is data; `compiled.py` makes an importer of it. docs/importing.md is its manual.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Kind = Literal["text", "whole", "counter", "decimal", "flag", "ranked", "time", "date", "period", "digest"]

PLACE = re.compile(r"\{([^{}]+)\}")
"""A column's place in a text: `{vendor}`."""


class Strict(BaseModel):
    """A part of a mapping: an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


class Condition(Strict):
    """What a cell must be. `Closed`, or `[Closed, Resolved]`, is short for `in`."""

    one_of: tuple[str, ...] | None = Field(default=None, alias="in")
    """One of these texts."""
    none_of: tuple[str, ...] = Field(default=(), alias="not")
    """None of these texts."""
    matches: str | None = None
    """A regular expression that the whole cell matches."""
    known: bool | None = None
    """Whether the cell says anything."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, bool | int | float):
            raise ValueError(f"a cell is text: write it in quotes, '{given}'")
        if isinstance(given, str):
            return {"in": (given,)}
        if isinstance(given, list):
            return {"in": given}
        if isinstance(given, dict) and isinstance(given.get("not"), str):
            return {**given, "not": (given["not"],)}
        return given

    @model_validator(mode="after")
    def _sound(self) -> "Condition":
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"{self.matches!r} is not a regular expression: {error}") from error
        return self


When = dict[str, Condition]
"""Conditions by column; all of them must hold."""


def _formats(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


class Cell(Strict):
    """Where a value comes from, and how it is read. A plain text with `{columns}` in it is short for `text`."""

    column: str | None = None
    text: str | None = None
    """A text with `{columns}` in it; unknown when one of them is."""
    kind: Kind = Field(default="text", alias="as")
    """How it is read: `whole` a whole number, `counter` one that is not negative, `ranked` the number that
    `3 - Moderate` begins with, `flag` true or false, `time` an instant, `date` a day, `period` a day, month or
    year, as exact as its format, `digest` a hash of a text that may have cells which say nothing."""
    format: Annotated[tuple[str, ...], BeforeValidator(_formats)] = ()
    """Of times and dates, as strptime knows them, the first that fits; ISO 8601 unless given."""
    digits: int | None = Field(default=None, ge=0, le=12)
    """Of a decimal: rounded to so many places."""
    values: dict[str, Any] | None = Field(default=None, alias="map")
    """What each text stands for, `*` for every other one; one that is not named is read as usual."""
    when: When = {}
    """Read only in rows of which this holds: what a log knows only at its end, say."""
    missing: Any = None
    """What it is when the cell says nothing. Of a time, `previous`: that of the row before."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _sound(self) -> "Cell":
        if (self.column is None) == (self.text is None):
            raise ValueError("give either column or text")
        if self.format and self.kind not in ("time", "date", "period"):
            raise ValueError(f"a format is of times and dates, not of {self.kind}")
        if self.digits is not None and self.kind != "decimal":
            raise ValueError(f"digits are of a decimal, not of {self.kind}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads, those of its conditions among them."""
        own = (self.column,) if self.column is not None else tuple(PLACE.findall(self.text or ""))
        return (*own, *self.when)


class Time(Cell):
    """When something was: a cell that is read as an instant."""

    kind: Literal["time"] = Field(default="time", alias="as")


class Constant(Strict):
    """A value that is the same in every row."""

    value: Any


Spec = Cell | Constant | dict[str, "Spec"] | tuple["Spec", ...]
"""Of a field: a cell, a constant, or an object or list of such."""


def spec(given: Any) -> Any:
    """The spec that a field of a mapping file means. Raises ValueError."""
    match given:
        case str():
            return Cell.model_validate(given)
        case bool() | int() | float() | date() | None:
            return Constant(value=given)
        case list():
            return tuple(spec(each) for each in given)
        case {"value": value} if len(given) == 1:
            return Constant(value=value)
        case dict() if "column" in given or "text" in given:
            return Cell.model_validate(given)
        case dict():
            return {str(name): spec(each) for name, each in given.items()}
    raise ValueError(f"{given!r} is no value of a mapping")


class EventMapping(Strict):
    """An event that a row may be. A row may be several."""

    type: str
    """The event's type, `accounting.invoice.received`."""
    when: When = {}
    """The rows that are this event; all of them when not given."""
    subject: str
    """The id of what it happened to, `{vendor}`; the event's type knows the kind."""
    time: Time | None = None
    """When it happened, if that is not the row's own time."""
    fields: dict[str, Annotated[Any, BeforeValidator(spec)]] = {}
    """The event's fields."""


class Mapping(Strict):
    """A kind of file, and what its rows say."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)
    doc: str
    """One sentence: what file this is."""
    time: Time
    """When a row was written; its rows are in this order."""
    id: str | None = None
    """What tells a row apart, `{event_id}`; the row's number in this very file when not given."""
    time_zone: str | None = None
    """Of times that name none; an IANA name. UTC when not given."""
    unknown: tuple[str, ...] = ("", "?")
    """Cells that say nothing."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """Between the cells of a CSV file."""
    sort: bool = False
    """The file is not in order of time: sort it first, on disk."""
    otherwise: Literal["reject", "ignore"] = "reject"
    """What becomes of a row that is none of the events."""
    rules: dict[str, dict[str, Any]] = {}
    """Settings, per department, under which its rules fit what the log says and leaves out."""
    events: tuple[EventMapping, ...] = Field(min_length=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it reads, in the order in which it names them."""
        found: dict[str, None] = dict.fromkeys(self.time.columns)
        found.update(dict.fromkeys(PLACE.findall(self.id or "")))
        for event in self.events:
            found.update(dict.fromkeys((*event.when, *PLACE.findall(event.subject))))
            found.update(dict.fromkeys(event.time.columns if event.time else ()))
            for each in event.fields.values():
                found.update(dict.fromkeys(_columns(each)))
        return tuple(found)


def _columns(each: Any) -> tuple[str, ...]:
    match each:
        case Cell():
            return each.columns
        case dict():
            return tuple(name for part in each.values() for name in _columns(part))
        case tuple():
            return tuple(name for part in each for name in _columns(part))
    return ()

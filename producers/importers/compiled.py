"""A mapping made ready for one file: functions from a row's cells to values, events and subjects."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from pydantic import ValidationError

from producers.importers import cells
from producers.importers.cells import BadCell, Reading
from producers.importers.mapping import PLACE, Cell, Condition, Constant, EventMapping, When
from producers.importers.model import UnusableMapping
from schemas.envelope import Event

Cells = Sequence[str]
Positions = Mapping[str, int]
Value = Callable[[Cells], Any]
Test = Callable[[Cells], bool]

ABSENT: Any = object()
"""What a cell gives that says nothing."""

PRINTABLE = re.compile(r"[^\s/\x00-\x1f\ud800-\udfff][^\x00-\x1f\ud800-\udfff]{0,199}")
"""What the id of a subject may be (schemas.envelope.Id)."""

_PLAIN: Mapping[str, Reading] = {
    "text": cells.text,
    "whole": cells.whole,
    "counter": cells.counter,
    "decimal": cells.decimal,
    "flag": cells.flag,
    "ranked": cells.ranked,
    "digest": cells.digest,
}


@dataclass(frozen=True, slots=True)
class Compiler:
    """Knows where each column is, which cells say nothing, and whose time zone it is."""

    positions: Positions
    unknown: frozenset[str]
    zone: tzinfo = UTC

    def when(self, conditions: When) -> Test:
        """Whether all of the conditions hold of a row."""
        tests = [(self.positions[column], self._condition(condition)) for column, condition in conditions.items()]
        if len(tests) == 1:
            ((place, test),) = tests
            return lambda row: test(row[place])
        return lambda row: all(test(row[place]) for place, test in tests)

    def _condition(self, condition: Condition) -> Callable[[str], bool]:
        allowed = None if condition.one_of is None else frozenset(condition.one_of)
        refused, unknown, known = frozenset(condition.none_of), self.unknown, condition.known
        pattern = re.compile(condition.matches) if condition.matches is not None else None
        if pattern is None and known is None and not refused and allowed is not None:
            return allowed.__contains__

        def test(cell: str) -> bool:
            return (
                (allowed is None or cell in allowed)
                and cell not in refused
                and (known is None or (cell not in unknown) is known)
                and (pattern is None or pattern.fullmatch(cell) is not None)
            )

        return test

    def text(self, template: str, *, whole: bool = True) -> Value:
        """A text with the row's cells in it; ABSENT when one of them says nothing, if it is to be `whole`."""
        parts = PLACE.split(template)
        fixed, places = parts[::2], [self.positions[name] for name in parts[1::2]]
        unknown = self.unknown
        if fixed == ["", ""]:
            (place,) = places
            return lambda row: ABSENT if row[place] in unknown else row[place]

        def read(row: Cells) -> Any:
            said = [row[place] for place in places]
            if whole and not unknown.isdisjoint(said):
                return ABSENT
            return "".join(part for pair in zip(fixed, [*said, ""], strict=True) for part in pair)

        return read

    def cell(self, cell: Cell, required: bool = False) -> Value:
        """A value of a row, or ABSENT. Raises BadCell, with the column's name."""
        name = cell.column or next(iter(cell.columns), "text")
        template = f"{{{cell.column}}}" if cell.column is not None else cell.text or ""
        raw = self.text(template, whole=cell.kind != "digest")
        holds = self.when(cell.when) if cell.when else None
        reading, known = self._reading(cell), cell.values
        missing = cell.missing if cell.missing is not None else ABSENT

        def read(row: Cells) -> Any:
            said = raw(row) if holds is None or holds(row) else ABSENT
            if said is ABSENT:
                if missing is ABSENT and required:
                    raise BadCell(f"missing {name}", name)
                return missing
            try:
                return reading(said) if known is None else _mapped(said, known, reading)
            except BadCell as error:
                raise BadCell(error.reason, name) from error

        return read

    def _reading(self, cell: Cell) -> Reading:
        if cell.kind == "time":
            return cells.instant(cell.format, self.zone)
        if cell.kind == "date":
            return cells.day(cell.format)
        if cell.kind == "period":
            return cells.period(cell.format)
        if cell.digits is not None:
            return cells.rounded(cell.digits)
        return _PLAIN[cell.kind]

    def spec(self, spec: Any, required: bool = False) -> Value:
        """The value of a field: a cell, a constant, or an object or list of such without what is absent."""
        match spec:
            case Cell():
                return self.cell(spec, required)
            case Constant(value=value):
                return lambda row: value
            case dict():
                parts = {name: self.spec(each) for name, each in spec.items()}
                return lambda row: _present(parts, row) or ABSENT
            case _:
                each = [self.spec(one) for one in spec]
                return lambda row: [value for one in each if (value := one(row)) is not ABSENT] or ABSENT

    def event(self, mapping: EventMapping, cls: type[Event]) -> "Maker":
        """What makes this event of a row."""
        fields = {name: self.spec(each, cls.model_fields[name].is_required()) for name, each in mapping.fields.items()}
        column = next(iter(PLACE.findall(mapping.subject)), "subject")
        return Maker(
            cls,
            self.when(mapping.when) if mapping.when else lambda row: True,
            self.text(mapping.subject),
            column,
            self.cell(mapping.time, required=True) if mapping.time else None,
            fields,
        )


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes one kind of event of a row."""

    cls: type[Event]
    applies: Test
    id: Value
    id_column: str
    time: Value | None
    fields: Mapping[str, Value]

    def subject(self, row: Cells) -> str:
        """Raises BadCell."""
        said = self.id(row)
        if said is ABSENT:
            raise BadCell(f"missing {self.id_column}", self.id_column)
        if not PRINTABLE.fullmatch(said):
            raise BadCell(f"bad {self.id_column}", self.id_column)
        return f"{self.cls.kind}/{said}"

    def event(self, row: Cells) -> Event:
        """Raises BadCell."""
        try:
            return self.cls(**_present(self.fields, row))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the event"
            raise BadCell("not valid", f"{where}: {first['msg']}") from error

    def at(self, row: Cells, usual: datetime) -> datetime:
        """When it happened. Raises BadCell."""
        found: datetime = usual if self.time is None else self.time(row)
        return found


def checked(mapping: EventMapping, types: Mapping[str, type[Event]], place: int) -> type[Event]:
    """The class of the event that a mapping names. Raises UnusableMapping for one that cannot be imported."""
    cls = types.get(mapping.type)
    if cls is None:
        raise UnusableMapping(("events", place, "type"), f"there is no event type {mapping.type!r}")
    if not cls.kind:
        raise UnusableMapping(("events", place, "type"), f"{cls.type} may be about anything: it cannot be imported")
    if unknown := sorted(mapping.fields.keys() - cls.model_fields.keys()):
        known = ", ".join(cls.model_fields)
        raise UnusableMapping(("events", place, "fields", unknown[0]), f"{cls.type} has no such field, only {known}")
    for name, info in cls.model_fields.items():
        if info.is_required() and name not in mapping.fields:
            raise UnusableMapping(("events", place, "fields"), f"{cls.type} needs {name}")
    return cls


def _mapped(said: str, known: Mapping[str, Any], reading: Reading) -> Any:
    """What a text stands for; one that is not named is what `*` is, or else read as usual."""
    if said in known:
        return known[said]
    return known["*"] if "*" in known else reading(said)


def _present(parts: Mapping[str, Value], row: Cells) -> dict[str, Any]:
    return {name: value for name, read in parts.items() if (value := read(row)) is not ABSENT}

"""What changed between two versions of a JSON Schema, in words, and whether the new one still reads the old data.

Backward compatibility as schema registries mean it: what was written under the old schema can be read under the
new one. Fields are added with a default or made optional; none is renamed, narrowed, removed or made required.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
IDENTITY = {"x-topic": "topic"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `where` is a path of fields, such as `data.lines[].amount`; empty for the document itself."""

    where: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        kind = "breaking" if self.breaking else "compatible"
        return f"{kind}: {self.where + ': ' if self.where else ''}{self.what}"


def compare(old: Schema | None, new: Schema | None) -> list[Change]:
    """Every difference that matters to who reads or writes such events; none for equal meaning."""
    if old is None:
        return [] if new is None else [Change("", "new event type", False)]
    if new is None:
        return [Change("", "event type removed", True)]
    changes = [
        Change("", f"{name} changed from {old.get(key)} to {new.get(key)}", True)
        for key, name in IDENTITY.items()
        if old.get(key) != new.get(key)
    ]
    return [*changes, *_Comparison(old, new).walk("", old, new)]


class _Comparison:
    """Two documents side by side; references are followed in their own document, each pair of them once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._documents = (old, new)
        self._seen: set[tuple[str, str]] = set()

    def walk(self, where: str, old: Schema, new: Schema) -> Iterator[Change]:
        names = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if any(names):
            if names in self._seen:
                return
            self._seen.add(names)
        old, new = _resolved(self._documents[0], old), _resolved(self._documents[1], new)
        if any(key in side for key in ("anyOf", "oneOf") for side in (old, new)):
            yield from self._alternatives(where, old, new)
            return
        yield from _types(where, old, new)
        yield from _limits(where, old, new)
        yield from self._properties(where, old, new)
        for key, suffix in (("items", "[]"), ("additionalProperties", "{}")):
            yield from self._content(key, where + suffix, old, new)
        yield from self._positions(where, old, new)

    def _properties(self, where: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() | after.keys()):
            path = f"{where}.{name}" if where else name
            if name not in before:
                yield Change(path, _added(name in required), name in required)
            elif name not in after:
                yield Change(path, "field removed", True)
            else:
                if (name in required) != (name in required_before):
                    yield Change(path, _requirement(name in required), name in required)
                yield from _default(path, before[name], after[name])
                yield from self.walk(path, before[name], after[name])

    def _content(self, key: str, where: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get(key), new.get(key)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.walk(where, before, after)
        elif before != after and key == "additionalProperties":
            narrower = after is False or (isinstance(after, Mapping) and before is not False)
            yield Change(where, f"unknown fields are {'no longer allowed' if narrower else 'allowed now'}", narrower)

    def _positions(self, where: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("prefixItems", ()), new.get("prefixItems", ())
        if len(before) != len(after):
            yield Change(where, f"has {len(after)} places instead of {len(before)}", True)
        for place, (one, other) in enumerate(zip(before, after, strict=False)):
            yield from self.walk(f"{where}[{place}]", one, other)

    def _alternatives(self, where: str, old: Schema, new: Schema) -> Iterator[Change]:
        """Every old alternative must still be readable by some new one."""
        unmatched = _branches(new)
        for schema in _branches(old):
            kind = self._kind(0, schema)
            same = [s for s in _branches(new) if self._kind(1, s) == kind]
            if not same:
                yield Change(where, f"no longer allows {kind}", True)
                continue
            attempts = [list(self._aside().walk(where, schema, s)) for s in same]
            unmatched = [s for s in unmatched if s not in same]
            yield from min(attempts, key=lambda changes: (any(c.breaking for c in changes), len(changes)))
        for schema in unmatched:
            yield Change(where, f"allows {self._kind(1, schema)} too", False)

    def _aside(self) -> "_Comparison":
        other = _Comparison(*self._documents)
        other._seen = set(self._seen)  # so that a type that contains itself comes to an end
        return other

    def _kind(self, side: int, schema: Schema) -> str:
        """What sort of thing an alternative is, to pair it with its like."""
        schema = _resolved(self._documents[side], schema)
        name = schema.get("title") if schema.get("properties") else schema.get("format")
        fixed = "a fixed value" if "const" in schema or "enum" in schema else "anything"
        return str(name or schema.get("type") or fixed)


def _branches(schema: Schema) -> Sequence[Schema]:
    branches: Sequence[Schema] = schema.get("anyOf") or schema.get("oneOf") or (schema,)
    return branches


def _resolved(document: Schema, schema: Schema) -> Schema:
    """The schema that a reference names, with what stands beside the reference."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    target: Any = document
    for part in reference.removeprefix("#/").split("/"):
        target = target.get(part, {})
    return {**target, **{k: v for k, v in schema.items() if k != "$ref"}}


def _types(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = _type_names(old), _type_names(new)
    if before == after:
        return
    readable = after | ({"integer"} if "number" in after else set())
    what = f"type changed from {_listed(before)} to {_listed(after)}"
    yield Change(where, what, bool(after) and not (before and before <= readable))


def _type_names(schema: Schema) -> set[str]:
    names = schema.get("type", ())
    return {names} if isinstance(names, str) else set(names)


def _listed(names: set[str]) -> str:
    return " or ".join(sorted(names)) or "anything"


def _limits(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    for key in (*LOWER, *UPPER):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        tighter = after is not None and (before is None or (after > before if key in LOWER else after < before))
        yield Change(where, f"{key} {_moved(before, after)}", tighter)
    for key in EXACT:
        if old.get(key) != new.get(key):
            yield Change(where, f"{key} {_moved(old.get(key), new.get(key))}", new.get(key) is not None)
    yield from _values(where, old, new)


def _values(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = _allowed(old), _allowed(new)
    if before is None and after is not None:
        yield Change(where, f"only these values are allowed now: {', '.join(map(repr, after))}", True)
    elif before is not None and after is None:
        yield Change(where, "any value is allowed now", False)
    elif before is not None and after is not None:
        for value in before:
            if value not in after:
                yield Change(where, f"value {value!r} removed", True)
        for value in after:
            if value not in before:
                yield Change(where, f"value {value!r} added", False)


def _allowed(schema: Schema) -> Sequence[Any] | None:
    """The values that a schema lists; None when it lists none."""
    if "const" in schema:
        return (schema["const"],)
    values: Sequence[Any] | None = schema.get("enum")
    return values


def _default(where: str, old: Schema, new: Schema) -> Iterator[Change]:
    if "default" in old and "default" in new and old["default"] != new["default"]:
        yield Change(where, f"default {_moved(old['default'], new['default'])}", False)


def _moved(before: object, after: object) -> str:
    if before is None:
        return f"{after!r} added"
    if after is None:
        return f"{before!r} removed"
    return f"changed from {before!r} to {after!r}"


def _added(required: bool) -> str:
    return "field added, required" if required else "field added, optional"


def _requirement(required: bool) -> str:
    return "now required" if required else "no longer required"

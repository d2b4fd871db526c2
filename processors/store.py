"""The states of one partition in memory: rows by key, what changed since last asked, and what time will do."""

import heapq
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from processors.layout import ROOT, Layout, layout_of
from processors.processor import Processor
from processors.rows import Rows, Write
from processors.step import State

SEEN = "seen"
"""The collection, beside those of the state, of event ids applied within the window."""

UNTIL = "until"
"""The header of a changelog record whose row expires by itself: milliseconds since the epoch."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def to_ms(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


class Due(NamedTuple):
    """Something that time will do to a key: a deadline passes, or (`expiry`) an entry drops out. Sorts as it fires."""

    at: datetime
    key: str
    expiry: bool
    name: str
    entry: str


class Row(NamedTuple):
    """A row as it stands in the changelog; value None: it was dropped."""

    key: bytes
    value: bytes | None
    until: datetime | None


def row_key(key: str, collection: str, entry: str) -> bytes:
    return json.dumps([key, collection, entry], ensure_ascii=False, separators=(",", ":")).encode()


def read_row_key(key: bytes) -> tuple[str, str, str]:
    """The inverse of `row_key`. Raises ValueError for a record that is not a row of ours."""
    parts = json.loads(key)
    if not (isinstance(parts, list) and len(parts) == 3 and all(isinstance(p, str) for p in parts)):
        raise ValueError(f"not a state row's key: {key!r}")
    return parts[0], parts[1], parts[2]


class Entity:
    """One key's state; the dicts in `bases` are what its `Rows` look into."""

    __slots__ = ("bases", "layout", "seen", "state")

    def __init__(self, key: str, layout: Layout[Any]) -> None:
        self.layout = layout
        self.bases: dict[str, dict[str, Any]] = {name: {} for name in layout.collections}
        self.seen: dict[str, datetime] = {}
        self.state: State = layout.state(key=key, **{name: Rows(base) for name, base in self.bases.items()})

    @property
    def empty(self) -> bool:
        return (
            not self.seen and not any(self.bases.values()) and self.layout.root_of(self.state) == self.layout.empty_root
        )


class Store:
    """All entities of one partition. Nothing here knows where rows are kept between runs."""

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self.entities: dict[str, Entity] = {}
        self._dirty: dict[tuple[str, str, str], datetime | None] = {}
        self._deadlines: list[Due] = []
        self._expiring: list[Due] = []
        self._expiries: dict[tuple[str, str, str], datetime] = {}

    def entity(self, key: str) -> Entity:
        """The entity of a key, empty if there is none. Raises KeyError for a kind that does not belong here."""
        found = self.entities.get(key)
        if found is None:
            _, aggregate = self._processor.locate(key)
            found = self.entities[key] = Entity(key, layout_of(aggregate.state))
        return found

    def absorb(self, entity: Entity, new: State) -> None:
        """Makes `new` the entity's state and notes which rows it changed."""
        key, layout, old = entity.state.key, entity.layout, entity.state
        clean: dict[str, Rows[Any]] = {}
        for name, base in entity.bases.items():
            rows: Rows[Any] = getattr(new, name)
            if rows is getattr(old, name):
                continue
            for entry, write in _changes(rows, base).items():
                self._write(key, name, entry, base, write)
            clean[name] = Rows(base)
        if layout.root_of(new) != layout.root_of(old):
            self._dirty[key, ROOT, ""] = None
        entity.state = new.evolve(**clean) if clean else new

    def _write(self, key: str, name: str, entry: str, base: dict[str, Any], write: Write[Any]) -> None:
        if write.row is None:
            base.pop(entry, None)
        else:
            base[entry] = write.row
            if name == "deadlines":
                heapq.heappush(self._deadlines, Due(write.row, key, False, entry, ""))
        until = write.until and from_ms(to_ms(write.until))  # as the changelog will tell it after a restart
        self._dirty[key, name, entry] = until
        self._expire(key, name, entry, until)

    def _expire(self, key: str, name: str, entry: str, until: datetime | None) -> None:
        if until is not None:
            self._expiries[key, name, entry] = until
            heapq.heappush(self._expiring, Due(until, key, True, name, entry))
        else:
            self._expiries.pop((key, name, entry), None)

    def see(self, entity: Entity, event_id: str, until: datetime) -> None:
        """Remembers that this event was applied."""
        key = entity.state.key
        entity.seen[event_id] = until
        self._dirty[key, SEEN, event_id] = until
        self._expire(key, SEEN, event_id, until)

    @property
    def earliest(self) -> datetime | None:
        """The instant of the first deadline waiting. Expiries alone wake nobody."""
        while self._deadlines and not self._wanted(self._deadlines[0]):
            heapq.heappop(self._deadlines)
        return self._deadlines[0].at if self._deadlines else None

    @property
    def waiting(self) -> int:
        """How many deadlines are waited for, at most: moved ones count until their old instant comes."""
        return len(self._deadlines)

    def _wanted(self, due: Due) -> bool:
        if due.expiry:
            return self._expiries.get((due.key, due.name, due.entry)) == due.at
        entity = self.entities.get(due.key)
        return entity is not None and entity.bases["deadlines"].get(due.name) == due.at

    def pop_due(self, before: datetime) -> Due | None:
        """The next deadline due before an instant, removed from what its key waits for; entries expire on the way."""
        while heap := self._next_heap(before):
            due = heapq.heappop(heap)
            if not self._wanted(due):
                continue
            if due.expiry:
                self._drop_expired(due)
                continue
            del self.entities[due.key].bases["deadlines"][due.name]
            self._dirty[due.key, "deadlines", due.name] = None
            return due
        return None

    def _next_heap(self, before: datetime) -> list[Due] | None:
        tops = [heap for heap in (self._deadlines, self._expiring) if heap and heap[0].at < before]
        return min(tops, key=lambda heap: heap[0], default=None)

    def _drop_expired(self, due: Due) -> None:
        entity = self.entities[due.key]
        (entity.seen if due.name == SEEN else entity.bases[due.name]).pop(due.entry, None)
        self._dirty[due.key, due.name, due.entry] = None
        del self._expiries[due.key, due.name, due.entry]
        self.forget_if_empty(entity)

    def forget_if_empty(self, entity: Entity) -> None:
        """A key with nothing to remember costs nothing."""
        if entity.empty:
            self.entities.pop(entity.state.key, None)

    def take_changes(self) -> list[Row]:
        """Every row changed since the last call, once, as it stands now."""
        rows = [Row(row_key(*where), self._value(*where), until) for where, until in self._dirty.items()]
        self._dirty.clear()
        return rows

    def _value(self, key: str, collection: str, entry: str) -> bytes | None:
        entity = self.entities.get(key)
        if entity is None:
            return None
        if collection == ROOT:
            is_default = entity.layout.root_of(entity.state) == entity.layout.empty_root
            return None if is_default else entity.layout.dump_root(entity.state)
        if collection == SEEN:
            return b"1" if entry in entity.seen else None
        base = entity.bases[collection]
        return entity.layout.dump_row(collection, base[entry]) if entry in base else None

    def load(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        """One row from the changelog, in the log's order. Raises for a row that does not fit its state."""
        entity = self.entity(key)
        if collection == ROOT:
            root = dict(zip(entity.layout.root_fields, entity.layout.empty_root, strict=True))
            if value is not None:
                root.update(entity.layout.load_root(value))
            entity.state = entity.state.evolve(**root)
        elif collection == SEEN:
            entity.seen.pop(entry, None)
            if value and until:
                entity.seen[entry] = until
        elif collection in entity.bases:
            self._load_entry(entity, collection, entry, value)
        else:
            self.forget_if_empty(entity)
            return  # a collection that an older version had
        self._expire(key, collection, entry, until if value else None)
        self.forget_if_empty(entity)

    def _load_entry(self, entity: Entity, collection: str, entry: str, value: bytes | None) -> None:
        base = entity.bases[collection]
        if value is None:
            base.pop(entry, None)
            return
        base[entry] = row = entity.layout.load_row(collection, value)
        if collection == "deadlines":
            heapq.heappush(self._deadlines, Due(row, entity.state.key, False, entry, ""))


def _changes(rows: Rows[Any], base: Mapping[str, Any]) -> Mapping[str, Write[Any]]:
    """What differs from the base, also when a step put an unrelated collection in the place of the old one."""
    if rows.shares(base):
        return rows.changes
    kept = {entry: Write(row) for entry, row in rows.items()}
    return {**{entry: Write(None) for entry in base if entry not in kept}, **kept}

"""The states of one partition: decoded while in use, encoded on a shelf else; what changed; what time will do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from processors.agenda import Agenda, Due
from processors.collection import Collection, UnreadableRow
from processors.layout import layout_of
from processors.processor import Processor
from processors.row import DEADLINES, ROOT, Row, row_key, weigh
from processors.rows import Rows, Write
from processors.shelf import MemoryShelf, Shelf
from processors.step import State

HOT_KEYS = 20_000
"""Decoded keys kept between transactions: at least so many of those touched last, at most twice as many."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    return _EPOCH + timedelta(0, 0, ms * 1_000)


def to_ms(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


class Entity:
    """One key's state, decoded."""

    __slots__ = ("collections", "kind", "layout", "state", "step")

    def __init__(self, key: str, processor: Processor, shelf: Shelf) -> None:
        """Raises KeyError for a kind that does not belong here."""
        _, aggregate = processor.locate(key)
        layout = self.layout = layout_of(aggregate.state)
        self.step = aggregate.step
        self.kind = key.partition("/")[0]
        self.collections = {name: Collection(key, name, shelf, load) for name, load in layout.loaders.items()}
        self.state: State = layout.state(key=key, **{name: Rows(rows) for name, rows in self.collections.items()})
        if (value := shelf.get(key, ROOT, "")) is not None:
            try:
                self.state = self.state.evolve(**layout.load_root(value))
            except (TypeError, ValueError) as error:
                raise UnreadableRow(f"the root row of {key} does not fit its state: {error}") from error

    @property
    def empty(self) -> bool:
        return not any(self.collections.values()) and self.layout.is_empty(self.state)


class Store:
    """All states of one partition. Where rows are kept between runs is the shelf's business.

    What happens between two `take_changes` can be taken back: `rollback` forgets the decoded keys it touched.
    """

    def __init__(self, processor: Processor, shelf: Shelf | None = None) -> None:
        self._processor = processor
        self.shelf: Shelf = shelf or MemoryShelf()
        self.agenda = Agenda(self._wanted, self.shelf)
        self._hot: dict[str, Entity] = {}
        self._cooling: dict[str, Entity] = {}
        self._roots: dict[str, Entity] = {}
        self._rows: dict[tuple[str, str, str], datetime | None] = {}

    def entity(self, key: str) -> Entity:
        """The entity of a key, empty if there is none. Raises KeyError for a kind that does not belong here."""
        found = self._hot.get(key)
        if found is None:
            found = self._cooling.pop(key, None) or Entity(key, self._processor, self.shelf)
            self._hot[key] = found
        return found

    def keys(self) -> Iterator[str]:
        """Every key of which something is remembered, in order."""
        touched = {*self._roots, *(key for key, _, _ in self._rows)}
        kept = (key for key in self.shelf.keys() if key not in touched and self._knows(key))  # noqa: SIM118
        return iter(sorted([*kept, *(key for key in touched if not self.entity(key).empty)]))

    def absorb(self, entity: Entity, new: State) -> None:
        """Makes `new` the entity's state and notes which rows it changed."""
        old = entity.state
        if new is old:
            return
        for name, write in new.deadlines.changes.items():
            if write.row is not None and write.row.tzinfo is None:
                raise ValueError(f"deadline {name!r}: {write.row} has no time zone")
        clean: dict[str, Rows[Any]] = {}
        for name in entity.layout.loaders:
            rows: Rows[Any] = getattr(new, name)
            if rows is not getattr(old, name):
                collection = entity.collections[name]
                for entry, write in rows.changes_against(collection).items():
                    self._write(old.key, name, entry, collection, write)
                clean[name] = Rows(collection)
        if entity.layout.differ(new, old):
            self._roots[old.key] = entity
        entity.state = new.evolve(**clean) if clean else new

    def _write(self, key: str, name: str, entry: str, collection: Collection, write: Write[Any]) -> None:
        until = None
        if write.row is None:
            collection.drop(entry)
        else:
            collection.put(entry, write.row)
            if name == DEADLINES:
                self.agenda.wait(key, entry, write.row)
            if write.until is not None:
                until = from_ms(to_ms(write.until))  # as the changelog will tell it after a restart
                self.agenda.expire(key, name, entry, until)
        self._rows[key, name, entry] = until

    def weigh(self, entity: Entity, new: State) -> None:
        """Raises RowTooLarge when a row that the step changed would fit no changelog."""
        layout, key = entity.layout, entity.state.key
        if layout.differ(new, entity.state):
            weigh(row_key(key, ROOT, ""), layout.dump_root(new))
        for name, collection in entity.collections.items():
            for entry, write in getattr(new, name).changes_against(collection).items():
                if write.row is not None:
                    weigh(row_key(key, name, entry), layout.dump_row(name, write.row))

    def _wanted(self, due: Due) -> bool:
        if not self._knows(due.key, due.name if due.expiry else DEADLINES):
            return False
        if due.expiry:
            where = (due.key, due.name, due.entry)
            until = self._rows[where] if where in self._rows else self.shelf.until(*where)
            return until == due.at
        collection = self.entity(due.key).collections[DEADLINES]
        return bool(collection.get(due.name) == due.at)

    def pop_due(self, before: datetime) -> Due | None:
        """The next deadline due before an instant, removed from what its key waits for; entries expire on the way."""
        while due := self.agenda.pop(before):
            name, entry = (due.name, due.entry) if due.expiry else (DEADLINES, due.name)
            self.entity(due.key).collections[name].drop(entry)
            self._rows[due.key, name, entry] = None
            if not due.expiry:
                return due
        return None

    def take_changes(self) -> list[Row]:
        """Every row changed since the last call, once, as it stands now. Raises RowTooLarge, and nothing is taken."""
        changed = [*self._changed_roots(), *self._changed_rows()]
        rows = [Row(row_key(key, name, entry), value, until) for key, name, entry, value, until in changed]
        for row in rows:
            weigh(row.key, row.value)
        for key, collection, entry, value, until in changed:
            self.shelf.put(key, collection, entry, value, until)
        self._cool()
        self._roots.clear()
        self._rows.clear()
        self.agenda.keep()
        return rows

    def _changed_roots(self) -> Iterator["_Changed"]:
        for key, entity in self._roots.items():
            value = None if entity.layout.is_empty(entity.state) else entity.layout.dump_root(entity.state)
            yield key, ROOT, "", value, None

    def _changed_rows(self) -> Iterator["_Changed"]:
        for (key, name, entry), until in self._rows.items():
            entity = self.entity(key)
            row = entity.collections[name].get(entry)
            value = None if row is None else entity.layout.dump_row(name, row)
            yield key, name, entry, value, until

    def _cool(self) -> None:
        """Forgets decoded keys that were not touched lately. All of them are on the shelf."""
        if len(self._hot) > HOT_KEYS:
            self._cooling, self._hot = self._hot, {}
        for key in {key for key, _, _ in self._rows}:
            for collection in self.entity(key).collections.values():
                collection.cool()

    def rollback(self) -> None:
        """Takes back everything since the last `take_changes`."""
        for key in {*self._roots, *(key for key, _, _ in self._rows)}:
            self._hot.pop(key, None)
        self.agenda.rollback()
        self._roots.clear()
        self._rows.clear()

    def load(self, key: str, collection: str, entry: str, value: bytes | None, until: datetime | None) -> None:
        """One row from the changelog, in the log's order; `loaded` says that this was the last.

        Raises KeyError for a kind that does not belong here.
        """
        _, aggregate = self._processor.locate(key)
        if collection == ROOT or collection in layout_of(aggregate.state).loaders:
            self.shelf.put(key, collection, entry, value, until)

    def _knows(self, key: str, collection: str = ROOT) -> bool:
        """Whether it is a row of today's: an older version may have had other kinds and collections."""
        try:
            _, aggregate = self._processor.locate(key)
        except KeyError:
            return False
        return collection == ROOT or collection in layout_of(aggregate.state).loaders

    def loaded(self) -> None:
        """The shelf is as the changelog has it: finds out what time will do."""
        for known in (self._hot, self._cooling, self._roots, self._rows):
            known.clear()
        try:
            self.agenda.begin()
        except ValueError as error:
            raise UnreadableRow(str(error)) from error


_Changed = tuple[str, str, str, bytes | None, datetime | None]

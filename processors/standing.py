"""Where one partition of a processor stands, as its changelog keeps it: rows, clock, settings, offset."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from processors.processor import Processor
from processors.row import Row, read_row_key, row_key, weigh
from processors.seen import SEEN
from processors.shelf import Shelf
from processors.store import Store, from_ms
from processors.streams import Streams
from schemas.codec import Unreadable, explain
from schemas.envelope import Event

META = ""
"""The changelog key of a partition's own row: where it stands."""
_OWN = META.encode()

_Stood = tuple[datetime, int, int, int, Any, Counter[str], dict[type[Event], datetime | None]]


class Standing:
    """What a restart needs, no more. Records move it on, see `Fold`."""

    def __init__(self, processor: Processor, shelf: Shelf | None = None) -> None:
        self.processor = processor
        self.store = Store(processor, shelf)
        self.clock = from_ms(0)
        self.next_offset = 0
        """Everything before this offset is done."""
        self.applied = 0
        """How many records from there on are done as well, in the order of their slice."""
        self.settings = processor.settings()
        self.counts: Counter[str] = Counter()
        self._streams = Streams(processor.streams)
        self._clock_ms = 0
        self._minute_ends = 0
        self._stood = self._standing()

    def take_changes(self) -> list[Row]:
        """Rows changed since the last call, and the row that says where this partition stands.

        Raises RowTooLarge for one that was not weighed before; `rollback` then takes back all since the last call.
        """
        rows = self.store.take_changes()
        for entry, value in self.store.shelf.seen.take(self.next_offset + self.applied):
            rows.append(Row(row_key(META, SEEN, entry), value, None))
        value = self._where(self.settings)
        self.store.shelf.put(META, META, META, value, None)
        self._stood = self._standing()
        return [*rows, Row(_OWN, value, None)]

    def _where(self, settings: Any) -> bytes:
        """The partition's own row."""
        said = settings.model_dump(mode="json", exclude_unset=True)
        meta: dict[str, Any] = {"next_offset": self.next_offset, "clock": self._clock_ms, "settings": said}
        if self.applied:
            meta["applied"] = self.applied
        if heard := self._streams.dump():
            meta["heard"] = heard
        return json.dumps(meta, ensure_ascii=False).encode()

    def _standing(self) -> _Stood:
        heard = dict(self._streams.until)
        return self.clock, self._clock_ms, self.next_offset, self.applied, self.settings, Counter(self.counts), heard

    def rollback(self) -> None:
        """Takes back everything since the last `take_changes`."""
        self.store.rollback()
        self.store.shelf.seen.forget_new()
        self.clock, self._clock_ms, self.next_offset, self.applied, self.settings, counts, heard = self._stood
        self._streams.until = dict(heard)
        self._minute_ends = 0
        self.counts = Counter(counts)

    def restore(self, rows: Iterable[Row]) -> None:
        """Goes on from a changelog. Raises ValueError for a row that is not of this processor."""
        self.load(rows)
        self.loaded()

    def load(self, rows: Iterable[Row]) -> None:
        """Some rows of the changelog, in the log's order; `loaded` says that these were all."""
        for row in rows:
            try:
                self._load_row(row)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"the row {row.key!r} is not one of {self.processor.name}'s: {error}") from error

    def _load_row(self, row: Row) -> None:
        if row.key == _OWN:
            self.store.shelf.put(META, META, META, row.value, None)
            return
        key, collection, entry = read_row_key(row.key)
        if key:
            self.store.load(key, collection, entry, row.value, row.until)
        elif collection == SEEN:
            self.store.shelf.seen.load(entry, row.value)
        else:
            raise ValueError("it has no key")

    def loaded(self) -> None:
        """Everything that was remembered is on the shelf: stands where that says, and knows what time will do.

        Raises ValueError or UnreadableRow for what cannot be read.
        """
        try:
            self._stands(json.loads(self.store.shelf.get(META, META, META) or b"{}"))
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"the row {_OWN!r} does not say where the partition stands: {error}") from error
        self.store.loaded()
        self._minute_ends = 0
        self._stood = self._standing()

    def _stands(self, meta: Any) -> None:
        """Goes on where the partition's own row says."""
        if not isinstance(meta, dict):
            raise ValueError("it is no object")
        self.next_offset, self.applied = int(meta.get("next_offset", 0)), int(meta.get("applied", 0))
        self._clock_ms = int(meta.get("clock", 0))
        self.clock = from_ms(self._clock_ms)
        self.settings = self._read_settings(meta.get("settings", {}))
        self._streams.load(meta.get("heard", {}))

    def changes_settings(self, said: dict[str, Any]) -> None:
        """From here on these are read. Raises Unreadable, or RowTooLarge when they could not be remembered."""
        settings = self._read_settings(said)
        weigh(row_key(META, META, META), self._where(settings))
        self.settings = settings
        self._streams.forget()

    def _read_settings(self, settings: dict[str, Any]) -> Any:
        try:
            return self.processor.settings.model_validate_json(json.dumps(settings))
        except ValidationError as error:
            raise Unreadable(f"settings of {self.processor.name}: {explain(error)}") from error

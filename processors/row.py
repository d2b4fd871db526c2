"""A row of state as it stands in a changelog: its key, its JSON, and when it expires by itself."""

from datetime import datetime
from typing import NamedTuple

from schemas.topics import INBOX_MAX_BYTES

UNTIL = "until"
"""The header of a changelog record whose row expires by itself: milliseconds since the epoch."""

MAX_ROW_BYTES = INBOX_MAX_BYTES - 4_096
"""The most a row's key and JSON may take together, so that a changelog takes it with its headers."""

ROOT = ""
"""The collection name of the root row."""

DEADLINES = "deadlines"
"""The collection of a state in which its deadlines lie: name → instant."""

_SEPARATOR = "\x1f"
"""Between key, collection and entry. A subject has no control characters, so the first two end what they name."""


class Row(NamedTuple):
    """A row as it stands in the changelog; value None: it was dropped."""

    key: bytes
    value: bytes | None
    until: datetime | None


class RowTooLarge(ValueError):
    """A row that no changelog takes: the step that wants it is not applied."""


def row_key(key: str, collection: str, entry: str) -> bytes:
    return f"{key}{_SEPARATOR}{collection}{_SEPARATOR}{entry}".encode()


def read_row_key(key: bytes) -> tuple[str, str, str]:
    """The inverse of `row_key`. Raises ValueError for a record that is not a row of ours."""
    parts = key.decode().split(_SEPARATOR, 2)
    if len(parts) != 3:
        raise ValueError(f"not a state row's key: {key!r}")
    return parts[0], parts[1], parts[2]


def weigh(row: bytes, value: bytes | None) -> None:
    """Raises RowTooLarge for a row's key and JSON that are too large together."""
    size = len(row) + len(value or b"")
    if size > MAX_ROW_BYTES:
        key, collection, entry = read_row_key(row)
        what = f"{collection}[{entry[:80]!r}]" if collection else "the root row"
        raise RowTooLarge(f"{what} of {key} would take {size:,} bytes; a row has room for {MAX_ROW_BYTES:,}")

"""Logs as tables: the rows of a CSV file, or the events of an XES file, with the columns that a mapping asks for."""

import csv
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from producers.importers.lines import opened, opened_bytes
from producers.importers.model import UnusableFile
from producers.importers.ordering import Row
from producers.importers.xes import XES_START, events


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows, to be read once. `width` cells make a whole one; `positions` says where each column is."""

    positions: Mapping[str, int]
    width: int
    rows: Iterator[Row]
    identity: str
    """What tells the file apart: made from how it begins, so that one which has grown since is still the same."""
    grouped: bool = False
    """Its rows are in order of time only within each case."""


@contextmanager
def opened_table(path: Path, columns: Sequence[str], delimiter: str = ",") -> Iterator[Table]:
    """The file, by what it holds and not by its name. Raises UnusableFile, also while its rows are read."""
    with opened_bytes(path) as stream:
        xes = stream.peek(1024)[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(XES_START)  # type: ignore[attr-defined]
        if xes:
            yield _xes(path, stream, columns)
            return
    with opened(path) as text:
        yield _csv(path, text, columns, delimiter)


def _csv(path: Path, text: IO[str], columns: Sequence[str], delimiter: str) -> Table:
    """A record is one line, so that a stray quote spoils no more than its own."""
    lines = _whole(path, text)
    first = list(islice(lines, 2))
    header = _cells(first[0] if first else "", delimiter)
    positions = {name: place for place, name in enumerate(header)}
    if missing := [name for name in columns if name not in positions]:
        raise UnusableFile(f"{path}: no column {', '.join(missing)} in its header; is it another kind of file?")
    rows = (Row(number, _cells(line, delimiter)) for number, line in enumerate(chain(first[1:], lines), start=1))
    return Table(positions, len(header), rows, _identity(first))


def _whole(path: Path, lines: Iterable[str]) -> Iterator[str]:
    read = 0
    try:
        for line in lines:
            yield line
            read += 1
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnusableFile(f"{path}: damaged after row {max(read - 1, 0)}: {error}; fetch it again") from error


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader((line.rstrip("\r\n"),), delimiter=delimiter), [])
    except csv.Error:
        return []  # a cell beyond csv's size limit: the line has no cells to speak of


def _xes(path: Path, stream: IO[bytes], columns: Sequence[str]) -> Table:
    """The attributes of an event by their keys; those of its trace as `case:<key>`, as other tools call them."""
    told = events(path, stream)
    first = list(islice(told, 1))
    if first and columns and not any(first[0].get(name) for name in columns):
        raise UnusableFile(f"{path}: no attribute {', '.join(columns)} in its first event; is it another kind of file?")
    places = {name: place for place, name in enumerate(columns)}
    rows = (Row(n, [said.get(name, "") for name in columns]) for n, said in enumerate(chain(first, told), start=1))
    return Table(places, len(columns), rows, _identity(str(sorted(said.items())) for said in first), grouped=True)


def identity(path: Path) -> str:
    """What tells a file from others of its kind. Stays the same when it is moved, zipped or has grown."""
    with opened_table(path, ()) as table:
        return table.identity


def _identity(beginning: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(beginning).encode(errors="surrogateescape")).hexdigest()[:12]

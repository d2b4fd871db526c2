"""The lines of a CSV file, plain or gzip, one at a time: a file may be larger than memory."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from producers.importers.model import UnusableFile

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The file's text. Bytes that are not UTF-8 come through as surrogates, so that one bad line stays one."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    with raw:
        zipped = raw.peek(2)[:2] == GZIP_MAGIC
        stream = gzip.GzipFile(fileobj=raw) if zipped else raw
        with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as text:
            yield text


def read_lines(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, list[str], dict[str, int]]]:
    """Each line below the header: its number from 1, its cells, and the position of each column by name.

    A record is one line, so that a stray quote spoils no more than its own. Raises UnusableFile when the header
    lacks one of `columns`, or the file breaks off.
    """
    row = 0
    with opened(path) as text:
        try:
            header = _cells(next(text, ""))
            positions = {name: index for index, name in enumerate(header)}
            if missing := [name for name in columns if name not in positions]:
                raise UnusableFile(f"{path}: no column {', '.join(missing)} in its header; is it another kind of file?")
            for row, line in enumerate(text, start=1):
                yield row, _cells(line), positions
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnusableFile(f"{path}: damaged after row {row}: {error}; fetch it again") from error


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader((line.rstrip("\r\n"),)), [])
    except csv.Error:
        return []  # a cell beyond csv's size limit: the line has no cells to speak of

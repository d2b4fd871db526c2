"""The text of a file, plain or gzip, one line at a time: a file may be larger than memory."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from producers.importers.model import UnusableFile

GZIP_MAGIC = b"\x1f\x8b"


@contextmanager
def opened_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unzipped where its content says so. Raises UnusableFile."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from error
    with raw:
        zipped = raw.peek(2)[:2] == GZIP_MAGIC
        yield io.BufferedReader(gzip.GzipFile(fileobj=raw)) if zipped else raw


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The file's text. Bytes that are not UTF-8 come through as surrogates, so that one bad line stays one."""
    with (
        opened_bytes(path) as stream,
        io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as text,
    ):
        yield text

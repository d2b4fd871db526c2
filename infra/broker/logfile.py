"""The end of a log file, and what is added to it."""

import os
import time
from collections import deque
from collections.abc import Generator
from pathlib import Path

_BETWEEN_LOOKS = 0.2


def last_lines(path: Path, count: int) -> list[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []


def tail(path: Path, count: int) -> Generator[str, None, None]:
    """The last lines, then every new one for ever, also after the file was turned over."""
    file = path.open(encoding="utf-8", errors="replace")
    try:
        yield from (line.rstrip("\n") for line in deque(file, maxlen=count))
        while True:
            line = file.readline()
            if line:
                yield line.rstrip("\n")
            elif path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(_BETWEEN_LOOKS)
    finally:
        file.close()

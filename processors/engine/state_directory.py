"""The directory of one partition's state: made, taken for one process at a time, refused with a reason."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from weakref import finalize

from processors.collection import UnreadableRow

LOCK_WAIT = 15.0
"""Seconds to wait for another process that still has the directory: in a rebalance it is just closing it."""

_OUTSIDE = (
    "No space left",
    "Disk quota",
    "Read-only file system",
    "Permission denied",
    "Operation not permitted",
    "Input/output error",
    "Too many open files",
)
"""What RocksDB's errors, which have no classes, say when the machine is the trouble and not the files."""


class StateDirectory(UnreadableRow):
    """The directory of a partition's state cannot be used. Nothing is lost: the changelog has it all."""

    def __init__(self, path: Path, why: str, then: str = "make room or allow writing there, or name another") -> None:
        super().__init__(f"state directory {path}: {why}; {then}")


def is_outside(error: Exception) -> bool:
    """Whether an error is the machine's: emptying the directory would not help."""
    return isinstance(error, OSError) or any(sign in str(error) for sign in _OUTSIDE)


def take(path: Path, wait: float, holder: object) -> Callable[[], object]:
    """Makes the directory if need be, and `holder` its only user on this machine. Returns what lets it go.

    The lock lies beside the directory: RocksDB's own goes when the directory is emptied. It ends with the
    process, however that ends, and with `holder`. Raises StateDirectory after `wait` seconds.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        release = finalize(holder, os.close, lock)
        try:
            _lock(lock, path, wait)
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
        except BaseException:
            release()
            raise
    except OSError as error:
        raise StateDirectory(path, str(error)) from error
    return release


def _lock(lock: int, path: Path, wait: float) -> None:
    give_up = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < give_up:
                time.sleep(0.05)
                continue
            pid = os.pread(lock, 20, 0).decode(errors="replace")
            raise StateDirectory(
                path,
                f"process {pid} still has it after {wait:g} s",
                "end that process, or give each worker a directory of its own",
            ) from None

"""A disk so small that it can be filled: a mount of memory, where this user may mount."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A disk in a new folder. The test is skipped where mounting is not allowed."""
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this user may not mount a disk: {error}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def change(disk: Path, options: str) -> None:
    """Mounts it again: `ro`, `rw`, `size=1g`."""
    _mount("-o", f"remount,{options}", str(disk))


def fill(disk: Path) -> Path:
    """Takes all the room there is, with one file."""
    filled = disk / "filled"
    with filled.open("wb", buffering=0) as file:
        for size in (1_048_576, 4_096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filled


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)

"""Directories that cannot be written: the disk is full, read-only, or something else has the name."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.engine.rocks import RocksShelf
from processors.engine.state_directory import StateDirectory
from tests.unit.engine.rocks_story import commit, expected, found, opened


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"this user may not mount a disk: {error}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filled").open("wb", buffering=0) as file:
        for size in (1_048_576, 4_096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def commit_on(shelf: RocksShelf, n: int) -> None:
    while True:
        commit(shelf, n)
        n += 1


def test_a_full_disk_ends_the_commit_and_loses_nothing(small_disk: Path) -> None:
    shelf = opened(small_disk / "0")
    for n in range(1, 40):
        commit(shelf, n)
    fill(small_disk)
    with pytest.raises(StateDirectory, match=f"state directory {small_disk}/0: .*No space left.*make room"):
        commit_on(shelf, 40)
    committed = shelf.position
    assert committed is not None
    shelf.close()
    with pytest.raises(StateDirectory, match="No space left"):
        opened(small_disk / "0")
    (small_disk / "filled").unlink()
    mount("-o", "remount,size=200m", str(small_disk))
    shelf = opened(small_disk / "0")
    assert shelf.position in (committed, committed + 1)
    assert found(shelf, shelf.position) == expected(shelf.position)
    commit(shelf, shelf.position + 1)
    shelf.close()


def test_a_read_only_disk_is_refused_and_left_as_it_is(small_disk: Path) -> None:
    shelf = opened(small_disk / "0")
    commit(shelf, 1)
    shelf.close()
    before = sorted(os.listdir(small_disk / "0"))
    mount("-o", "remount,ro", str(small_disk))
    with pytest.raises(StateDirectory, match=f"{small_disk}/0: .*Read-only file system"):
        opened(small_disk / "0")
    assert sorted(os.listdir(small_disk / "0")) == before


def test_a_file_of_that_name_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "0").write_text("notes")
    with pytest.raises(StateDirectory, match=f"state directory {tmp_path}/0: .*File exists"):
        opened(tmp_path / "0")
    assert (tmp_path / "0").read_text() == "notes"


def test_a_file_in_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("notes")
    with pytest.raises(StateDirectory, match=f"state directory {tmp_path}/state/0: .*Not a directory"):
        opened(tmp_path / "state" / "0")

"""Directories that cannot be written: the disk is full, read-only, or something else has the name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.engine.rocks import RocksShelf
from processors.engine.state_directory import StateDirectory
from tests.small_disk import change, fill, mounted
from tests.unit.engine.rocks_story import commit, expected, found, opened


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "24m") as disk:
        yield disk


def commit_on(shelf: RocksShelf, n: int) -> None:
    while True:
        commit(shelf, n)
        n += 1


def test_a_full_disk_ends_the_commit_and_loses_nothing(small_disk: Path) -> None:
    shelf = opened(small_disk / "0")
    for n in range(1, 40):
        commit(shelf, n)
    filled = fill(small_disk)
    with pytest.raises(StateDirectory, match=f"state directory {small_disk}/0: .*No space left.*make room"):
        commit_on(shelf, 40)
    committed = shelf.position
    assert committed is not None
    shelf.close()
    with pytest.raises(StateDirectory, match="No space left"):
        opened(small_disk / "0")
    filled.unlink()
    change(small_disk, "size=200m")
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
    change(small_disk, "ro")
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

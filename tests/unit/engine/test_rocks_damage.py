"""Files of a RocksDB directory are damaged in every way: what is read is right, or the directory is emptied."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from rocksdict import Options, Rdict, ReadOptions

from processors.engine.state_directory import StateDirectory
from tests.unit.engine.rocks_story import commit, expected, found, opened
from tests.unit.engine.test_rocks_crash import killed_after

COMMITS = 200


def flip(file: Path, rng: Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(rng.choice((1, 20))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)


def zero(file: Path, rng: Random) -> None:
    content = bytearray(file.read_bytes())
    begin = rng.randrange(len(content))
    end = min(len(content), begin + rng.choice((100, 5_000)))
    content[begin:end] = bytes(end - begin)
    file.write_bytes(content)


def truncate(file: Path, rng: Random) -> None:
    with file.open("rb+") as opened_file:
        opened_file.truncate(rng.randrange(file.stat().st_size))


def empty(file: Path, rng: Random) -> None:
    file.write_bytes(b"")


def delete(file: Path, rng: Random) -> None:
    file.unlink()


def lengthen(file: Path, rng: Random) -> None:
    with file.open("ab") as opened_file:
        opened_file.write(rng.randbytes(1_000))


DAMAGES = (flip, zero, truncate, empty, delete, lengthen)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with many files, and rows that are only in the write-ahead log, as a killed process leaves it."""
    directory = tmp_path_factory.mktemp("whole") / "0"
    killed_after(directory, COMMITS)
    return directory


def read_at(directory: Path) -> int | None:
    """The position of what is there, which must be right. None: it is empty, or says that it is damaged and will be."""
    shelf = opened(directory)
    try:
        n = shelf.position or 0
        assert found(shelf, n) == expected(n)
        return shelf.position
    except StateDirectory:
        shelf.close()
        shelf = opened(directory)
        assert (shelf.position, found(shelf, 0)) == (None, expected(0)), "a damaged directory is emptied"
        return None
    finally:
        shelf.close()


@pytest.mark.parametrize("damage", DAMAGES, ids=[damage.__name__ for damage in DAMAGES])
def test_what_is_read_is_right_whichever_file_is_damaged(
    whole: Path, tmp_path: Path, damage: Callable[[Path, Random], None]
) -> None:
    stood: list[int | None] = []
    for n, name in enumerate(sorted(file.name for file in whole.iterdir())):
        for seed in range(3):
            directory = tmp_path / f"{n}-{seed}"
            shutil.copytree(whole, directory)
            if (directory / name).stat().st_size or damage in (delete, lengthen):
                damage(directory / name, Random(f"{name} {seed}"))
            stood.append(read_at(directory))
            shutil.rmtree(directory)
    assert any(stood), "some files can be done without"
    if damage is not lengthen:
        assert None in stood, "and some can not"


def test_a_damaged_directory_is_filled_again(whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    directory = tmp_path / "0"
    shutil.copytree(whole, directory)
    (directory / "CURRENT").write_bytes(b"no such manifest\n")
    with caplog.at_level(logging.WARNING):
        shelf = opened(directory)
    assert shelf.position is None
    assert f"state directory {directory}: " in caplog.text
    assert "it is emptied, and the changelog read from its beginning" in caplog.text
    for n in (1, 2):
        commit(shelf, n)
    shelf.close()
    assert read_at(directory) == 2


def test_a_log_that_is_gone_while_a_later_one_is_there_is_noticed(whole: Path, tmp_path: Path) -> None:
    """RocksDB itself opens such a directory without a word: the links between writes tell."""
    directory = tmp_path / "0"
    shutil.copytree(whole, directory)
    database = Rdict(str(directory), Options(raw_mode=True))
    links_only = ReadOptions()
    links_only.set_iterate_upper_bound(b"o")
    links = {int.from_bytes(value): key for key, value in database.items(from_key=b"n", read_opt=links_only)}
    del database[links[max(links) - 3]]
    database.close()
    assert read_at(directory) is None

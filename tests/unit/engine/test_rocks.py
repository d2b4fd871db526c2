"""The shelf on disk: it goes on where it stood, and is emptied when the changelog cannot bring it up to date."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from rocksdict import WriteBatch

from processors.agenda import EVERYTHING, Due
from processors.engine.rocks import RocksShelf, memory_of
from processors.engine.rocks_disk import LINKS, Disk
from processors.engine.rocks_options import Memory
from processors.engine.state_directory import StateDirectory
from processors.fold import Fold
from tests.unit.core.library import BookLent, BookReserved, BookReturned, Desk, FinesPaid, library, minutes
from tests.unit.engine.rocks_story import commit, expected, found, opened

KEPT = timedelta(days=7)
"""How long the changelog of these tests says what was dropped."""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "state" / "library" / "0"


@pytest.fixture
def shelf(directory: Path) -> Iterator[RocksShelf]:
    made = opened(directory)
    yield made
    made.close()


def again(shelf: RocksShelf, directory: Path) -> RocksShelf:
    shelf.close()
    return opened(directory)


def test_a_new_shelf_stands_nowhere(shelf: RocksShelf) -> None:
    assert shelf.position is None
    assert found(shelf, 0) == expected(0)


def test_it_is_found_as_it_was_committed(shelf: RocksShelf, directory: Path) -> None:
    for n in range(1, 61):
        commit(shelf, n)
        if n % 20 == 0:
            shelf = again(shelf, directory)
            assert shelf.position == n
            assert found(shelf, n) == expected(n)
    shelf.close()


def test_what_was_not_committed_is_forgotten(shelf: RocksShelf, directory: Path) -> None:
    shelf.put("member/ada", "loans", "dune", b"1", minutes(1))
    shelf.commit(7)
    shelf.put("member/ada", "loans", "dune", None, None)
    shelf.put("member/eve", "", "", b"2", None)
    shelf.seen.add("a", 1)
    shelf.seen.take(1)
    shelf = again(shelf, directory)
    assert (shelf.position, list(shelf.keys())) == (7, ["member/ada"])
    assert shelf.ahead(True, None, EVERYTHING) == [Due(minutes(1), "member/ada", True, "loans", "dune")]
    assert "a" not in shelf.seen
    shelf.close()


def test_a_commit_without_a_position_leaves_it_where_it_was(shelf: RocksShelf, directory: Path) -> None:
    shelf.commit(7)
    shelf.put("member/eve", "", "", b"2", None)
    shelf.commit(None)
    shelf = again(shelf, directory)
    assert (shelf.position, list(shelf.keys())) == (7, ["member/eve"])
    shelf.close()


def test_a_row_may_expire_no_more_and_a_new_row_in_its_place_does_not(shelf: RocksShelf, directory: Path) -> None:
    for value, until in [(b"1", minutes(1)), (None, None), (b"2", None)]:
        shelf.put("member/ada", "loans", "dune", value, until)
        shelf.commit(1)
        shelf = again(shelf, directory)
    assert (shelf.ahead(True, None, EVERYTHING), shelf.until("member/ada", "loans", "dune")) == ([], None)
    shelf.close()


@pytest.mark.parametrize("identity", ["another-topic/library/1", "tests/library/2"])
def test_the_rows_of_another_are_not_read(
    shelf: RocksShelf, directory: Path, identity: str, caplog: pytest.LogCaptureFixture
) -> None:
    commit(shelf, 1)
    shelf.close()
    with caplog.at_level(logging.WARNING):
        others = RocksShelf.open(directory, identity, memory_of(4 * 1024 * 1024))
    assert (others.position, list(others.keys())) == (None, [])
    assert f"it belongs to tests/library/1, and this is {identity}" in caplog.text
    others.close()


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        ({"format": 1, "identity": "tests", "position": 1, "at": 0, "writes": 1}, "it is in format 1"),
        (None, "it does not say whose it is"),
    ],
)
def test_another_format_is_not_read(
    directory: Path, standing: dict[str, object] | None, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(directory, "tests", Memory())
    disk.write(WriteBatch(raw_mode=True), 1)
    if standing is None:
        disk._db().delete(b"m")
    else:
        disk._db().put(b"m", str(standing).replace("'", '"').encode())
    disk.close()
    disk = Disk(directory, "tests", Memory())
    assert disk.position is None
    assert why in caplog.text
    disk.close()


def test_more_writes_than_it_links_are_no_hole(directory: Path) -> None:
    disk = Disk(directory, "tests", Memory())
    for n in range(LINKS + 10):
        disk.write(WriteBatch(raw_mode=True), n)
    disk.close()
    disk = Disk(directory, "tests", Memory())
    assert disk.position == LINKS + 9
    disk.close()


def test_opened_again_it_reads_through_the_shared_cache(directory: Path) -> None:
    """RocksDB would go on with the options that it has saved, which know neither the cache nor the bloom filters."""
    memory = Memory(8 * 1024 * 1024)
    Disk(directory, "tests", memory).close()
    disk = Disk(directory, "tests", memory)
    assert disk._db().property_int_value("rocksdb.block-cache-capacity") == 8 * 1024 * 1024
    told = (directory / "LOG").read_text()
    assert "filter_policy: bloomfilter" in told
    disk.close()


def test_wiped_it_is_as_new(shelf: RocksShelf, directory: Path) -> None:
    commit(shelf, 1)
    shelf.wipe("the tests want it")
    assert shelf.position is None
    assert found(shelf, 1) == expected(0)
    commit(shelf, 1)
    shelf = again(shelf, directory)
    assert found(shelf, 1) == expected(1)
    shelf.close()


def test_a_scan_left_half_way_does_not_keep_it_open(shelf: RocksShelf, directory: Path) -> None:
    commit(shelf, 1)
    half_way = shelf.keys()
    next(half_way)
    shelf = again(shelf, directory)
    assert found(shelf, 1) == expected(1)
    shelf.close()


def outdated(shelf: RocksShelf, beginning: int, end: int, later: timedelta = timedelta()) -> str:
    return shelf.outdated(beginning, end, KEPT, datetime.now(UTC) + later) or ""


def test_a_new_shelf_is_never_outdated(shelf: RocksShelf) -> None:
    assert not outdated(shelf, 5, 500, later=timedelta(days=900))


def test_it_is_outdated_when_the_changelog_does_not_reach_it(shelf: RocksShelf) -> None:
    shelf.commit(100)
    assert not outdated(shelf, 0, 100)
    assert not outdated(shelf, 100, 300)
    assert "its changelog ends at 99" in outdated(shelf, 0, 99)
    assert "its changelog begins at 101" in outdated(shelf, 101, 300)


def test_it_is_outdated_when_compaction_may_have_forgotten_what_was_dropped_since(shelf: RocksShelf) -> None:
    shelf.commit(100)
    assert not outdated(shelf, 0, 300, later=timedelta(days=3))
    assert "says only for 7 days" in outdated(shelf, 0, 300, later=timedelta(days=4))
    assert "says only for 7 days" in outdated(shelf, 0, 300, later=-timedelta(days=4)), "the clock was wrong"


def test_it_may_stand_still_as_long_as_the_changelog_does(shelf: RocksShelf) -> None:
    """The last offset is that of the transaction's marker."""
    shelf.commit(100)
    assert not outdated(shelf, 0, 101, later=timedelta(days=400))
    assert outdated(shelf, 0, 102, later=timedelta(days=400))


HOLDER = """
import sys, time
from pathlib import Path
from tests.unit.engine.rocks_story import opened
shelf = opened(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
shelf.close()
"""


@pytest.fixture
def holder(directory: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that has the directory open, until it is told something."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_directory_that_another_process_has_is_refused(holder: "subprocess.Popen[str]", directory: Path) -> None:
    with pytest.raises(StateDirectory, match=f"process {holder.pid} still has it after 0.1 s; end that process"):
        opened(directory, lock_wait=0.1)


def test_a_directory_that_another_process_lets_go_is_taken(holder: "subprocess.Popen[str]", directory: Path) -> None:
    assert holder.stdin is not None
    holder.stdin.write("close\n")
    holder.stdin.flush()
    opened(directory, lock_wait=300).close()


def test_after_the_end_nothing_is_read_nor_written(shelf: RocksShelf) -> None:
    shelf.close()
    with pytest.raises(StateDirectory, match="it is closed"):
        shelf.get("member/ada", "", "")
    with pytest.raises(StateDirectory, match="it is closed"):
        shelf.ahead(False, None, 1)


def an_evening(desk: Desk, rng: Random, n: int) -> None:
    """One thing that happens in the library."""
    book, member = f"book-{rng.randrange(6)}", f"member/{rng.randrange(8)}"
    due = minutes(n + rng.randrange(40))
    happens = rng.choice(
        [BookLent(book=book, due=due), BookReturned(book=book), BookReserved(book=book, until=due), FinesPaid()]
    )
    desk.at(minutes(n)).hears(happens, member, id=f"e{rng.randrange(n + 1)}")


@pytest.mark.parametrize("seed", range(3))
def test_a_library_on_disk_is_the_library_in_memory_however_often_it_closes(directory: Path, seed: int) -> None:
    rng, same = Random(seed), Random(seed)
    in_memory = Desk(Fold(library, seen_window=timedelta(minutes=30)))
    shelf = opened(directory)
    on_disk = Desk(Fold(library, seen_window=timedelta(minutes=30), shelf=shelf))
    for n in range(200):
        an_evening(in_memory, rng, n)
        an_evening(on_disk, same, n)
        if n % 9 == 0:
            rows = in_memory.fold.take_changes()
            assert sorted(on_disk.fold.take_changes(), key=str) == sorted(rows, key=str)
            shelf.commit(n)
        if n % 36 == 0:
            shelf = again(shelf, directory)
            on_disk.fold = Fold(library, seen_window=timedelta(minutes=30), shelf=shelf)
            on_disk.fold.loaded()
    assert on_disk.outputs == in_memory.outputs
    assert on_disk.fold.states() == in_memory.fold.states()
    assert on_disk.fold.store.agenda.earliest == in_memory.fold.store.agenda.earliest
    shelf.close()


def test_a_machine_in_trouble_does_not_cost_the_rows(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails to answer is no reason to empty it."""
    shelf = opened(directory)
    commit(shelf, 1)
    shelf.close()

    def fails(disk: Disk, key: bytes) -> bytes | None:
        raise disk._failed(OSError(5, "Input/output error"))

    with monkeypatch.context() as trouble:
        trouble.setattr(Disk, "get", fails)
        with pytest.raises(StateDirectory, match="Input/output error"):
            opened(directory)
    shelf = opened(directory, lock_wait=0)
    assert found(shelf, 1) == expected(1)
    shelf.close()


def test_what_cannot_be_read_while_it_is_opened_is_emptied(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also behind the rows that say whose it is."""
    shelf = opened(directory)
    commit(shelf, 1)
    shelf.close()
    failed: list[bytes] = []
    scan = Disk.scan

    def fails_once(disk: Disk, prefix: bytes, start: bytes = b"", end: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        if prefix == b"u" and not failed:
            failed.append(prefix)
            raise disk._failed(RuntimeError("Corruption: block checksum mismatch"))
        return scan(disk, prefix, start, end)

    monkeypatch.setattr(Disk, "scan", fails_once)
    shelf = opened(directory)
    assert (failed, shelf.position, list(shelf.keys())) == ([b"u"], None, [])
    shelf.close()

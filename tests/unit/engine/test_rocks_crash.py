"""A process with its rows in RocksDB is killed in the midst of its commits: none that returned is lost or torn."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.unit.engine.rocks_story import expected, found, opened

ROOT = Path(__file__).parents[3]


def killed_after(directory: Path, commits: int) -> int:
    """Lets a process commit until it has done so many, and kills it in the next one; returns how many it had done."""
    command = [sys.executable, "-m", "tests.unit.engine.rocks_story", str(directory)]
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as out:
        done = [next(out) for _ in range(commits)]
        process.kill()
        done += [line for line in out if line.endswith("\n")]
    process.wait()
    return int(done[-1])


@pytest.mark.parametrize("seed", range(3))
def test_after_a_kill_there_is_the_last_commit_or_the_one_in_flight(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    for _ in range(5):
        returned = killed_after(tmp_path / "0", rng.randrange(1, 40))
        shelf = opened(tmp_path / "0")
        assert shelf.position in (returned, returned + 1)
        assert found(shelf, shelf.position) == expected(shelf.position)
        shelf.close()


def test_the_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    killed_after(tmp_path / "0", 1)
    opened(tmp_path / "0", lock_wait=0).close()

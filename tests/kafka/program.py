"""The program as its users run it: `backoffice` commands as processes, against the tests' broker."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError

from infra.admin import admin
from schemas.topics import Space

T = TypeVar("T")


def environment(bootstrap: str, home: Path) -> dict[str, str]:
    return {**os.environ, "BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap, "BACKOFFICE_HOME": str(home), "COLUMNS": "200"}


def backoffice(bootstrap: str, home: Path, *arguments: str, timeout: float = 300) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    command = [sys.executable, "-m", "backoffice", *arguments]
    return subprocess.run(
        command,
        env=environment(bootstrap, home),
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )


@contextmanager
def running(bootstrap: str, home: Path, *arguments: str, log: str = "process") -> Iterator["subprocess.Popen[bytes]"]:
    """Runs a command until the block is left; it is killed then if it still runs. Its output is in `home`."""
    command = [sys.executable, "-m", "backoffice", *arguments]
    with (home / f"{log}.log").open("ab") as out:
        process = subprocess.Popen(
            command, env=environment(bootstrap, home), stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def eventually(look: Callable[[], T], wanted: Callable[[T], object], within: float = 60.0) -> T:
    """Looks until what is seen is as wanted. Fails with what was seen last."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"not so within {within:.0f} s; last seen: {seen!r}"
        time.sleep(0.05)


def in_the_end(look: Callable[[], T], wanted: Callable[[T], object], stands_still: float = 120.0) -> T:
    """Looks until what is seen is as wanted, however long that takes: a loaded machine is slow, but gets on.

    Looking takes at most half of the time: who is waited for needs the processor, too. Fails once nothing new has
    been seen for so many seconds.
    """
    last: list[T] = []
    since = time.monotonic()
    while True:
        began = time.monotonic()
        seen = look()
        if wanted(seen):
            return seen
        if [seen] != last:
            last, since = [seen], time.monotonic()
        assert time.monotonic() - since < stands_still, f"nothing new for {stands_still:.0f} s; last seen: {seen!r}"
        time.sleep(max(0.05, time.monotonic() - began))


def lag(bootstrap: str, space: Space, topics: list[str]) -> dict[str, int]:
    """Records not yet passed by the processors, per inbox: the group's offsets against what a reader can see."""
    from tests.kafka.topics import ends

    done = committed(bootstrap, space)
    behind = dict.fromkeys(topics, 0)
    for (topic, partition), last in ends(bootstrap, [space.topic(t) for t in topics]).items():
        behind[space.short(topic)] += max(0, last + 1 - done.get((topic, partition), 0))
    return behind


def committed(bootstrap: str, space: Space) -> dict[tuple[str, int], int]:
    """The offset that the processors' group has committed for each topic and partition."""
    with admin(bootstrap) as cluster:
        try:
            found = cluster.list_group_offsets({space.group: None})[space.group]
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
            return {}  # a fresh broker makes its offsets topic when the first group comes
    return {(tp.topic, tp.partition): offset.offset for tp, offset in found.items()}

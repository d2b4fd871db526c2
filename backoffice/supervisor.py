"""The program's processes under one roof: started, started again when they fail, stopped together."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import IO

Report = Callable[[str], None]

STOP_WITHIN = 9.0
"""Seconds a child has between SIGTERM and SIGKILL; all are asked at once."""

STEADY = 30.0
"""Seconds after which a child counts as well again, and its next failure as its first."""

LONGEST_PAUSE = 10.0
"""Seconds before a child that keeps failing is started again, at most."""

FEW_FAILURES = 5
"""After so many in a row, work that ends by itself (an import, a demo) is given up."""

SUPERVISED_BY = "BACKOFFICE_SUPERVISED_BY"
"""The environment variable that tells a child whose it is: it ends when that process has ended."""


@dataclass(slots=True)
class _Child:
    name: str
    arguments: Sequence[str]
    log: Path | None
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    again_at: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


class TooManyFailures(Exception):
    """A child fails again and again; the text says which and where its log is."""


class Supervisor(AbstractContextManager["Supervisor"]):
    """Runs `backoffice` commands as child processes. Leaving the block stops them."""

    def __init__(self, report: Report, most_failures: int | None = None) -> None:
        """A child may fail `most_failures` times in a row; without that, it is started again for ever."""
        self._report = report
        self._most_failures = most_failures
        self._children: dict[str, _Child] = {}

    def start(
        self, name: str, *arguments: str, log: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """Starts `backoffice <arguments>` and keeps it running. With `log`, its output goes to that file."""
        environment = environment or {}
        process = self._spawn(arguments, log, environment)
        self._children[name] = _Child(name, arguments, log, process, time.monotonic(), environment=environment)

    def start_workers(
        self, count: int, space: str, bootstrap: str, logs: Path | None = None, metrics_port: int | None = None
    ) -> None:
        """Starts that many workers of a space; with a folder `logs`, each has a log file there.

        The first serves metrics at `metrics_port`, each other one at the next; at 0, each at a free one.
        Without it none does, whatever the environment says: the live workers have that port.
        """
        for n in range(1, count + 1):
            log = logs / f"{space}-worker-{n}.log" if logs else None
            port = "" if metrics_port is None else str(metrics_port and metrics_port + n - 1)
            environment = {"BACKOFFICE_BOOTSTRAP_SERVERS": bootstrap, "BACKOFFICE_METRICS_PORT": port}
            self.start(f"worker {n}", "worker", "--space", space, log=log, environment=environment)

    def pid(self, name: str) -> int:
        return self._children[name].process.pid

    def tend(self) -> None:
        """Starts again what has failed, after a pause that doubles. Raises TooManyFailures. Call it every while."""
        for child in self._children.values():
            if child.again_at is not None:
                if time.monotonic() >= child.again_at:
                    child.again_at = None
                    child.started = time.monotonic()
                    child.process = self._spawn(child.arguments, child.log, child.environment)
            elif (code := child.process.poll()) is not None:
                self._ended(child, code)

    def run(self, stop: Event, every: float = 0.5) -> None:
        """Tends the children until `stop` is set."""
        while not stop.wait(every):
            self.tend()

    def _ended(self, child: _Child, code: int) -> None:
        lived = time.monotonic() - child.started
        child.failures = 1 if lived > STEADY else child.failures + 1
        if self._most_failures is not None and child.failures > self._most_failures:
            where = f"; its last words are in {child.log}:\n{_tail(child.log)}" if child.log else ""
            raise TooManyFailures(f"{child.name} ended {child.failures} times in a row, last with code {code}{where}")
        pause = min(0.5 * 2 ** min(child.failures - 1, 10), LONGEST_PAUSE)
        self._report(f"{child.name} ended with code {code}; starting it again in {pause:.1f} s")
        child.again_at = time.monotonic() + pause

    def _spawn(
        self, arguments: Sequence[str], log: Path | None, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "backoffice", *arguments]
        env = {**os.environ, **environment, SUPERVISED_BY: str(os.getpid())}
        out: IO[bytes] | None = None
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            out = log.open("ab")
        try:
            return subprocess.Popen(  # its own session: Ctrl-C at the terminal is for the supervisor alone
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        finally:
            if out is not None:
                out.close()

    def stop(self) -> None:
        """Asks all children to end, and ends those that do not within `STOP_WITHIN` seconds."""
        alive = [child for child in self._children.values() if child.process.poll() is None]
        for child in alive:
            child.process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for child in alive:
            try:
                child.process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self._report(f"{child.name} did not stop within {STOP_WITHIN:.0f} s and is ended")
                child.process.kill()
                child.process.wait()
        self._children.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

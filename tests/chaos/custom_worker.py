"""A worker with settings and processors of a test's own: `python -m tests.chaos.custom_worker <JSON>`."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from backoffice import process
from backoffice.registry import processors
from processors.engine import worker as engine
from processors.engine.settings import EngineSettings
from processors.engine.watchdog import FAILED
from processors.processor import Processor
from schemas.topics import Space
from tests.kafka.program import environment

ROOT = Path(__file__).parents[2]
"""The folder that `tests` lies in: the worker imports the tests' departments from there."""

MOST_RESTARTS = 5


@dataclass(frozen=True)
class Custom:
    """What a worker runs. `departments`: of the tests' own, each `module:name`, in the place of those of their name.

    `only` names the processors that run, all when empty. `settings` are fields of EngineSettings.
    """

    space: Space
    settings: dict[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    def processors(self) -> tuple[Processor, ...]:
        """Every processor of this worker. Raises ValueError for a name that there is not."""
        found = {p.name: p for p in (*processors(), *map(_loaded, self.departments))}
        if unknown := set(self.only) - found.keys():
            raise ValueError(f"no processor {', '.join(sorted(unknown))}, only {', '.join(found)}")
        return tuple(p for name, p in found.items() if not self.only or name in self.only)

    def told(self) -> str:
        space = {"name": self.space.name, "replay": self.space.replay}
        return json.dumps(vars(self) | {"space": space})


def _loaded(name: str) -> Processor:
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, Processor), f"{name} is not a processor"
    return found


def started(bootstrap: str, home: Path, custom: Custom, log: str) -> "subprocess.Popen[bytes]":
    """Starts a worker. Its output is in `home`."""
    own = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}
    with (home / f"{log}.log").open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.custom_worker", custom.told()],
            env=environment(bootstrap, home) | own,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Kills a worker if it still runs."""
    if process.poll() is None:
        process.kill()
    process.wait()


@contextmanager
def working(bootstrap: str, home: Path, custom: Custom, *, log: str = "worker") -> Iterator["subprocess.Popen[bytes]"]:
    """Runs one worker until the block is left."""
    process = started(bootstrap, home, custom, log)
    try:
        yield process
    finally:
        end(process)


class Crew(AbstractContextManager["Crew"]):
    """Several workers. One that was fenced is started again, as `backoffice run` does."""

    def __init__(self, bootstrap: str, home: Path, custom: Custom, workers: int) -> None:
        self._start = partial(started, bootstrap, home, custom)
        self._processes = [self._start(f"worker-{n}") for n in range(workers)]
        self.restarts = 0

    def __exit__(self, *_: object) -> None:
        for worker in self._processes:
            end(worker)

    def kill_one(self) -> None:
        """kill -9, and a new one."""
        end(self._processes.pop(0))
        self._processes.append(self._start("after-the-kill"))

    def poll(self) -> None:
        """Looks after them. Fails when one ended in another way than by its own error, or they end again and again."""
        for n, each in enumerate(self._processes):
            code = each.poll()
            if code is not None:
                self.restarts += 1
                assert code == FAILED, f"a worker ended with {code}"
                assert self.restarts <= MOST_RESTARTS, "the workers end again and again"
                self._processes[n] = self._start(f"restart-{self.restarts}")


def main(told: str) -> int:
    """Runs what it is told, as `backoffice worker` runs; returns the exit code."""
    job = json.loads(told)
    process.set_up(verbose=True)
    custom = Custom(Space(**job.pop("space")), **job)
    settings = EngineSettings(
        bootstrap_servers=os.environ["BACKOFFICE_BOOTSTRAP_SERVERS"],
        data_dir=Path(os.environ["BACKOFFICE_HOME"]) / "worker" / custom.space.name,
        **custom.settings,
    )
    return engine.run(custom.space, custom.processors(), settings)


if __name__ == "__main__":
    # As in the command: Faust's threads may still hold the interpreter.
    os._exit(main(sys.argv[1]))

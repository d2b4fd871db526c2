"""The workers of one space as processes: started, killed, stopped, paused; and the space brought to rest."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from kafka import TopicPartition

from backoffice.registry import inboxes
from backoffice.supervisor import Supervisor
from processors.engine.watchdog import FAILED
from schemas.topics import Space, changelog
from tests.chaos.load import PATIENCE
from tests.chaos.watch import behind, how_far, open_transactions
from tests.kafka.program import environment, eventually, in_the_end

ROOT = Path(__file__).parents[2]
"""Where the tests' own packages can be imported from."""


READY = "partitions are ours"
"""What a worker says when all lanes of its share have begun."""


class Worker:
    """One process of `backoffice worker`, or of another command that runs one."""

    def __init__(self, bootstrap: str, home: Path, name: str, *command: str) -> None:
        self.name = name
        self.log = home / f"{name}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=environment(bootstrap, home),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=ROOT,
            )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def lanes(self) -> set[tuple[str, int]]:
        """The partitions of inboxes that it has, as it said when it last got a share; none before."""
        said = self.said()
        if not (shares := list(re.finditer(rf"(\d+) {READY}", said))):
            return set()
        begun = re.findall(r"(\S+)/(\d+): \d+ rows restored", said[: shares[-1].start()])
        return {(topic, int(partition)) for topic, partition in begun[-int(shares[-1][1]) :]}

    def takes_over(self) -> None:
        """Waits until it has another share than now, all of it fenced, restored and begun."""
        shares = self.said().count(READY)
        eventually(lambda: self.said().count(READY), lambda now: now > shares, within=PATIENCE)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """SIGTERM. It ends in good order; returns how long that took, in seconds."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        assert self.in_good_order, f"{self.name} ended with {self.process.returncode}: {self.said()[-3000:]}"
        return time.monotonic() - began

    @property
    def in_good_order(self) -> bool:
        """Whether it ended as one that was told to. One that was still being loaded has not listened yet."""
        return self.process.returncode == 0 or (self.process.returncode == -signal.SIGTERM and not self.said())

    def pause(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def fails(self, within: float = PATIENCE) -> str:
        """Waits until it has ended by itself as one that failed; returns what it said."""
        eventually(self.process.poll, lambda code: code is not None, within)
        assert self.process.returncode == FAILED, f"{self.process.returncode}: {self.said()[-3000:]}"
        return self.said()


class Fleet(AbstractContextManager["Fleet"]):
    """Workers of a space; those that still run when the block is left are killed."""

    def __init__(self, bootstrap: str, home: Path, space: Space) -> None:
        self._bootstrap = bootstrap
        self._home = home
        self._space = space
        self._all: list[Worker] = []

    def start(self, *command: str) -> Worker:
        """One more worker; `command` runs another than `backoffice worker`."""
        command = command or ("backoffice", "worker", "--space", self._space.name, "--verbose")
        worker = Worker(self._bootstrap, self._home, f"worker-{len(self._all) + 1}", *command)
        self._all.append(worker)
        return worker

    @property
    def alive(self) -> list[Worker]:
        return [worker for worker in self._all if worker.alive]

    def keeps(self, count: int) -> None:
        """Starts what is missing of so many workers, as a supervisor does: one that was too slow for its transactions
        has ended."""
        while len(self.alive) < count:
            self.start()

    def any(self, rng: random.Random) -> Worker:
        return rng.choice(self.alive)

    def all_live(self) -> None:
        """Fails when a worker ended that nobody killed or stopped."""
        ended = [w for w in self._all if not (w.alive or w.in_good_order or w.process.returncode == -signal.SIGKILL)]
        assert not ended, f"{ended[0].name} ended with {ended[0].process.returncode}: {ended[0].said()[-3000:]}"

    def pause_in_a_transaction(self, worker: Worker) -> None:
        """SIGSTOP at a moment when a transaction of its is open, which then stays open. Needs a load."""
        eventually(lambda: self._paused(worker), bool, within=PATIENCE)

    def _paused(self, worker: Worker) -> bool:
        """Whether a transaction of this worker, and not of another, is open now that it is stopped."""
        lanes = worker.lanes()
        worker.pause()
        first = self._open(lanes)
        if first and first & self._open(lanes):
            return True
        worker.resume()
        return False

    def _open(self, lanes: set[tuple[str, int]]) -> set[tuple[TopicPartition, int]]:
        """The changelogs' partitions in which transactions of these lanes are open, and since which offset."""
        changelogs = {self._space.topic(inbox): self._space.topic(changelog(name)) for name, inbox in inboxes().items()}
        found = open_transactions(self._bootstrap, *changelogs.values())
        theirs = {(changelogs[topic], partition) for topic, partition in lanes}
        return {(tp, offset) for tp, offset in found.items() if (tp.topic, tp.partition) in theirs}

    def settle(self) -> None:
        """Lets the workers process all there is, then stops them: nothing is left that the oracle would miss.

        However much there is: it fails when they get no further. A deadline may wake a partition between the look and
        the stop; then they go on.
        """
        for _ in range(20):
            in_the_end(self._left, lambda seen: seen[0] == 0, PATIENCE)
            for worker in self.alive:
                worker.stop()
            if behind(self._bootstrap, self._space) == 0:
                return
        raise AssertionError("the space does not come to rest: its own deadlines keep waking it")

    def _left(self) -> tuple[int, int]:
        """Records still to process, at least, and how far they are; somebody is there, as with a supervisor."""
        if not self.alive:
            self.start()
        return behind(self._bootstrap, self._space), how_far(self._bootstrap, self._space)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.alive:
            worker.kill()


@contextmanager
def supervised(bootstrap: str, home: Path, space: Space) -> Iterator[list[str]]:
    """A worker under its supervisor, which starts it again when it ends; gives what the supervisor says."""
    said: list[str] = []
    over = threading.Event()
    with Supervisor(said.append) as supervisor:
        supervisor.start_workers(1, space.name, bootstrap, home)
        tending = threading.Thread(target=supervisor.run, args=(over, 0.1), name="supervisor")
        tending.start()
        try:
            yield said
        finally:
            over.set()
            tending.join()

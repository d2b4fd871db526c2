"""The watchdog: ends a worker that has work and does nothing, so that its supervisor starts it again.

What is known to hang: a transaction's end that is never answered, consumers that die without a word
(faust-streaming issues 175, 532, 640), a rule that never returns. It lives in a thread and asks the broker
over a connection of its own, so that it sees also what blocks the event loop. A C function that keeps the
interpreter's lock (a regular expression that runs away) blocks even this thread: for that the operating
system's timer is set, which counts the processor time of this process and is set anew at each turn.
"""

import asyncio
import contextlib
import faulthandler
import logging
import os
import signal
import tempfile
import threading
import time
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from processors.engine.ends import Ends
from processors.engine.progress import LaneProgress, Progress
from processors.engine.settings import EngineSettings

log = logging.getLogger(__name__)

FAILED = 70
"""Exit code of a worker that met something unexpected (EX_SOFTWARE): its supervisor starts it again."""

LAST_WORDS_WITHIN = 5.0
"""Seconds the log has to take the reason: whoever holds its lock may be what hangs."""


Marks = dict[Hashable, tuple[Hashable, float]]
"""What was looked at, what mark it bore, and since when."""


class Seen(NamedTuple):
    """One lane at one look. `lag` None: the end of its partition is not known yet."""

    number: int
    where: str
    ready: bool
    lag: int | None
    mark: Hashable
    """Whatever changes when the lane does something."""


def seen(lane: LaneProgress) -> Seen:
    where = f"{lane.topic}/{lane.partition}"
    if not lane.ready:
        return Seen(lane.number, where, False, None, lane.restored_rows)
    return Seen(lane.number, where, True, lane.lag, (lane.passed, lane.applied))


class Watch:
    """Decides, look by look, whether something stands still. Pure: the caller brings the clock, in seconds.

    The clock must not run while the process does not, see `awake`.
    """

    def __init__(self, stall_timeout: float) -> None:
        self._timeout = stall_timeout
        self._since: Marks = {}

    def look(
        self, at: float, beats: int, assigned: bool, lanes: Iterable[Seen], broker_answers: bool = True
    ) -> str | None:
        """What stands still, as a sentence; None when nothing has for the stall timeout.

        While no broker answers only the event loop is judged: the lanes wait for the broker, as they should.
        """
        before, self._since = self._since, {}
        if self._stands(before, "loop", beats, at):
            return f"the event loop has not run for {self._timeout:g} s: a rule or a library call does not return"
        if not broker_answers:
            return None
        if not assigned and self._stands(before, "group", None, at):
            return f"the consumer group has not shared out its partitions for {self._timeout:g} s"
        found = [why for lane in lanes if (why := self._judge(before, lane, at))]
        return "; ".join(found) or None

    def _judge(self, before: Marks, lane: Seen, at: float) -> str | None:
        if lane.ready and not lane.lag:
            return None
        if not self._stands(before, lane.number, (lane.ready, lane.mark), at):
            return None
        if not lane.ready:
            return f"{lane.where} restores its state, and no row has come for {self._timeout:g} s"
        return f"{lane.where} has {lane.lag} records to do, and has done none for {self._timeout:g} s"

    def _stands(self, before: Marks, what: Hashable, mark: Hashable, at: float) -> bool:
        """Whether the mark has been the same for the timeout. Whatever is not asked about starts anew."""
        last, since = before.get(what, (None, at))
        if last != mark:
            since = at
        self._since[what] = (mark, since)
        return at - since >= self._timeout


class Watchdog:
    """The thread. `start` and `stop` belong to the main thread."""

    def __init__(self, progress: Progress, settings: EngineSettings) -> None:
        self._progress = progress
        self._timeout = settings.stall_timeout
        self._every = min(1.0, self._timeout / 10)
        self._watch = Watch(self._timeout)
        self._ends = Ends(progress, settings.bootstrap_servers, every=min(5.0, self._timeout / 10))
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        faulthandler.register(signal.SIGVTALRM, all_threads=True, chain=True)
        self._thread.start()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        faulthandler.unregister(signal.SIGVTALRM)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._turns())
        except Exception:
            log.exception("the watchdog itself failed; a worker that nobody watches ends")
            os._exit(FAILED)

    async def _turns(self) -> None:
        asking = asyncio.create_task(self._ends.keep_asking())
        clock = 0.0
        while not self._stopping.is_set():
            signal.setitimer(signal.ITIMER_VIRTUAL, self._timeout)
            before = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._every)
            clock += awake(time.monotonic() - before, self._every)
            if asking.done():
                asking.result()
            if why := self._look(clock):
                end(why)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking

    def _look(self, clock: float) -> str | None:
        lanes = [seen(lane) for lane in list(self._progress.lanes.values())]
        return self._watch.look(
            clock, self._progress.beats, self._progress.assigned, lanes, self._ends.answered_within(self._timeout / 2)
        )


def awake(elapsed: float, meant: float) -> float:
    """How much of the time since the last turn counts, when a turn was meant to take `meant` seconds.

    A process that was stopped (SIGSTOP, a laptop's lid) takes up its work where it was: it has not stood still.
    """
    return min(elapsed, 2 * meant)


def end(why: str) -> None:
    """Ends the process at once: what hangs cannot be asked to stop, and nothing uncommitted is acknowledged."""
    hurry = threading.Timer(LAST_WORDS_WITHIN, os._exit, (FAILED,))
    hurry.daemon = True
    hurry.start()
    log.critical("no progress: %s. Ending, to be started again. What every thread does:\n%s", why, stacks())
    os._exit(FAILED)


def stacks() -> str:
    """Where every thread of the process is, by name, the most recent call first."""
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        text = file.read().decode(errors="replace")
    for thread in threading.enumerate():
        text = text.replace(f"0x{thread.ident:016x}", f'"{thread.name}"')
    return text

"""The notifier's loop: notices in, deliveries side by side, outcomes out, then the offset: at least once."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import NamedTuple, Protocol

from consumers.notify.holding import Batch, Holding
from consumers.notify.lanes import Lanes
from consumers.notify.notices import NoticeLog, Place, Taken
from consumers.notify.outcomes import OutcomeLog
from consumers.notify.progress import Progress, Standing
from consumers.notify.receivers import Receiver, Receivers, Result
from consumers.notify.retry import RetryPolicy, Stopped
from schemas.notices import Notice
from schemas.topics import Space

log = logging.getLogger(__name__)

SOON_SECONDS = 0.02
"""How long the loop waits for notices while some are under way: their outcomes are to be on the log soon after."""

LATER_SECONDS = 0.1
"""The same while none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifierSettings:
    """What a notifier needs to run."""

    bootstrap_servers: str
    """Kafka brokers, `host:port[,host:port]`."""
    space: Space = field(default_factory=Space)
    """Whose notices are delivered."""
    receivers: Mapping[str, Receiver]
    """How each receiver is reached."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    """How often and how long a delivery is tried."""
    max_outstanding: int = 10_000
    """Notices under way or held, over all receivers, beyond which no more are fetched."""
    grace_seconds: float = 3
    """How long a stop waits for deliveries under way. Those not done by then come again after the next start."""

    @property
    def group(self) -> str:
        """The consumer group of this space's notifiers."""
        return f"{self.space.name}.notifier"


class Delivery(NamedTuple):
    """One notice, and what became of it."""

    notice: Notice
    result: Result


DeliverLog = Callable[[Delivery], None]
"""Called once for each delivery whose outcome is on the log, before its offset is committed."""


class Turn(NamedTuple):
    """How the loop stands: notices under way, and notices held."""

    under_way: int
    held: int


class _Done(NamedTuple):
    taken: Taken
    result: Result


class _Inbox(Protocol):
    def fetch(self, timeout: float) -> Sequence[Taken]: ...
    def assigned(self) -> Mapping[Place, Standing] | None: ...
    def pause(self, full: bool) -> None: ...
    def commit(self, commits: Mapping[Place, Standing]) -> bool: ...
    def close(self) -> None: ...


def run(
    settings: NotifierSettings,
    stop: Event,
    deliver_log: DeliverLog = lambda delivery: None,
    on_turn: Callable[[Turn], None] = lambda turn: None,
) -> Counter[str]:
    """Delivers notices until `stop` is set, and returns counts of `delivered`, `failed`, `skipped`.

    `on_turn` hears each time the loop goes round.

    Raises kafka.errors.KafkaError when an outcome cannot be written: what is not on the log has not
    happened, and those notices are delivered again, with the same keys, after the next start.
    """
    notices = NoticeLog(settings.bootstrap_servers, settings.space, settings.group)
    try:
        outcomes = OutcomeLog(settings.bootstrap_servers, settings.space, stop)
        try:
            return Notifier(settings, stop, deliver_log, notices, outcomes, on_turn).run()
        finally:
            outcomes.close()
    finally:
        notices.close()


class Notifier:
    """One run. The thread that calls `run` talks to Kafka; each receiver's lane talks to its channels."""

    def __init__(
        self,
        settings: NotifierSettings,
        stop: Event,
        deliver_log: DeliverLog,
        notices: _Inbox,
        outcomes: "_Outbox",
        on_turn: Callable[[Turn], None] = lambda turn: None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._settings = settings
        self._stop = stop
        self._deliver_log = deliver_log
        self._notices = notices
        self._outcomes = outcomes
        self._on_turn = on_turn
        self._progress: Progress[Place] = Progress()
        self._holding = Holding(settings.receivers)
        self._receivers = Receivers(settings.receivers, settings.retry, stop)
        self._done: SimpleQueue[_Done] = SimpleQueue()
        self._faults: SimpleQueue[BaseException] = SimpleQueue()
        self._lanes: Lanes[Batch] = Lanes(self._deliver, self._faults.put)

    def run(self) -> Counter[str]:
        """Until stopped. Raises what a lane or Kafka raises."""
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            self._stop.set()
            if not self._lanes.stop(self._settings.grace_seconds):
                log.warning("stopped with deliveries under way; they are repeated after the next start")
        self._settle()
        self._receivers.close()
        return self.counts

    def _turn(self) -> None:
        self._notices.pause(self._progress.outstanding >= self._settings.max_outstanding)
        under_way = self._progress.outstanding - len(self._holding)
        self._on_turn(Turn(under_way, len(self._holding)))
        fetched = self._notices.fetch(SOON_SECONDS if under_way > 0 else LATER_SECONDS)
        if (standings := self._notices.assigned()) is not None:
            self._holding.drop(self._progress.assigned(standings))
        for taken in fetched:
            self._take(taken)
        self._start(self._holding.due())
        self._settle()

    def _take(self, taken: Taken) -> None:
        """A record that came. One that is done, or in hand already, is no news."""
        if not self._progress.take(taken.place, taken.offset):
            return
        if taken.notice is None:
            self.counts["skipped"] += 1
            self._progress.done(taken.place, taken.offset)
        else:
            self._start(self._holding.admit(taken))

    def _start(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            assert batch[0].notice is not None
            self._lanes.put(batch[0].notice.receiver, batch)

    def _deliver(self, batch: Batch) -> None:
        """In a lane's thread."""
        ours = [taken for taken in batch if self._progress.is_open(taken.place, taken.offset)]
        notices = [taken.notice for taken in ours if taken.notice is not None]
        if not notices:
            return
        try:
            results = self._receivers.deliver(notices)
        except Stopped:
            log.info("notice %s: stopped before it was delivered", notices[0].about.id)
            return
        for taken, result in zip(ours, results, strict=True):
            self._done.put(_Done(taken, result))

    def _settle(self) -> None:
        """Writes the outcomes there are, waits until they are on the log, and only then moves the offset."""
        if not self._faults.empty():
            raise self._faults.get()
        done = _drain(self._done)
        self._outcomes.write([(d.taken, d.result) for d in done])
        for taken, result in done:
            assert taken.notice is not None
            self.counts["delivered" if result.type.endswith("delivered") else "failed"] += 1
            self._deliver_log(Delivery(taken.notice, result))
            self._progress.done(taken.place, taken.offset)
        self._commit()

    def _commit(self) -> None:
        commits = self._progress.take_commits()
        if not commits:
            return
        if self._notices.commit(commits):
            self._progress.committed(commits)
        else:
            self._progress.not_committed(commits)


class _Outbox(Protocol):
    def write(self, results: Sequence[tuple[Taken, Result]]) -> None: ...


def _drain(queue: "SimpleQueue[_Done]") -> list[_Done]:
    found = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found

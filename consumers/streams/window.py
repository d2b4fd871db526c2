"""What of a topic one person is shown: what stands there whole, a page at a time; of what comes, a sample.

What was left out of the sample is counted. No thread and no lock: `following.Stream` has both.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consumers.log import Position
from consumers.seen import Seen
from consumers.streams.look import Look
from consumers.streams.sampling import Budget, evenly


@dataclass(frozen=True, slots=True)
class Limits:
    """`per_second`: shown of what comes; `page`: of what stands there; `held` until they are taken."""

    per_second: float = 50
    page: int = 200
    held: int = 1_000


class Window:
    """Counts records since the beginning; `left_out` are those that matched and were not shown."""

    def __init__(self, limits: Limits, now: float) -> None:
        self.read = self.matched = self.left_out = self.behind = 0
        self.positions: Mapping[Position, int] | None = None
        """What is read next; None before anything was."""
        self.targets: Mapping[Position, int] | None = {}
        """Where the log ended when we began, or went on; None: they are to be asked for. Beyond them we are live."""
        self._limits = limits
        self._budget = Budget(limits.per_second, now)
        self._held: deque[Seen] = deque()
        self._waiting: deque[Look] = deque()
        """What was read of a page that is full."""
        self._allowance = limits.page

    @property
    def is_live(self) -> bool:
        return self.targets == {}

    @property
    def is_full(self) -> bool:
        """Whether nothing more is shown of what stands there until somebody asks for another page."""
        return not self.is_live and self._allowance == 0

    def take(self) -> list[Seen]:
        """What is new since it was last asked."""
        seen = list(self._held)
        self._held.clear()
        return seen

    def aims_at(self, ends: Mapping[Position, int]) -> None:
        """What stands there up to these offsets is shown whole; what comes after them is live."""
        self.targets = ends
        self._allowance = self._limits.page

    def goes_on(self) -> None:
        """After a pause: what came meanwhile stands there now, up to ends that are to be asked for."""
        self.targets = None
        self._turn_page()

    def more(self) -> None:
        """Another page of what stands there."""
        self._turn_page()
        self._reach()

    def absorb(self, read: int, matched: Sequence[Look], positions: Mapping[Position, int], now: float) -> None:
        """Takes in those that matched, of so many that were read, up to these positions."""
        self.positions = positions
        self.read += read
        self.matched += len(matched)
        if self.is_live:
            chosen = evenly(matched, self._budget.spend(len(matched), now))
            self.left_out += len(matched) - len(chosen)
            self._hold(chosen)
            return
        self._waiting.extend(matched)
        self._serve()
        self._reach()

    def passes_over(self, positions: Mapping[Position, int]) -> None:
        """What lies between was not read: offsets, so perhaps a few more than records. From there on we are live."""
        before = self.positions or {}
        skipped = sum(max(0, at - before.get(each, at)) for each, at in positions.items())
        self.left_out += skipped + len(self._waiting)
        self._waiting.clear()
        self.positions, self.targets, self.behind = positions, {}, 0

    def _turn_page(self) -> None:
        self._allowance = self._limits.page
        self._serve()

    def _reach(self) -> None:
        """Live, once all of what stood there has been read and shown."""
        at, targets = self.positions or {}, self.targets
        if targets and not self._waiting and all(at.get(each, end) >= end for each, end in targets.items()):
            self.targets = {}

    def _serve(self) -> None:
        """As much of what waits as the page has room for."""
        count = min(self._allowance, len(self._waiting))
        self._allowance -= count
        self._hold([self._waiting.popleft() for _ in range(count)])

    def _hold(self, looks: Sequence[Look]) -> None:
        self._held.extend(look.seen for look in looks)
        while len(self._held) > self._limits.held:
            self._held.popleft()
            self.left_out += 1

"""The dead-letter limit: a few bad records are theirs, many are ours."""

from collections import deque


class TooManyDeadLetters(Exception):
    """The worker stops: so many records going to the dead letters means that something here is wrong."""


class DeadLetterLimit:
    """Raises once more than a share of the last `window` records went to the dead letters. Good ones cost nothing."""

    def __init__(self, window: int = 1_000, share: float = 0.5) -> None:
        self._window = window
        self._most = int(window * share)
        self._dead: deque[int] = deque()

    def note(self, record: int) -> None:
        """The `record`th record of this lane is a dead one. Raises TooManyDeadLetters."""
        if self._dead and record <= self._dead[-1]:
            return  # another of its deadlines failed, or its batch is done again
        self._dead.append(record)
        while self._dead[0] <= record - self._window:
            self._dead.popleft()
        if len(self._dead) > self._most:
            raise TooManyDeadLetters(
                f"{len(self._dead)} of the last {min(record, self._window)} records could not be read or applied; "
                "nothing of this batch was acknowledged. Look at the dead letters (`backoffice tail dead-letters`), "
                "mend the sender or the rule, then start the worker again."
            )

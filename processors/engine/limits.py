"""The dead-letter limit: a few bad records are theirs, many are ours."""

from collections import deque


class TooManyDeadLetters(Exception):
    """The worker stops: so many records going to the dead letters means that something here is wrong."""


class DeadLetterLimit:
    """Raises once more than a share of the last `window` records went to the dead letters."""

    def __init__(self, window: int = 1_000, share: float = 0.5) -> None:
        self._recent: deque[bool] = deque(maxlen=window)
        self._dead = 0
        self._most = int(window * share)

    def note(self, dead: bool) -> None:
        """One more record, good or dead. Raises TooManyDeadLetters."""
        if len(self._recent) == self._recent.maxlen:
            self._dead -= self._recent[0]
        self._recent.append(dead)
        self._dead += dead
        if self._dead > self._most:
            raise TooManyDeadLetters(
                f"{self._dead} of the last {len(self._recent)} records could not be read or applied; "
                "nothing of this batch was acknowledged. Look at the dead letters (`backoffice tail dead-letters`), "
                "mend the sender or the rule, then start the worker again."
            )

"""A training of a person: whether it holds, and since when it has lapsed, for rules over several departments."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from processors.calendar import Calendar
from schemas.envelope import Evidence
from schemas.facts import TrainingState


@dataclass(frozen=True, slots=True)
class Lapse:
    """A span in which it had lapsed, as told last. `until` None: it has, up to now."""

    since: datetime
    until: datetime | None = None
    holds: bool = False
    """True: it had not lapsed after all."""

    @property
    def is_open(self) -> bool:
        return self.until is None and not self.holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """One training of a person. What was completed and when it expired may be known before it is required."""

    required: bool = False
    due_on: date | None = None
    told_at: datetime | None = None
    assigned: Evidence | None = None
    completed_on: date | None = None
    valid_until: date | None = None
    completed: Evidence | None = None
    expired_on: date | None = None
    """As was said outright; a later completion is not concerned."""
    expired: Evidence | None = None
    lapse: Lapse | None = None
    """The latest that was published."""
    publications: int = 0

    @property
    def holds_until(self) -> date | None:
        """The last day on which the latest completion holds; None: for ever."""
        expired = self.expired_on
        if self.completed_on is not None and expired is not None and expired < self.completed_on:
            expired = None
        return min((day for day in (self.valid_until, expired) if day), default=None)

    @property
    def because(self) -> tuple[Evidence | None, ...]:
        """What requires it, and what tells the last day on which it was in order, where its date does not."""
        until = self.holds_until
        if until is None:
            return (self.assigned,)
        return self.assigned, self.completed if until == self.valid_until else self.expired

    @property
    def last_day(self) -> date | None:
        """The last day on which it is in order: its date counts until it is completed, then how long that holds."""
        if not self.required:
            return None
        return self.holds_until if self.completed_on is not None or self.expired_on else self.due_on

    def told(self, lapsed_at: datetime | None, calendar: Calendar) -> tuple["Training", list[Lapse]]:
        """With what is news of its lapses, oldest first. `lapsed_at`: since when it has lapsed now, if it has."""
        known, news = self.lapse, list[Lapse]()
        if known is not None and known.is_open and known.since != lapsed_at:
            news.append(self._ended(known, calendar))
        if lapsed_at is not None and (known is None or not known.is_open or known.since != lapsed_at):
            news.append(Lapse(lapsed_at))
        return replace(self, lapse=news[-1] if news else known), news

    def _ended(self, lapse: Lapse, calendar: Calendar) -> Lapse:
        """Until the day of its completion begins, or until it was required no more. Where that is before it had
        lapsed, or where only its date has moved, it never had."""
        until = None
        if not self.required:
            until = self.told_at
        elif self.completed_on is not None:
            until = calendar.at(self.completed_on, "00:00")
        if until is None or until <= lapse.since:
            return replace(lapse, holds=True)
        return replace(lapse, until=until)

    def fact(self, name: str, lapse: Lapse, revision: int) -> TrainingState:
        return TrainingState(
            training=name,
            holds=lapse.holds,
            since=lapse.since,
            until=lapse.until,
            revision=revision,
            record=self.completed or self.assigned,
        )


NO_TRAINING = Training()
"""What is known of one that was never heard of."""

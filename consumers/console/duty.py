"""Who is on duty, as the page *On call* shows it: day by day, with what differs from the plan, and with gaps."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from consumers.oncall import Duties


class OnCall(NamedTuple):
    """Who is on duty by a schedule; nobody: a gap."""

    schedule: str
    who: tuple[str, ...]
    until: datetime | None


class Stretch(NamedTuple):
    """Who is on duty from an instant until another, and who would be if nobody stood in and nobody were on leave."""

    starts_at: datetime
    ends_at: datetime
    who: tuple[str, ...]
    planned: tuple[str, ...]


class Rota(Protocol):
    """The organisation's schedules, with what is known of overrides and leave."""

    @property
    def schedules(self) -> Sequence[str]: ...

    @property
    def users(self) -> Sequence[str]:
        """Who can be on duty."""
        ...

    def zone(self, schedule: str) -> str:
        """The name of the time zone whose clock on the wall it follows."""
        ...

    def local(self, schedule: str, at: datetime) -> datetime:
        """An instant, on that clock."""
        ...

    def instant(self, schedule: str, day: date, time: str = "00:00") -> datetime:
        """What that clock means by a day and a time, in UTC. Raises ValueError for no time."""
        ...

    def stretches(self, schedule: str, duties: Duties, begin: datetime, end: datetime) -> Sequence[Stretch]: ...

    def now(self, duties: Duties, at: datetime) -> Sequence[OnCall]: ...

    def feed(self, schedule: str, duties: Duties, now: datetime, user: str | None = None) -> bytes:
        """As an iCalendar file."""
        ...


class Piece(NamedTuple):
    """A stretch, or what of it is on one day. Times are on the schedule's wall, `24:00` where it goes on."""

    begins: str
    ends: str
    who: tuple[str, ...]
    planned: tuple[str, ...]

    @property
    def is_gap(self) -> bool:
        return not self.who

    @property
    def differs(self) -> bool:
        return self.who != self.planned


def by_day(
    stretches: Sequence[Stretch], local: Callable[[datetime], datetime], first: date, days: int
) -> Iterator[tuple[date, list[Piece]]]:
    """The days from the first on, each with its pieces. `stretches` follow one another without holes."""
    for day in (first + timedelta(days=n) for n in range(days)):
        yield day, [piece for one in stretches if (piece := _on(one, local, day)) is not None]


def _on(stretch: Stretch, local: Callable[[datetime], datetime], day: date) -> Piece | None:
    begins, ends = local(stretch.starts_at), local(stretch.ends_at)
    starts_later = begins.date() > day
    ended = ends.date() < day or (ends.date() == day and f"{ends:%H:%M}" == "00:00")
    if starts_later or ended:
        return None
    return Piece(
        f"{begins:%H:%M}" if begins.date() == day else "00:00",
        f"{ends:%H:%M}" if ends.date() == day else "24:00",
        stretch.who,
        stretch.planned,
    )

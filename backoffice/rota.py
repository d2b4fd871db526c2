"""The configuration's schedules, with overrides and leave as they stand, for console and API."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

from backoffice.config import Configuration
from backoffice.oncall import ical, rosters
from consumers.console.duty import OnCall, Stretch
from consumers.oncall import Duties
from processors.alerting.oncall.roster import Roster


class ConfiguredRota:
    """A `consumers.console.duty.Rota`."""

    def __init__(self, found: Configuration) -> None:
        self._found = found
        self._plan = self._rosters(Duties())
        self._known = (Duties(), self._plan)

    @property
    def schedules(self) -> Sequence[str]:
        return list(self._plan)

    @property
    def users(self) -> Sequence[str]:
        return [user.name for user in self._found.alerting.users]

    def zone(self, schedule: str) -> str:
        return self._plan[schedule].calendar.time_zone

    def local(self, schedule: str, at: datetime) -> datetime:
        return self._plan[schedule].calendar.local(at)

    def instant(self, schedule: str, day: date, time: str = "00:00") -> datetime:
        return self._plan[schedule].calendar.at(day, time).astimezone(UTC)

    def stretches(self, schedule: str, duties: Duties, begin: datetime, end: datetime) -> Sequence[Stretch]:
        plan, now = self._plan[schedule], self._as_it_is(duties)[schedule]
        planned, actual = list(plan.shifts(begin, end)), list(now.shifts(begin, end))
        edges = sorted({begin, end, *(shift.ends_at for shift in (*planned, *actual))})
        return [Stretch(since, until, now.on_call(since), plan.on_call(since)) for since, until in pairwise(edges)]

    def now(self, duties: Duties, at: datetime) -> Sequence[OnCall]:
        every = self._as_it_is(duties)
        return [OnCall(name, roster.on_call(at), roster.next_change(at)) for name, roster in every.items()]

    def feed(self, schedule: str, duties: Duties, now: datetime, user: str | None = None) -> bytes:
        return ical(self._as_it_is(duties)[schedule], now, user)

    def _as_it_is(self, duties: Duties) -> dict[str, Roster]:
        """Made anew only when somebody stands in, goes away or comes back."""
        known, every = self._known
        if duties is not known:
            every = self._rosters(duties)
            self._known = (duties, every)
        return every

    def _rosters(self, duties: Duties) -> dict[str, Roster]:
        if not self._found.alerting.schedules:
            return {}
        return {roster.schedule.name: roster for roster in rosters(self._found, duties)}

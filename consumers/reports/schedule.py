"""When a mail is due, and of which period."""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

from consumers.reports.period import DAY, Period, month_before, week_before
from consumers.reports.settings import ReportMail, Weekday

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


class Due(NamedTuple):
    """A mail of a period, and since when it is due."""

    mail: ReportMail
    period: Period
    since: datetime

    @property
    def id(self) -> str:
        """Which mail it is. There is one of each."""
        return f"{self.mail.name}/{self.period.first}"


def last_due(mail: ReportMail, zone: str, now: datetime) -> Due:
    """The latest mail that is due by now. One that was missed longer ago is not made up for."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date()
    for _ in range(2):
        due = _of_week(mail, zone, day) if mail.every == "week" else _of_month(mail, zone, day)
        if due.since <= now:
            return due
        day = due.period.first
    raise AssertionError("the one before is due since a week at least")


def _of_week(mail: ReportMail, zone: str, day: date) -> Due:
    period = week_before(day, zone)
    return Due(mail, period, _at(period.last + DAY * (1 + WEEKDAYS.index(mail.weekday)), mail.at, zone))


def _of_month(mail: ReportMail, zone: str, day: date) -> Due:
    period = month_before(day, zone)
    return Due(mail, period, _at(period.last + timedelta(days=mail.day), mail.at, zone))


def _at(day: date, clock: str, zone: str) -> datetime:
    """That time on that day; where the clocks leave it out, as much later as they jump."""
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)

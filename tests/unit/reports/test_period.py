"""Periods are whole days of the organisation; mails are due once for each."""

from datetime import UTC, date, datetime

import pytest

from consumers.notify.channels.config import EmailChannel
from consumers.reports.period import BadPeriod, Period, month_before, parse, today, week_before
from consumers.reports.schedule import last_due
from consumers.reports.settings import ReportMail

BERLIN = "Europe/Berlin"


def test_a_period_is_whole_days_on_the_organisations_wall() -> None:
    period = Period(date(2026, 3, 28), date(2026, 3, 29), BERLIN)
    assert period.begins == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert period.ends == datetime(2026, 3, 29, 22, tzinfo=UTC)  # the clocks have gone forward


def test_nothing_said_is_the_last_thirty_days() -> None:
    period = parse(None, None, "UTC", date(2026, 3, 30))
    assert (period.first, period.last, period.days) == (date(2026, 3, 1), date(2026, 3, 30), 30)


@pytest.mark.parametrize(
    ("first", "last"), [("2026-02-30", None), ("x", None), ("2026-02-02", "2026-02-01"), ("", "0")]
)
def test_what_is_no_period_is_refused(first: str, last: str | None) -> None:
    with pytest.raises(BadPeriod):
        parse(first, last, "UTC", date(2026, 3, 30)) if first else parse(None, last, "UTC", date(2026, 3, 30))


@pytest.mark.parametrize("day", [date(2026, 1, 12), date(2026, 1, 15), date(2026, 1, 18)])
def test_the_week_before_ends_on_sunday(day: date) -> None:
    assert week_before(day, "UTC") == Period(date(2026, 1, 5), date(2026, 1, 11), "UTC")


def test_the_month_before() -> None:
    assert month_before(date(2026, 3, 1), "UTC") == Period(date(2026, 2, 1), date(2026, 2, 28), "UTC")
    assert month_before(date(2026, 1, 31), "UTC") == Period(date(2025, 12, 1), date(2025, 12, 31), "UTC")


def test_today_is_the_organisations() -> None:
    assert today(BERLIN, datetime(2026, 1, 5, 23, 30, tzinfo=UTC)) == date(2026, 1, 6)


MAIL = EmailChannel.model_validate({"to": ["a@example.com"], "from": "b@example.com", "smarthost": "localhost:25"})
WEEKLY = ReportMail(name="weekly", weekday="tue", at="07:00", mail=MAIL)
MONTHLY = ReportMail(name="monthly", every="month", day=3, at="07:00", mail=MAIL)


@pytest.mark.parametrize(
    ("mail", "now", "first"),
    [
        (WEEKLY, datetime(2026, 1, 13, 5, 59, 59, tzinfo=UTC), date(2025, 12, 29)),  # one second before
        (WEEKLY, datetime(2026, 1, 13, 6, 0, tzinfo=UTC), date(2026, 1, 5)),  # Tuesday 07:00 in Berlin
        (WEEKLY, datetime(2026, 1, 18, 22, 0, tzinfo=UTC), date(2026, 1, 5)),  # still of that week
        (MONTHLY, datetime(2026, 3, 3, 5, 59, 59, tzinfo=UTC), date(2026, 1, 1)),
        (MONTHLY, datetime(2026, 3, 3, 6, 0, tzinfo=UTC), date(2026, 2, 1)),
        (MONTHLY, datetime(2026, 3, 31, 20, 0, tzinfo=UTC), date(2026, 2, 1)),
    ],
)
def test_a_mail_is_due_at_its_time_and_stays_so_until_the_next(mail: ReportMail, now: datetime, first: date) -> None:
    due = last_due(mail, BERLIN, now)
    assert due.period.first == first
    assert due.since <= now

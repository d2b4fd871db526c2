"""Mails of reports: what is in them, and that there is one of each period."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from consumers.notify.channels.base import Final, Transient
from consumers.notify.channels.config import EmailChannel
from consumers.reports.figures import REPORTS
from consumers.reports.mailing import LONGEST_PAUSE, Reporter, made
from consumers.reports.schedule import Due, last_due
from consumers.reports.settings import ReportMail, ReportName, ReportsSettings
from consumers.reports.showing import links_to
from schemas.it import OutageDetected
from tests.office import Office, instant
from tests.unit.reports.history import History

MAIL = EmailChannel.model_validate(
    {"to": ["Board <board@example.com>"], "from": "office@example.com", "smarthost": "localhost:25"}
)
WEEKLY = ReportMail(name="weekly", reports=("outages", "overdue"), mail=MAIL)
MONDAY = datetime(2026, 1, 12, 7, tzinfo=UTC)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    office = Office().at("2026-01-05T10:00")
    told = office.receives(("service/<b>vpn</b>", OutageDetected(outage="O-1", since=instant("2026-01-05T10:00"))))
    made = History(tmp_path, told, now=MONDAY)
    yield made
    made.close()


@dataclass
class Memory:
    """What was sent, in the order in which it was; `works` False: the server takes nothing."""

    works: bool = True
    sent: list[str] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    def post(self, mail: ReportMail, message: EmailMessage) -> None:
        if not self.works:
            raise Transient("email: SMTP 451")
        self.sent.append(str(message["Message-ID"]))

    def knows(self, due: Due) -> bool:
        return due.id in self.told

    def tell(self, due: Due) -> None:
        self.told.add(due.id)


class Clock:
    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


def reporter(history: History, memory: Memory, clock: Clock, *mails: ReportMail) -> Reporter:
    from dataclasses import replace

    return Reporter(mails or (WEEKLY,), replace(history.reports, now=clock), memory, memory.post)


def test_a_mail_holds_its_reports_as_html_and_as_csv(history: History) -> None:
    mail = made(last_due(WEEKLY, "UTC", MONDAY), history.reports, links_to("https://office.example.com/console/"))
    html = mail.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert "<h2>Outages</h2>" in page
    assert "<h2>Overdue work</h2>" in page
    assert "<h2>Alert noise</h2>" not in page
    assert "&lt;b&gt;vpn&lt;/b&gt;" in page
    assert "<b>vpn" not in page
    assert "https://office.example.com/console/reports/outages?figure=outages" in page
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "weekly-2026-01-05.csv"
    assert "outages,2026-01-05,2026-01-11,,service/<b>vpn</b>,outages,1,,1" in attached.get_content()


def test_a_mail_is_sent_once_for_each_week(history: History) -> None:
    memory, clock = Memory(), Clock()
    sender = reporter(history, memory, clock)
    assert [sender.look() for _ in range(3)] == [1, 0, 0]
    clock.now += timedelta(days=7) - timedelta(seconds=1)
    assert sender.look() == 0
    clock.now += timedelta(seconds=1)
    assert sender.look() == 1
    assert len(set(memory.sent)) == 2


def test_one_that_is_started_anew_sends_nothing_that_was_sent(history: History) -> None:
    memory, clock = Memory(), Clock()
    reporter(history, memory, clock).look()
    assert reporter(history, memory, clock).look() == 0


def test_one_that_was_killed_before_it_was_on_record_sends_the_same_mail_again(history: History) -> None:
    memory, clock = Memory(), Clock()
    reporter(history, memory, clock).look()
    memory.told.clear()
    reporter(history, memory, clock).look()
    assert memory.sent[0] == memory.sent[1]


def test_what_the_server_does_not_take_is_tried_again_and_ever_more_rarely(history: History) -> None:
    memory, clock = Memory(works=False), Clock()
    sender = reporter(history, memory, clock)
    tries = []
    for _ in range(12 * 60):
        before = dict(sender._pauses)
        sender.look()
        if sender._pauses != before:
            tries.append(clock.now)
        clock.now += timedelta(minutes=1)
    gaps = [(later - earlier) for earlier, later in itertools.pairwise(tries)]
    assert gaps[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(gaps) == LONGEST_PAUSE
    memory.works = True
    clock.now += LONGEST_PAUSE
    assert sender.look() == 1
    assert memory.told == {"weekly/2026-01-05"}


def test_a_mail_that_fails_keeps_no_other(history: History) -> None:
    memory, clock = Memory(), Clock()
    other = WEEKLY.model_copy(update={"name": "other"})

    def post(mail: ReportMail, message: EmailMessage) -> None:
        if mail.name == "weekly":
            raise Final("no")
        memory.post(mail, message)

    sender = reporter(history, memory, clock, WEEKLY, other)
    sender.post = post
    assert sender.look() == 1
    assert memory.told == {"other/2026-01-05"}


def test_the_configuration_knows_every_report_and_no_other() -> None:
    from typing import get_args

    assert set(get_args(ReportName)) == {"all", *REPORTS}


def test_two_mails_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="weekly stands there twice"):
        ReportsSettings(mails=(WEEKLY, WEEKLY))


def test_the_same_mail_of_another_week_is_another(history: History) -> None:
    first = last_due(WEEKLY, "UTC", MONDAY)
    second = last_due(WEEKLY, "UTC", MONDAY + timedelta(days=7))
    assert first.period.first == date(2026, 1, 5)
    assert made(first, history.reports)["Message-ID"] != made(second, history.reports)["Message-ID"]

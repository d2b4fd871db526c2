"""Mails of reports: made, handed in, and put on record, one of each period."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Protocol

from consumers.notify.channels.base import DeliveryError
from consumers.notify.channels.smtp import MailServer
from consumers.reports.desk import ALL_REPORTS, Reports
from consumers.reports.figures import REPORTS, report_named
from consumers.reports.schedule import Due, last_due
from consumers.reports.settings import ReportMail
from consumers.reports.showing import Link, as_csv, as_html, no_link

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""How long after a failure it is tried again: twice as long each time."""

HandIn = Callable[[ReportMail, EmailMessage], None]
"""Gives a mail to its server. Raises DeliveryError."""


class Sent(Protocol):
    """Which mails were sent, as the log has it."""

    def knows(self, due: Due) -> bool:
        """Whether this mail of this period was sent."""
        ...

    def tell(self, due: Due) -> None:
        """Puts on record that it was."""
        ...


def made(due: Due, reports: Reports, link: Link = no_link) -> EmailMessage:
    """The mail. It has the same Message-ID each time it is made: a server can recognise a repetition."""
    mail, settings = EmailMessage(policy=SMTP), due.mail.mail
    names = REPORTS if ALL_REPORTS in due.mail.reports else due.mail.reports
    results = reports.take([report_named(name) for name in names], reports.of(due.period, due.mail.department))
    title = f"Back office, {due.mail.every} of {due.period.first}"
    mail["Subject"] = title
    mail["From"] = settings.from_
    mail["To"] = ", ".join(settings.to)
    mail["Date"] = format_datetime(reports.now())
    domain = parseaddr(settings.from_)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<report.{hashlib.sha256(due.id.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note is an answer to it
    plain = [f"{title}: {due.period}.", "", *(f"- {result.report.title}" for result in results)]
    mail.set_content("\n".join([*plain, "", "The figures are in this mail's HTML, and attached as CSV.", ""]))
    mail.add_alternative(as_html(results, title, link), subtype="html")
    mail.add_attachment(as_csv(results), subtype="csv", filename=f"{due.mail.name}-{due.period.first}.csv")
    return mail


def hand_in(server: MailServer, mail: EmailMessage, sender: str, to: Sequence[str]) -> None:
    """Raises DeliveryError."""
    if refused := server.hand_in(mail, sender, to):
        log.warning("a report's mail: %d of %d addresses were refused", refused, len(to))


@dataclass
class Reporter:
    """Sends what is due, each mail once: what the log says was sent is not sent again.

    Killed between a mail and its record, it sends that one mail again, under the same Message-ID.
    """

    mails: Sequence[ReportMail]
    reports: Reports
    sent: Sent
    post: HandIn
    link: Link = no_link

    def __post_init__(self) -> None:
        self._done: set[str] = set()
        self._pauses: dict[str, tuple[timedelta, datetime]] = {}

    def look(self) -> int:
        """Sends what is due now; returns how many mails. What cannot be sent is tried again later."""
        count = 0
        for mail in self.mails:
            now = self.reports.now()
            due = last_due(mail, self.reports.zone, now)
            _, again = self._pauses.get(due.id, (FIRST_PAUSE, now))
            if due.id in self._done or again > now:
                continue
            if self.sent.knows(due):
                self._done.add(due.id)
            elif self._send(due, now):
                self._done.add(due.id)
                count += 1
        return count

    def _send(self, due: Due, now: datetime) -> bool:
        try:
            self.post(due.mail, made(due, self.reports, self.link))
        except DeliveryError as error:
            pause, _ = self._pauses.get(due.id, (FIRST_PAUSE, now))
            log.error("the report %s was not sent, and is tried again in %s: %s", due.id, pause, error)
            self._pauses[due.id] = min(2 * pause, LONGEST_PAUSE), now + pause
            return False
        self.sent.tell(due)
        self._pauses.pop(due.id, None)
        log.info("the report %s was sent to %d addresses", due.id, len(due.mail.mail.to))
        return True

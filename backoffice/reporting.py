"""Reports as the program takes them: over its archive, in the organisation's time zone; and their mails."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from sqlalchemy import Connection

from backoffice.config import Configuration
from backoffice.registry import departments
from consumers.log import Log
from consumers.notify.channels.opening import mail_server
from consumers.notify.secrets import Secrets
from consumers.reports.desk import Reports
from consumers.reports.mailing import Reporter, hand_in
from consumers.reports.schedule import Due
from consumers.reports.settings import ReportMail
from consumers.reports.showing import links_to, no_link
from producers.client import Client
from schemas.audit import ReportSent
from schemas.codec import Decoder, Unreadable
from schemas.topics import Space

SOURCE = "urn:backoffice:reporter"
WRITE_TIMEOUT = 30.0


class Connects(Protocol):
    """An archive, as far as reports need it."""

    def connection(self) -> AbstractContextManager[Connection]: ...


def reports(found: Configuration, archive: Connects) -> Reports:
    """The reports of an archive."""
    return Reports(archive.connection, found.calendar.time_zone, tuple(d.name for d in departments()))


def reporter(
    found: Configuration, archive: Connects, bootstrap: str, space: Space, client: Client, environ: Mapping[str, str]
) -> Reporter:
    """What sends the mails of the configuration. Raises SecretMissing before anything is sent."""
    secrets = Secrets(environ, found.folder)
    servers = {mail.name: mail_server(mail.mail, secrets) for mail in found.reports.mails}

    def post(mail: ReportMail, message: EmailMessage) -> None:
        hand_in(servers[mail.name], message, mail.mail.from_, mail.mail.to)

    url = found.reports.console_url
    return Reporter(
        mails=found.reports.mails,
        reports=reports(found, archive),
        sent=OnRecord(bootstrap, space, client),
        post=post,
        link=links_to(url) if url else no_link,
    )


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Which mails were sent, as the topic `audit` has it: a mail's record is not older than the end of its period."""

    bootstrap: str
    space: Space
    client: Client

    def knows(self, due: Due) -> bool:
        """Raises Unreachable."""
        decoder, key = Decoder((ReportSent,)), _subject(due).encode()
        with Log(self.bootstrap, [self.space.topic("audit")]) as log:
            for batch in log.since(due.period.ends):
                for record in batch:
                    if record.key != key:
                        continue
                    with suppress(Unreadable):
                        event = decoder.decode(record.value, record.headers)
                        if isinstance(event, ReportSent) and event.first == due.period.first:
                            return True
        return False

    def tell(self, due: Due) -> None:
        """Returns when it is on the log. Raises NotSent, TimeoutError."""
        event = ReportSent(
            first=due.period.first,
            last=due.period.last,
            reports=due.mail.reports,
            addresses=len(due.mail.mail.to),
        )
        self.client.send(event, _subject(due), source=SOURCE, id=f"report/{due.id}").result(WRITE_TIMEOUT)


def _subject(due: Due) -> str:
    return f"report/{due.mail.name}"

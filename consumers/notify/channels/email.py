"""The e-mail channel: a notice as a mail, handed in to a mail server."""

import logging

from consumers.notify.channels.mail import Letterhead
from consumers.notify.channels.smtp import MailServer
from schemas.notices import Notice

log = logging.getLogger(__name__)


class Email:
    """One mail for a notice."""

    kind = "email"
    per_group = False

    def __init__(self, server: MailServer, letterhead: Letterhead) -> None:
        self._server = server
        self._letterhead = letterhead

    def deliver(self, notice: Notice) -> None:
        sender, to = self._letterhead.sender, self._letterhead.to
        if refused := self._server.hand_in(self._letterhead.mail(notice), sender, to):
            # The mail is on its way to the others; another try would tell them twice.
            log.warning("notice %s: %d of %d addresses were refused", notice.about.id, refused, len(to))

    def close(self) -> None:
        """No connection is kept."""

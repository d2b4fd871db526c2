"""A notice as a mail: text and HTML, in one thread with its group, the same each time it is made."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from consumers.links import Links, no_links
from consumers.notify.templates import Text, oneline
from schemas.notices import Notice

LONGEST_SUBJECT = 200
"""Characters. Mail programs show no more."""

_BARE = r"[^\s<>,;:\"@]+@[^\s<>,;:\"@]+"
_ADDRESS = re.compile(rf"{_BARE}|(\"[^\"]*\"|[^<>,;:\"@]+) ?<{_BARE}>")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What the mails of one channel have in common. Its templates are checked when it is made."""

    sender: str
    """`Back office <backoffice@example.com>`."""
    to: tuple[str, ...]
    links: Links = no_links
    title: Text = field(default_factory=lambda: Text(None, "title.j2"))
    text: Text = field(default_factory=lambda: Text(None, "text.j2"))
    html: Text = field(default_factory=lambda: Text(None, "mail.html.j2", html=True))

    def mail(self, notice: Notice) -> EmailMessage:
        """The mail of a notice. A mail server that looks at Message-ID can recognise a repetition."""
        links = self.links(notice)
        made = EmailMessage(policy=SMTP)
        made["Subject"] = oneline(self.title.render(notice, links))[:LONGEST_SUBJECT]
        made["From"] = self.sender
        made["To"] = ", ".join(self.to)
        made["Date"] = format_datetime(notice.about.time)
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        made["Message-ID"] = f"<{_digest(notice.receiver, notice.about.id)}@{domain}>"
        thread = f"<group.{_digest(notice.receiver, notice.group)}@{domain}>"
        made["In-Reply-To"] = thread
        made["References"] = thread
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note is an answer to it
        made["X-Backoffice-Notice"] = _digest(notice.about.id)
        if notice.status == "firing" and notice.severity == "critical":
            made["Importance"] = "high"
        made.set_content(self.text.render(notice, links))
        made.add_alternative(self.html.render(notice, links), subtype="html")
        made.set_boundary(f"=_{_digest(notice.about.id)}")
        return made


def _digest(*parts: str) -> str:
    """Ids may hold anything; a header may not."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def is_address(text: str) -> bool:
    """Whether a text is one address, with or without a name before it."""
    return text.isprintable() and _ADDRESS.fullmatch(text) is not None


def bare(addresses: Sequence[str]) -> list[str]:
    """The addresses for the envelope, without names."""
    return [parseaddr(address)[1] for address in addresses]

"""The Apprise channel: mail, chat, SMS, push and whatever else Apprise knows, by one address each."""

import logging
from collections.abc import Iterable

import apprise

from consumers.links import Links, no_links
from consumers.notify.channels.base import Final, Transient
from consumers.notify.templates import Text, oneline
from schemas.notices import Notice

KINDS = {
    "critical": apprise.NotifyType.FAILURE,
    "error": apprise.NotifyType.FAILURE,
    "warning": apprise.NotifyType.WARNING,
    "info": apprise.NotifyType.INFO,
}

# Apprise logs the addresses it cannot use, and addresses contain passwords.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


class Apprise:
    """Tells all its addresses at once. Apprise says only whether all took it, not why one did not."""

    kind = "apprise"
    per_group = False

    def __init__(
        self, urls: Iterable[str], title: str | None = None, text: str | None = None, links: Links = no_links
    ) -> None:
        self._apprise = apprise.Apprise()
        self._all_valid = self._apprise.add(list(urls))
        self._title = Text(title, "title.j2")
        self._text = Text(text, "text.j2")
        self._links = links

    def deliver(self, notice: Notice) -> None:
        if not self._all_valid:
            raise Final("apprise: an address is not one that Apprise knows (correct it in the configuration)")
        links = self._links(notice)
        kind = KINDS.get(notice.severity, apprise.NotifyType.INFO)
        told = self._apprise.notify(
            title=oneline(self._title.render(notice, links)),
            body=self._text.render(notice, links),
            notify_type=apprise.NotifyType.SUCCESS if notice.status == "resolved" else kind,
        )
        if not told:
            raise Transient("apprise: at least one address did not take it")

    def close(self) -> None:
        """Apprise keeps no connection open."""


def is_address(url: str) -> bool:
    """Whether Apprise knows such an address."""
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None

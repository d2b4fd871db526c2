"""The Apprise channel: mail, chat, SMS, push and whatever else Apprise knows, by one address each."""

import logging
from collections.abc import Iterable

import apprise

from consumers.notify.channels.base import Final, Transient
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

    def __init__(self, urls: Iterable[str]) -> None:
        self._apprise = apprise.Apprise()
        self._all_valid = self._apprise.add(list(urls))

    def deliver(self, notice: Notice) -> None:
        if not self._all_valid:
            raise Final("apprise: an address is not one that Apprise knows (correct it in the configuration)")
        resolved = notice.status == "resolved"
        kind = KINDS.get(notice.severity, apprise.NotifyType.INFO)
        state = "resolved" if resolved else notice.severity
        told = self._apprise.notify(
            title=f"[{state}] {notice.summary}",
            body=body(notice),
            notify_type=apprise.NotifyType.SUCCESS if resolved else kind,
        )
        if not told:
            raise Transient("apprise: at least one address did not take it")

    def close(self) -> None:
        """Apprise keeps no connection open."""


def body(notice: Notice) -> str:
    """Plain text: why they are told, what it is, since when."""
    lines = [
        f"{notice.summary}",
        "",
        f"Why you are told: {notice.reason}",
        f"Since: {notice.starts_at:%Y-%m-%d %H:%M} UTC",
        *(f"{name}: {value}" for name, value in sorted(notice.common_labels.items())),
        *(f"{name}: {value}" for name, value in sorted(notice.common_annotations.items())),
        f"alert: {', '.join(notice.fingerprints)}",
    ]
    return "\n".join(lines)


def is_address(url: str) -> bool:
    """Whether Apprise knows such an address."""
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None

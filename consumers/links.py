"""Signed links: what somebody may do by following a link in a mail or a chat, and until when.

A token says everything itself, so that nothing has to be kept: its claim, base64url, a dot, and HMAC-SHA256 over it.
Whoever has the link has the right, as with any link to set a password anew. So it names one action and one subject,
it ends, and the page it leads to asks before it acts: programs that look into mails follow links too.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from schemas.notices import Notice

Action = Literal["acknowledge", "unacknowledge", "resolve", "snooze"]
ACTIONS: tuple[Action, ...] = get_args(Action)

SHORTEST_KEY = 16
"""Characters of a key that cannot be guessed."""

LONGEST_TOKEN = 2_000
"""Characters. Longer ones are not looked at."""


class BadLink(Exception):
    """A link that gives no right. The text is for the person who followed it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a link allows."""

    action: Action
    subject: str
    """`alert/<fingerprint>` or `group/<id>`: the subject of the command."""
    by: str
    """The receiver the link was sent to, who counts as the one who acts."""
    expires: datetime
    """Until when, to the second."""


def sign(key: str, action: Action, subject: str, by: str, expires: datetime) -> str:
    """The token of a claim. Equal claims have equal tokens. Raises ValueError for a key that is too short."""
    said = json.dumps([action, subject, by, int(expires.timestamp())], separators=(",", ":"), ensure_ascii=False)
    body = _text(said.encode())
    return f"{body}.{_text(_mac(key, body))}"


def verify(key: str, token: str, now: datetime) -> Claim:
    """What a token allows. Raises BadLink when it was not signed with this key, or its time is over."""
    body, _, mac = token[: LONGEST_TOKEN + 1].partition(".")
    if len(token) > LONGEST_TOKEN or not hmac.compare_digest(_text(_mac(key, body)).encode(), mac.encode()):
        raise BadLink("This link is not one of ours, or not whole. Copy all of it from the message.")
    try:
        action, subject, by, expires = json.loads(_bytes(body))
        claim = Claim(action, subject, by, datetime.fromtimestamp(expires, UTC))
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise BadLink("This link was signed by another version of the program.") from error
    if claim.action not in ACTIONS:
        raise BadLink(f"This link asks for {claim.action!r}, which this version of the program cannot do.")
    if now >= claim.expires:
        raise BadLink(f"This link ended at {claim.expires:%Y-%m-%d %H:%M} UTC. A newer message has a newer one.")
    return claim


def _mac(key: str, body: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the key of action links needs at least {SHORTEST_KEY} characters")
    return hmac.new(key.encode(), f"backoffice-link-1.{body}".encode(), hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


@dataclass(frozen=True, slots=True)
class Link:
    """A link as a channel shows it."""

    text: str
    url: str


Links = Callable[[Notice], tuple[Link, ...]]
"""The links that a notice offers; none for what nobody can act on."""


def no_links(notice: Notice) -> tuple[Link, ...]:
    """Where no address of the API is configured."""
    return ()


OFFERED: tuple[tuple[str, Action], ...] = (("Acknowledge", "acknowledge"), ("Snooze", "snooze"), ("Resolve", "resolve"))


@dataclass(frozen=True, slots=True)
class ActionLinks:
    """Links to the API's confirmation page, about the group that a notice tells of."""

    address: str
    """Of the API, as people reach it, without a slash at the end: `https://backoffice.example.com`."""
    key: str
    valid: timedelta
    """Counted from when the notice was issued, so that a repeated message is the same message."""

    def __call__(self, notice: Notice) -> tuple[Link, ...]:
        if notice.status == "resolved" or notice.stands_for:
            return ()
        expires = notice.about.time + self.valid
        subject = f"group/{notice.group}"
        return tuple(
            Link(text, f"{self.address}/act/{sign(self.key, action, subject, notice.receiver, expires)}")
            for text, action in OFFERED
        )

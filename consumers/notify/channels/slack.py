"""The chat channel: Slack's incoming webhooks, and what takes the same request (Mattermost, Rocket.Chat, Teams).

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: Slack shows `blocks`; the others show `text`,
which therefore says everything once more.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from consumers.links import Link, Links, no_links
from consumers.notify.channels.posting import Poster, headers_of
from consumers.notify.templates import Text, oneline
from schemas.notices import Notice

REFUSALS = frozenset(
    (
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_payload",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_team",
        "no_text",
        "posting_to_general_channel_denied",
        "team_disabled",
        "user_not_found",
    )
)
"""What Slack answers when it refuses a message."""

LONGEST_TITLE = 150
"""Characters of a header block."""

LONGEST_TEXT = 3000
"""Characters of a section block."""

LONGEST_FALLBACK = 12_000
"""Characters of a whole message; Mattermost takes 16,383, Slack 40,000."""

_MENTION = re.compile(r"@(?=(channel|all|here|everyone)\b)", re.IGNORECASE)


class Slack:
    """Posts to one channel of a chat. Chat services know no repetition: a second message is a second message."""

    kind = "slack"
    per_group = False

    def __init__(
        self,
        url: str,
        timeout_seconds: float = 10,
        title: str | None = None,
        text: str | None = None,
        links: Links = no_links,
        shown_as: Mapping[str, str] = {},
    ) -> None:
        """`shown_as`: `channel`, `username`, `icon_emoji`, `icon_url`, for webhooks that let the message say so."""
        self._shown_as = dict(shown_as)
        self._title = Text(title, "title.j2")
        self._text = Text(text, "chat.j2")
        self._links = links
        self._poster = Poster(self.kind, url, timeout_seconds, reasons=REFUSALS)

    def deliver(self, notice: Notice) -> None:
        body = json.dumps(self._message(notice), ensure_ascii=False).encode()
        self._poster.post(body, headers_of(notice))

    def _message(self, notice: Notice) -> dict[str, Any]:
        links = self._links(notice)
        title = cut(oneline(self._title.render(notice, links)), LONGEST_TITLE)
        text = self._text.render(notice, links).strip()
        return {**message(title, text, links), **self._shown_as}

    def close(self) -> None:
        self._poster.close()


def message(title: str, text: str, links: Sequence[Link]) -> dict[str, Any]:
    """The request. Links are words in a text, not buttons: a button reports each press to an app, which we have not."""
    spelt_out = "\n".join(f"{link.text}: {link.url}" for link in links)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": title or "(no title)", "emoji": False}},
        _section(cut(escaped(text), LONGEST_TEXT) or "(no text)"),
    ]
    if links:
        blocks.append(_section(" · ".join(f"<{link.url}|{link.text}>" for link in links)))
    return {
        "text": "\n".join(part for part in (escaped(title), cut(escaped(text), LONGEST_FALLBACK), spelt_out) if part),
        "blocks": blocks,
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def escaped(text: str) -> str:
    """A text that Slack takes for nothing but text, and that calls nobody in any chat: no links, no `@channel`."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("@\N{ZERO WIDTH SPACE}", text)


def cut(text: str, longest: int) -> str:
    """With a mark where something is missing. Never in the middle of an escaped character."""
    if len(text) <= longest:
        return text
    return re.sub(r"&[a-z]{0,4}$", "", text[: longest - 1]) + "…"

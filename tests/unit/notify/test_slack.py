"""The chat channel: messages as Slack takes them, readable for others, and calling nobody by accident."""

import json
from contextlib import closing
from typing import Any

import pytest

from consumers.links import Link
from consumers.notify.channels.base import Final
from consumers.notify.channels.slack import LONGEST_TEXT, Slack, cut, escaped
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, Answer, Hooks, notice

LINKS = (Link("Acknowledge", "https://office.test/act/x"), Link("Resolve", "https://office.test/act/y"))


def message(hooks: Hooks, said: Notice) -> dict[str, Any]:
    with closing(Slack(hooks.url(), links=lambda said: LINKS)) as channel:
        channel.deliver(said)
    sent: dict[str, Any] = json.loads(hooks.requests[-1].body)
    return sent


def test_slack_sees_blocks_with_a_headline_a_text_and_links(hooks: Hooks) -> None:
    header, text, links = message(hooks, notice())["blocks"]
    assert header["text"] == {"type": "plain_text", "text": "[CRITICAL] vpn is down", "emoji": False}
    assert text["text"]["text"] == (
        "Why you are told: first notification\n"
        "• CRITICAL it.outage service/vpn, since 2026-01-05 08:00 UTC (alert 0ad9ee6b2d72ce22)"
    )
    assert links["text"]["text"] == ("<https://office.test/act/x|Acknowledge> · <https://office.test/act/y|Resolve>")


def test_others_see_a_text_that_says_the_same(hooks: Hooks) -> None:
    assert message(hooks, notice())["text"].splitlines() == [
        "[CRITICAL] vpn is down",
        "Why you are told: first notification",
        "• CRITICAL it.outage service/vpn, since 2026-01-05 08:00 UTC (alert 0ad9ee6b2d72ce22)",
        "Acknowledge: https://office.test/act/x",
        "Resolve: https://office.test/act/y",
    ]


@pytest.mark.parametrize("text", ["<!channel> now", "@channel now", "@Here now", "<https://evil.test|vpn is up>"])
def test_a_text_from_outside_is_no_link_and_calls_nobody(hooks: Hooks, text: str) -> None:
    alert = DOWN.model_copy(update={"annotations": {"summary": text}})
    sent = message(hooks, notice(alerts=(alert,), summary="vpn"))
    for shown in (sent["text"], sent["blocks"][1]["text"]["text"]):
        assert text not in shown
        assert "now" in shown or "vpn is up" in shown


def test_an_address_with_an_at_sign_stays_whole() -> None:
    assert escaped("dana@example.com & co") == "dana@example.com &amp; co"


def test_many_alerts_are_cut_and_counted(hooks: Hooks) -> None:
    many = tuple(
        DOWN.model_copy(update={"fingerprint": f"{n:016x}", "annotations": {"summary": "<" * 500}}) for n in range(40)
    )
    text = message(hooks, notice(alerts=many, truncated=2))["blocks"][1]["text"]["text"]
    assert len(text) <= LONGEST_TEXT
    assert "\n42 alerts; the first 10:\n" in text


def test_a_cut_splits_no_escaped_character() -> None:
    assert [cut("ab&amp;cd", n) for n in (3, 5, 8, 9)] == ["ab…", "ab…", "ab&amp;…", "ab&amp;cd"]


def test_what_slack_refuses_it_says_why(hooks: Hooks) -> None:
    hooks.answers += [Answer(404, body=b"no_service\n"), Answer(400, body=b"T0KEN was not taken")]
    with pytest.raises(Final, match=r"^slack: HTTP 404 no_service \(final\)$"):
        message(hooks, notice())
    with pytest.raises(Final, match=r"^slack: HTTP 400 \(final\)$"):
        message(hooks, notice())

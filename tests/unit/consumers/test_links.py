"""Signed links: they give the right they name, until they end, to nobody who made one up."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.links import ACTIONS, LONGEST_TOKEN, ActionLinks, BadLink, Claim, sign, verify
from tests.unit.notify.hooks import WHEN, notice

KEY = "k" * 32
CLAIM = Claim("acknowledge", "group/04c6a1ffe29b6d10", "it-manager", WHEN + timedelta(hours=1))
TOKEN = sign(KEY, CLAIM.action, CLAIM.subject, CLAIM.by, CLAIM.expires)


def test_a_link_says_what_it_allows_to_whom_until_when() -> None:
    assert verify(KEY, TOKEN, WHEN) == CLAIM
    assert sign(KEY, CLAIM.action, CLAIM.subject, CLAIM.by, CLAIM.expires) == TOKEN
    assert not set(TOKEN) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_it_holds_one_second_before_it_ends_and_not_when_it_does() -> None:
    assert verify(KEY, TOKEN, CLAIM.expires - timedelta(seconds=1)) == CLAIM
    with pytest.raises(BadLink, match="ended at 2026-01-05 09:00 UTC"):
        verify(KEY, TOKEN, CLAIM.expires)


def test_another_key_gives_no_right() -> None:
    with pytest.raises(BadLink, match="not one of ours"):
        verify("another key, as long", TOKEN, WHEN)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("aZ9-_.é\0"))
def test_a_link_with_any_character_changed_gives_no_right(position: int, char: str) -> None:
    changed = TOKEN[:position] + char + TOKEN[position + 1 :]
    if changed != TOKEN:
        with pytest.raises(BadLink):
            verify(KEY, changed, WHEN)


@given(st.text(max_size=100))
def test_what_is_no_link_gives_no_right(text: str) -> None:
    with pytest.raises(BadLink):
        verify(KEY, text, WHEN)


def test_what_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(BadLink):
        verify(KEY, TOKEN + "." + "x" * LONGEST_TOKEN, WHEN)


def test_an_action_that_a_newer_version_signed_is_said_so() -> None:
    said = json.dumps(["dance", "group/1", "dana", int(CLAIM.expires.timestamp())])
    newer = sign(KEY, "dance", "group/1", "dana", CLAIM.expires)  # type: ignore[arg-type]
    assert json.loads(base64.urlsafe_b64decode(newer.partition(".")[0] + "==")) == json.loads(said)
    with pytest.raises(BadLink, match="'dance'"):
        verify(KEY, newer, WHEN)


def test_a_key_that_could_be_guessed_signs_nothing() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        sign("short", "resolve", "group/1", "dana", CLAIM.expires)


@given(st.sampled_from(ACTIONS), st.text(min_size=1, max_size=60), st.text(max_size=60), st.integers(1, 2_000_000_000))
def test_whatever_is_signed_is_read_again(action: str, subject: str, by: str, seconds: int) -> None:
    expires = datetime.fromtimestamp(seconds, UTC)
    token = sign(KEY, action, subject, by, expires)  # type: ignore[arg-type]
    assert verify(KEY, token, expires - timedelta(seconds=1)) == (Claim(action, subject, by, expires))  # type: ignore[arg-type]


class TestOfNotices:
    LINKS = ActionLinks("https://office.test", KEY, timedelta(hours=72))

    def test_a_notice_offers_three_about_its_group_to_its_receiver(self) -> None:
        links = self.LINKS(notice())
        assert [link.text for link in links] == ["Acknowledge", "Snooze", "Resolve"]
        for link, action in zip(links, ("acknowledge", "snooze", "resolve"), strict=True):
            path, _, token = link.url.rpartition("/")
            assert path == "https://office.test/act"
            claim = verify(KEY, token, WHEN)
            assert (claim.action, claim.subject, claim.by) == (action, "group/04c6a1ffe29b6d10", "it-manager")
            assert claim.expires == WHEN + timedelta(hours=72)

    def test_a_notice_that_is_sent_again_offers_the_same_ones(self) -> None:
        assert self.LINKS(notice()) == self.LINKS(notice())

    def test_what_is_over_or_tells_of_several_groups_offers_none(self) -> None:
        assert self.LINKS(notice(status="resolved")) == ()
        assert self.LINKS(notice(stands_for=("a", "b"))) == ()

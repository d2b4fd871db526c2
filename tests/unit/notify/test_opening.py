"""From a channel's configuration to the channel: what is written there reaches the other side."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from consumers.notify.channels.config import ChannelConfig
from consumers.notify.channels.opening import open_channel
from consumers.notify.secrets import Secrets
from tests.unit.notify.hooks import Hooks, Request, notice

CONFIG: TypeAdapter[Any] = TypeAdapter(ChannelConfig)


def delivered(hooks: Hooks, folder: Path, **config: Any) -> Request:
    """The request of a channel that is configured so."""
    secrets = Secrets({"TOKEN": "t0ken"}, folder)
    with closing(open_channel(CONFIG.validate_python({"url": hooks.url(), **config}), secrets)) as channel:
        channel.deliver(notice())
    (request,) = hooks.requests
    return request


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({}, None),
        ({"username": "dana", "password": "p4ss wörd"}, "Basic ZGFuYTpwNHNzIHfDtnJk"),
        ({"username": "dana", "password_file": "secret"}, "Basic ZGFuYTpmcm9tIGEgZmlsZQ=="),
        ({"token": "${TOKEN}"}, "Bearer t0ken"),
        ({"token_file": "secret"}, "Bearer from a file"),
    ],
    ids=str,
)
def test_a_webhook_logs_in(hooks: Hooks, tmp_path: Path, login: dict[str, str], header: str | None) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    assert delivered(hooks, tmp_path, type="webhook", **login).headers.get("Authorization") == header


@pytest.mark.parametrize(
    "login",
    [
        {"username": "dana"},
        {"password": "p4ss"},
        {"username": "dana", "password": "p4ss", "token": "t"},
        {"username": "dana", "token_file": "t"},
        {"token": "t", "token_file": "t"},
    ],
    ids=str,
)
def test_a_login_that_is_none_is_refused(login: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CONFIG.validate_python({"type": "webhook", "url": "http://x", **login})


def test_a_chat_shows_a_message_where_and_as_it_says(hooks: Hooks, tmp_path: Path) -> None:
    shown_as = {"channel": "#ops", "username": "Back office", "icon_emoji": ":bell:"}
    said = json.loads(delivered(hooks, tmp_path, type="slack", **shown_as).body)
    assert {name: said.get(name) for name in (*shown_as, "icon_url")} == {**shown_as, "icon_url": None}
    assert said["blocks"], "and the message is there"


def test_nobody_takes_every_notice() -> None:
    with closing(open_channel(CONFIG.validate_python({"type": "nobody"}), Secrets())) as channel:
        channel.deliver(notice())
    assert (channel.kind, channel.per_group) == ("nobody", False)

"""The API as a process: the port it opens, the tokens and keys it reads, and what the log's refusals become."""

from collections.abc import Callable
from concurrent.futures import TimeoutError as NotInTime
from pathlib import Path
from typing import Any

import pytest

from backoffice.config import Configuration
from backoffice.config.model import AlertingConfiguration
from backoffice.judging import Judgement, route_key
from backoffice.serving import ApiError, Inbox, link_key, listen, tokens
from consumers.api.ports import NotTaken, NotWritten, Said
from consumers.api.settings import ApiSettings, Scope
from processors.alerting.settings import AlertingSettings
from producers.errors import BrokerAway, NotSent, Refused, Unconfirmed
from schemas.commands import SilenceExpire
from tests.office import START
from tests.unit.api.served import a_group

SAID = [Said(SilenceExpire(by="dana", silence="x"), "silence/x")]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_without_tokens_this_machines_own_addresses_may_be_opened(host: str) -> None:
    listen(host, 0, is_open=True).close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "backoffice.example.com"])
def test_without_tokens_no_other_may_be(host: str) -> None:
    with pytest.raises(ApiError, match="without tokens"):
        listen(host, 0, is_open=True)


def test_with_tokens_any_may_be() -> None:
    listen("0.0.0.0", 0, is_open=False).close()


def test_a_port_that_is_taken_is_named() -> None:
    taken = listen("127.0.0.1", 0, is_open=True)
    try:
        port = taken.getsockname()[1]
        with pytest.raises(ApiError, match=f"127.0.0.1:{port}"):
            listen("127.0.0.1", port, is_open=True)
    finally:
        taken.close()


def configured(folder: Path, **api: Any) -> Configuration:
    return Configuration(api=ApiSettings.model_validate(api), path=folder / "backoffice.yaml")


def test_tokens_are_read_from_the_configuration_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "grafana.sha256").write_text("A" * 64 + "\n")
    found = configured(
        tmp_path,
        tokens=[
            {"name": "grafana", "scopes": ["read"], "sha256_file": "grafana.sha256"},
            {"name": "amtool", "scopes": ["read", "silences:write"], "sha256": "b" * 64},
        ],
    )
    grafana, amtool = tokens(found, {})
    assert (grafana.name, grafana.scopes, grafana.sha256) == ("grafana", frozenset([Scope.READ]), "a" * 64)
    assert (amtool.name, amtool.scopes) == ("amtool", frozenset([Scope.READ, Scope.SILENCES_WRITE]))


@pytest.mark.parametrize("content", [None, "", "no hash", "a" * 63, "g" * 64])
def test_a_token_that_is_not_in_its_file_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "x").write_text(content)
    found = configured(tmp_path, tokens=[{"name": "grafana", "scopes": ["read"], "sha256_file": "x"}])
    with pytest.raises(ApiError, match=r"api\.tokens: grafana"):
        list(tokens(found, {}))


def linked(**links: str) -> Configuration:
    said = {"url": "https://backoffice.example.com", **links}
    return Configuration(alerting=AlertingConfiguration.model_validate({"action_links": said}))


def test_the_key_of_links_is_the_notifiers() -> None:
    assert link_key(Configuration(), {}) is None
    assert link_key(linked(key="${KEY}"), {"KEY": "k" * 16}) == "k" * 16


@pytest.mark.parametrize("environ", [{}, {"KEY": "k" * 15}])
def test_a_key_that_is_missing_or_short_is_said(environ: dict[str, str]) -> None:
    with pytest.raises(ApiError, match=r"alerting\.action_links"):
        link_key(linked(key="${KEY}"), environ)


class Log:
    """A client that fails as it is told, when it sends or when it is asked what became of it."""

    def __init__(self, sends: Exception | None = None, confirms: Exception | None = None) -> None:
        self._sends = sends
        self._confirms = confirms

    def send(self, *args: Any, **more: Any) -> "Log":
        if self._sends:
            raise self._sends
        return self

    def result(self, timeout: float) -> Any:
        raise self._confirms or AssertionError


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (Refused("too large"), NotTaken),
        (BrokerAway("nobody there"), NotWritten),
        (Unconfirmed("not in time"), NotWritten),
        (NotInTime(), NotWritten),
    ],
)
@pytest.mark.parametrize("when", ["sends", "confirms"])
def test_what_the_log_refuses_or_does_not_say_is_told_apart(
    error: NotSent, becomes: type[NotWritten], when: str
) -> None:
    make: Callable[..., Any] = Log
    with pytest.raises(NotWritten) as raised:
        Inbox(make(**{when: error})).write(SAID)
    assert type(raised.value) is becomes


def test_a_group_is_muted_by_the_times_of_its_route() -> None:
    rules = Judgement(
        AlertingSettings.model_validate(
            {
                "route": {
                    "receiver": "clerk",
                    "routes": [{"matchers": ['site="x"'], "mute_time_intervals": ["mornings"]}],
                },
                "receivers": [{"name": "clerk"}],
                "time_intervals": [
                    {"name": "mornings", "time_intervals": [{"times": [{"start_time": "06:00", "end_time": "08:01"}]}]}
                ],
            }
        )
    )
    muted = a_group(key='{}/{site="x"}:{alertname="a, b=\\"c\\""}', receiver="clerk", labels={"alertname": 'a, b="c"'})
    assert route_key(muted) == '{}/{site="x"}'
    assert rules.muted_by(muted, START) == ("mornings",)
    assert rules.muted_by(muted, START.replace(minute=1)) == ()
    assert rules.muted_by(a_group(key="{}:{}", receiver="clerk"), START) == ()
    assert rules.muted_by(a_group(key="{}/{gone}:{}", receiver="clerk"), START) == ()

"""What is done on a page is asked for on the server, and what goes wrong is said there."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import run, ui

from consumers.api.errors import Problem
from consumers.api.ports import NotWritten
from consumers.console.desk import Desk
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.sessions import Sessions
from consumers.console.visit import Visit, at


class Looking:
    """Somebody of a role on a page. What the page says to them is in `said`."""

    def __init__(self, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.done: list[str] = []
        sessions = Sessions(10, 100, lambda: self.now)
        session = sessions.find(sessions.open(Person("vera", role)))
        assert session
        desk = cast(Desk, SimpleNamespace(sessions=sessions))
        self.visit = Visit(desk, session, "/console", {}, {})
        monkeypatch.setattr(ui, "notify", lambda text, **options: self.said.append(text))
        monkeypatch.setattr(run, "io_bound", _at_once)

    def acts(self, least: Role, error: Exception | None = None) -> str | None:
        def do(who: Person) -> str:
            if error:
                raise error
            self.done.append(who.name)
            return "done"

        return asyncio.run(self.visit.act(least, do))


async def _at_once(do: Any, *arguments: Any) -> Any:
    return do(*arguments)


def test_who_may_does_it_in_their_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(Role.OPERATOR, monkeypatch)
    assert looking.acts(Role.OPERATOR) == "done"
    assert looking.done == ["vera"]


def test_who_may_not_is_told_and_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(Role.VIEWER, monkeypatch)
    assert looking.acts(Role.OPERATOR) is None
    assert looking.said == ["This needs the role of operator; you are viewer."]
    assert not looking.done


def test_a_page_that_outlives_its_session_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(Role.ADMINISTRATOR, monkeypatch)
    looking.now = 10
    assert looking.acts(Role.VIEWER) is None
    assert looking.said == ["You are not signed in any more."]
    assert not looking.done


@pytest.mark.parametrize("error", [Problem("it is over"), NotWritten("the broker is away"), ValueError("no matcher")])
def test_what_goes_wrong_is_said(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(Role.OPERATOR, monkeypatch)
    assert looking.acts(Role.OPERATOR, error) is None
    assert looking.said == [str(error)]


def test_an_address_has_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert at("/alerts") == "/alerts"
    assert at("/alerts", q="a b", state="") == "/alerts?q=a+b"
    assert Looking(Role.VIEWER, monkeypatch).visit.url("/alerts", q="&") == "/console/alerts?q=%26"

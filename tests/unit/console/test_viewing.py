"""A look at a record is on record before anything is shown; without that nothing is."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nicegui import run, ui

from consumers.console.desk import Desk
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.sessions import Sessions
from consumers.console.viewing import look
from consumers.console.visit import Visit
from consumers.lookup.looking import NotRecorded
from consumers.streams.topics import NoSuchRecord
from schemas.audit import RecordViewed
from schemas.envelope import Event


class Looking:
    """Ada looks at a record. `done`: what went on the log and what was read, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, role: Role = Role.ADMINISTRATOR) -> None:
        self.done: list[object] = []
        self.said: list[str] = []
        self.log_is_away = False
        self.finds: Exception | None = None
        sessions = Sessions(10, 100, lambda: 0.0)
        session = sessions.find(sessions.open(Person("ada", role)))
        assert session
        desk = cast(Desk, SimpleNamespace(sessions=sessions, record=self.record))
        self.visit = Visit(desk, session, "/console", {}, {})
        monkeypatch.setattr(ui, "notify", lambda text, **options: self.said.append(text))
        monkeypatch.setattr(run, "io_bound", _at_once)

    def record(self, event: Event, subject: str) -> None:
        if self.log_is_away:
            raise NotRecorded("the look could not be put on record, so nothing is shown")
        self.done.append((subject, event))

    def looks(self, on: str = "events.it[0]@7", least: Role = Role.ADMINISTRATOR) -> str | None:
        def read() -> str:
            self.done.append("read")
            if self.finds is not None:
                raise self.finds
            return "a record"

        return asyncio.run(look(self.visit, on, read, least))


async def _at_once(do: Any, *arguments: Any) -> Any:
    return do(*arguments)


def test_a_look_is_on_record_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(monkeypatch)
    assert looking.looks() == "a record"
    assert looking.done == [("person/ada", RecordViewed(on="events.it[0]@7", by_way_of="console")), "read"]


def test_what_cannot_be_put_on_record_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(monkeypatch)
    looking.log_is_away = True
    assert looking.looks() is None
    assert (looking.done, looking.said) == ([], ["the look could not be put on record, so nothing is shown"])


def test_who_may_not_look_leaves_no_record_of_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(monkeypatch, Role.OPERATOR)
    assert looking.looks() is None
    assert looking.done == []


def test_what_is_not_there_is_said_and_the_look_stays_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(monkeypatch)
    looking.finds = NoSuchRecord("there is no record 7")
    assert looking.looks() is None
    assert (len(looking.done), looking.said) == (2, ["there is no record 7"])


def test_what_was_asked_is_kept_as_far_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = Looking(monkeypatch)
    looking.looks("topic/events.it?text=" + "x" * 5_000)
    ((_, viewed), _) = cast(Any, looking.done)
    assert len(viewed.on) == 1_000

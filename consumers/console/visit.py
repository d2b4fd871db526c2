"""Somebody looks at a page: who they are, what of it they asked for, and how what they do there is done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from nicegui import run, ui

from consumers.api.errors import Problem
from consumers.api.ports import NotWritten
from consumers.console.board import Board
from consumers.console.desk import Desk
from consumers.console.signing_in.people import NotAllowed, Person, Role
from consumers.console.signing_in.sessions import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visit:
    """One page in one browser. `path` and `query` are what its address says; `base` is the console's own path.

    `origin`: the address that people see, without any path, such as https://backoffice.example.com.
    """

    desk: Desk
    session: Session
    base: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    origin: str = ""

    @property
    def who(self) -> Person:
        return self.session.person

    def may(self, least: Role) -> bool:
        """Whether to show them a button. What it does asks `act` again."""
        return self.who.role.includes(least)

    def url(self, path: str, **query: str) -> str:
        """An address for plain HTML. NiceGUI's own links and `ui.navigate` take the path as it is."""
        return self.base + at(path, **query)

    def live(self, show: Callable[[Board], None]) -> None:
        """Shows what stands, now and whenever it has changed."""
        self.desk.live.follow(ui.context.client, self.session, show)

    async def act(self, least: Role, do: Callable[[Person], T]) -> T | None:
        """Does something in a thread, if they may; what went wrong is said on the page, and None returned."""
        try:
            person = self.desk.sessions.allow(self.session, least)
            return await run.io_bound(do, person)
        except (NotAllowed, Problem, NotWritten, ValueError) as error:
            ui.notify(str(error), type="negative", multi_line=True, close_button="Close", timeout=10_000)
            return None


def at(path: str, **query: str) -> str:
    """A path with a query, of what is given."""
    said = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{said}" if said else path

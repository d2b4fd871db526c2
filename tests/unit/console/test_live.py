"""What is new is computed once and pushed to every page whose session holds."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from nicegui import Client

from consumers.console.board import Board
from consumers.console.live import Live
from consumers.console.signing_in.people import Person, Role
from consumers.console.signing_in.sessions import Session, Sessions
from tests.office import START


class Browser:
    """A page's client, as far as it is used. `shown` counts what it was shown; `sent` is what it was told to do."""

    def __init__(self) -> None:
        self.shown: list[Board] = []
        self.sent: list[str] = []
        self.news = asyncio.Event()
        self.left: Callable[[], Any] = lambda: None
        self.page = self
        self.path = "/"

    def __enter__(self) -> None:
        """Its own context."""

    def __exit__(self, *error: object) -> None:
        """No other one."""

    def on_delete(self, left: Callable[[], Any]) -> None:
        self.left = left

    def run_javascript(self, code: str) -> None:
        self.sent.append(code)
        self.news.set()

    def show(self, board: Board) -> None:
        self.shown.append(board)
        self.news.set()

    async def hears(self) -> None:
        await asyncio.wait_for(self.news.wait(), 20)
        self.news.clear()


class Office:
    """Several browsers of one console. `computed` counts the boards."""

    def __init__(self) -> None:
        self.computed = 0
        self.now = 0.0
        self.sessions = Sessions(10, 100, lambda: self.now)
        self.live = Live(self.compute, self.sessions)

    def compute(self) -> Board:
        self.computed += 1
        return Board(START)

    def session(self) -> Session:
        found = self.sessions.find(self.sessions.open(Person("dana", Role.OPERATOR)))
        assert found
        return found

    def opens(self, show: Callable[[Board], None] | None = None) -> Browser:
        browser = Browser()
        self.live.follow(cast(Client, browser), self.session(), show or browser.show)
        browser.news.clear()
        return browser


def test_many_changes_are_one_board_for_all_pages() -> None:
    async def scene() -> None:
        office = Office()
        first, second = office.opens(), office.opens()
        assert office.computed == 1, "the second page is shown the board there is"
        await office.live.start()
        for _ in range(1_000):
            office.live.changed()
        await first.hears()
        await second.hears()
        assert office.computed == 2
        assert first.shown[-1] is second.shown[-1]
        await office.live.stop()

    asyncio.run(scene())


def test_a_page_whose_session_has_ended_is_led_away_and_shown_nothing_more() -> None:
    async def scene() -> None:
        office = Office()
        stays, goes = office.opens(), office.opens()
        office.now = 9
        office.sessions.allow(office.live._pages[0].session, Role.VIEWER)
        office.now = 10
        await office.live.start()
        office.live.changed()
        await goes.hears()
        await stays.hears()
        assert goes.sent == ["location.reload()"]
        assert (len(goes.shown), len(stays.shown)) == (1, 2)
        await office.live.stop()

    asyncio.run(scene())


def test_a_page_that_fails_keeps_no_other_from_the_news() -> None:
    async def scene() -> None:
        office = Office()
        count = 0

        def fails_later(board: Board) -> None:
            nonlocal count
            count += 1
            if count > 1:
                raise RuntimeError("the page is broken")

        office.opens(fails_later)
        well = office.opens()
        await office.live.start()
        office.live.changed()
        await well.hears()
        assert len(well.shown) == 2
        await office.live.stop()

    asyncio.run(scene())


def test_nothing_is_computed_while_nobody_looks_and_the_next_page_is_shown_what_is_so() -> None:
    async def scene() -> None:
        office = Office()
        office.opens().left()
        await office.live.start()
        office.live.changed()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        browser = office.opens()
        assert len(browser.shown) == 1
        office.live.changed()
        await browser.hears()
        assert office.computed <= 3
        await office.live.stop()
        office.live.changed()

    asyncio.run(scene())

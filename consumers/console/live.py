"""Pushes what has changed to the pages that are open: computed once for all, at most a few times a second."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from nicegui import Client

from consumers.console.board import Board
from consumers.console.signing_in.sessions import Session, Sessions

log = logging.getLogger(__name__)

AT_MOST_EVERY = 0.2
"""Seconds between two pushes."""

AT_LEAST_EVERY = 5.0
"""Seconds: ages on the pages grow, and sessions end, although nothing happens."""

SHARE = 0.25
"""Of the time, at most, is spent on computing boards, however much there is to show."""


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    client: Client
    session: Session
    show: Callable[[Board], None]


class Live:
    """Who is shown what is new. All but `changed` and `open_pages` belongs to the server's own thread."""

    def __init__(self, compute: Callable[[], Board], sessions: Sessions) -> None:
        self._compute = compute
        self._sessions = sessions
        self._board: Board | None = None
        self._pages: list[_Page] = []
        self._something = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def board(self) -> Board:
        """The last one."""
        if self._board is None:
            self._board = self._compute()
        return self._board

    @property
    def open_pages(self) -> int:
        """How many pages are shown what is new; from any thread."""
        return len({page.client.id for page in list(self._pages)})

    def changed(self) -> None:
        """Something has; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._something.set)

    def follow(self, client: Client, session: Session, show: Callable[[Board], None]) -> None:
        """Shows a page the board there is, and each new one for as long as it is open."""
        page = _Page(client, session, show)
        self._pages.append(page)
        client.on_delete(lambda: self._pages.remove(page) if page in self._pages else None)
        show(self.board)

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._loop = None

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._something.wait(), AT_LEAST_EVERY)
            self._something.clear()
            if not self._pages:
                self._board = None  # nobody looks; the next page computes it
                continue
            began = time.perf_counter()
            self._board = await asyncio.to_thread(self._compute)
            took = time.perf_counter() - began
            self._push(self._board)
            await asyncio.sleep(max(AT_MOST_EVERY, took / SHARE))

    def _push(self, board: Board) -> None:
        for page in list(self._pages):
            if not self._sessions.is_open(page.session):
                self._pages.remove(page)
                with page.client:
                    page.client.run_javascript("location.reload()")  # which leads to the sign-in page
                continue
            try:
                with page.client:
                    page.show(board)
            except Exception:
                log.exception("the page %s could not show what is new", page.client.page.path)

"""The console of the demo, in a thread of it, for as long as the demo lasts."""

import threading
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import uvicorn

from backoffice.cli.options import err
from backoffice.config import Configuration
from schemas.topics import Space

STARTS_WITHIN = 20.0


class DemoConsole:
    """Served at the API's usual port where that is free, else at another. Use it as a context manager.

    As a text it says where it is and how to sign in.
    """

    def __init__(self, bootstrap: str, space: Space) -> None:
        self._bootstrap = bootstrap
        self._space = space
        self._stack = ExitStack()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._said = ""

    def __str__(self) -> str:
        return self._said

    def __enter__(self) -> Self:
        from backoffice.console import FIRST_USER, serving_console  # NiceGUI is slow to load
        from backoffice.serving import ApiError, listen, server

        found = Configuration()
        with ExitStack() as stack:
            served = stack.enter_context(serving_console(self._bootstrap, self._space, found, {}))
            try:
                opened = listen(found.api.host, found.api.port, served.is_open)
            except ApiError:  # something else has the port: `backoffice run`, as a rule
                opened = listen(found.api.host, 0, served.is_open)
            stack.callback(opened.close)
            address, port = opened.getsockname()[:2]
            self._said = (
                f"Console: http://{address}:{port}/console/ - sign in as {FIRST_USER} with {served.password} "
                "(made for this run)"
            )
            self._server = server(served.app, lifespan="on")
            self._thread = threading.Thread(target=self._server.run, args=([opened],), name="console")
            self._thread.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(STARTS_WITHIN)
        if self._thread.is_alive():
            err.print("The console did not end in time.", style="yellow")
        self._stack.close()

"""The console as a part of the API's application: its pages, who may see them, and what every request passes."""

import inspect
from collections.abc import Awaitable, Callable, Sequence

from fastapi import FastAPI, Request
from nicegui import app as nicegui
from nicegui import core, ui
from starlette.middleware.gzip import GZipMiddleware

from consumers.console import theme
from consumers.console.desk import Desk
from consumers.console.frame import frame
from consumers.console.page import Page
from consumers.console.pages import PAGES
from consumers.console.signing_in.door import add_door
from consumers.console.signing_in.guard import SESSION, Guard
from consumers.console.signing_in.routes import Door
from consumers.console.visit import Visit

PATH = "/console"
"""Where it is, beside the API."""

RECONNECT_WITHIN = 30.0
"""Seconds for which the server keeps a page whose connection is cut."""


def add_console(api: FastAPI, desk: Desk, door: Door) -> None:
    """Mounts the console. NiceGUI has one application in a process, and so can there be one console."""
    console = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add_door(console, door)
    theme.set_colors()
    add_pages(desk, PAGES)
    for part in (desk.live, desk.sampler):
        nicegui.on_startup(part.start)
        nicegui.on_shutdown(part.stop)
    core.sio.eio.cors_allowed_origins = []  # the guard has looked at the origin; no other site gets an answer
    nicegui.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        console,
        title="Backoffice",
        dark=None,
        language="en-US",
        reconnect_timeout=RECONNECT_WITHIN,
        tailwind=False,
        gzip_middleware_factory=None,
        show_welcome_message=False,
    )
    console.add_middleware(Guard, sessions=door.sessions, url=door.url)
    console.add_middleware(GZipMiddleware, minimum_size=1_000)
    api.mount(PATH, console)
    api.router.lifespan_context = console.router.lifespan_context


def add_pages(desk: Desk, pages: Sequence[Page]) -> None:
    """Each at its path."""
    for page in pages:
        ui.page(page.path, title=f"{page.title} · Backoffice", response_timeout=10)(_builder(desk, page, pages))


def _builder(desk: Desk, page: Page, pages: Sequence[Page]) -> Callable[[Request], Awaitable[None]]:
    async def build(request: Request) -> None:
        base = str(request.scope.get("root_path", ""))
        origin = desk.url or f"{request.url.scheme}://{request.url.netloc}"
        visit = Visit(desk, request.scope[SESSION], base, request.path_params, dict(request.query_params), origin)
        with frame(visit, page, pages, request.cookies.get(theme.DARK_COOKIE)):
            if not visit.may(page.least):
                ui.context.client.status_code = 403
                ui.label(f"This page needs the role of {page.least}; you are {visit.who.role}.")
                return
            made = page.build(visit)
            if inspect.isawaitable(made):
                await made

    return build

"""One broker for all tests of the console; one program and one browser a file. A test has a page of its own, signed in.

The browser is the system's Chromium, found as `chromium` on the path. Without one the tests are skipped and say so;
in CI (CI=true) that is a failure.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from consumers.console.signing_in.people import Role
from schemas.topics import Space
from tests.console.program import PASSWORD, PEOPLE, Program, configuration
from tests.kafka.conftest import bootstrap, broker, broker_home
from tests.kafka.program import running

__all__ = ["bootstrap", "broker", "broker_home"]


UNRAISABLE = "pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """kafka-python leaves a socket behind when the broker is slow to take a connection."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for warning in ("unclosed <socket:ResourceWarning", f"Exception ignored in. <socket:{UNRAISABLE}"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{warning}"))


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Open = Callable[..., Page]
"""`open_page("/alerts", role=Role.VIEWER, **what a browser context takes)`."""

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def program(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    home = tmp_path_factory.mktemp("console")
    space = Space(f"console-{uuid.uuid4().hex[:8]}")
    config = home / "backoffice.yaml"
    config.write_text(configuration(space))
    with running(bootstrap, home, "run", "--config", str(config), "--no-notifier"):
        found = Program(bootstrap, home, space)
        yield found
        found.http.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("there is no chromium on the path")
        pytest.skip("there is no chromium on the path: the console is not looked at")
    # For a module at a time: while it is up its event loop counts as running, and other tests could start none.
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def signed_in(program: Program, browser: Browser) -> Callable[[Role], Any]:
    """What the browser of somebody of a role remembers once they have signed in."""
    states: dict[Role, Any] = {}

    def state(role: Role) -> Any:
        if role not in states:
            context = browser.new_context()
            sign_in(context.new_page(), program, PEOPLE[role])
            states[role] = context.storage_state()
            context.close()
        return states[role]

    return state


def sign_in(page: Page, program: Program, name: str, password: str = PASSWORD) -> None:
    page.goto(program.url())
    page.get_by_label("User").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def open_page(program: Program, browser: Browser, signed_in: Callable[[Role], Any]) -> Iterator[Open]:
    """Opens pages. At the end nothing may have been asked of another host, and no script may have failed."""
    wrong: list[str] = []
    with ExitStack() as contexts:

        def open_page(path: str = "/", role: Role = Role.OPERATOR, **options: Any) -> Page:
            context: BrowserContext = browser.new_context(storage_state=signed_in(role), **options)
            contexts.callback(context.close)
            page = context.new_page()
            page.on("request", lambda request: _look(request.url, program.address, wrong))
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
            page.goto(program.url(path))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            return page

        yield open_page
    assert not wrong


def _look(url: str, address: str, wrong: list[str]) -> None:
    """Pages load nothing from anywhere else."""
    if not url.startswith((address, "data:", "blob:")):
        wrong.append(url)


@pytest.fixture
def page(open_page: Open) -> Page:
    """The first page, opened by an operator."""
    return open_page()

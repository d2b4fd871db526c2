"""Every page: usable by everybody, light and dark, on a phone and without a mouse; and its picture for the guide."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from consumers.console.signing_in.people import Role
from tests.console.conftest import Open
from tests.console.lively import Office, lively
from tests.console.program import Program
from tests.console.test_look import PHONE, findings

pytestmark = pytest.mark.kafka

IMAGES = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES = 300_000

SCREEN = {"width": 1280, "height": 800}


class View(NamedTuple):
    """A page as somebody sees it. `path` may name parts of the office; `seen`: what is there once it is whole."""

    path: str
    seen: str
    then: Callable[[Page], None] = lambda page: None
    """What is done before there is something to look at."""


def _look_up(page: Page) -> None:
    page.get_by_label("What for").fill("the vendor calls")
    page.get_by_label("What for").press("Enter")


def _scroll_to_noise(page: Page) -> None:
    """There are figures from the first alert on."""
    page.get_by_role("heading", name="Alert noise").scroll_into_view_if_needed(timeout=60_000)


def _settle(page: Page) -> None:
    """Charts are drawn once their place has a size."""
    expect(page.locator("canvas").first).to_be_visible()


VIEWS = {
    "now": View("/", "vpn.example.com does not answer", _settle),
    "alerts": View("/alerts", "vpn.example.com does not answer"),
    "alert": View("/alerts/{alert}", "does not answer"),
    "silences": View("/silences", "new switches in the east wing"),
    "on-call": View("/on-call", "it-on-call"),
    "look-up": View("/look-up?subject=vendor/acme", "Events, the newest first", _look_up),
    "streams": View("/streams?topic=events.accounting&since=beginning", "vendor/acme"),
    "record": View("/streams?topic=events.accounting&partition={partition}&offset={offset}", "Envelope"),
    "dead-letters": View("/dead-letters", "vendor/acme"),
    "dead-letter": View("/dead-letters/{letter}", "corrected copy"),
    "rules": View("/rules", "accounting.duplicate_invoice"),
    "rule": View("/rules/accounting.duplicate_invoice", "duplicate_window_days"),
    "reports": View("/reports", "known until", _scroll_to_noise),
    "system": View("/system", "kafka-python"),
}
PAGES = pytest.mark.parametrize("name", VIEWS)


@pytest.fixture(scope="module")
def office(program: Program) -> Office:
    return lively(program)


def arrive(open_page: Open, office: Office, name: str, **options: Any) -> Page:
    """The page, whole, as an administrator sees it."""
    view = VIEWS[name]
    page = open_page(view.path.format(**office._asdict()), role=Role.ADMINISTRATOR, **options)
    view.then(page)
    expect(page.get_by_text(view.seen).first).to_be_visible(timeout=60_000)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@PAGES
def test_nothing_keeps_people_from_using_it(open_page: Open, office: Office, name: str, scheme: str) -> None:
    page = arrive(open_page, office, name, color_scheme=scheme)
    expect(page.locator("body")).to_have_class(re.compile(f"body--{scheme}"))
    assert findings(page) == []


@PAGES
def test_a_phone_needs_no_scrolling_sideways(open_page: Open, office: Office, name: str) -> None:
    page = arrive(open_page, office, name, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


WITHOUT_A_KEY = """() => [...document.querySelectorAll('main *, header *')].filter((each) => {
  if (!each.checkVisibility() || getComputedStyle(each).cursor !== 'pointer') return false;
  for (let at = each; at && at !== document.body; at = at.parentElement)
    if (at.tabIndex >= 0 || at.matches('label, [disabled], .disabled, [aria-hidden=true]')) return false;
  return !each.querySelector('input, button, a, [tabindex]');
}).map((each) => each.outerHTML.slice(0, 120))"""
"""What can be clicked and is nothing, nor within anything, that the keyboard comes to."""


@PAGES
def test_whatever_can_be_clicked_can_be_reached_by_keyboard(open_page: Open, office: Office, name: str) -> None:
    page = arrive(open_page, office, name)
    assert page.evaluate(WITHOUT_A_KEY) == []


MENU = ("Alerts", "Silences", "On call", "Look up", "Streams", "Dead letters", "Rules", "Reports", "System", "Now")


@pytest.mark.usefixtures("office")
def test_each_page_of_the_menu_is_reached_by_keyboard(open_page: Open) -> None:
    page = open_page(role=Role.ADMINISTRATOR)
    for title in MENU:
        _tab_to(page, title)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(title)
        expect(page.get_by_role("link", name=title, exact=True).first).to_have_attribute("aria-current", "page")


MENU_ENTRY = "document.activeElement.closest('nav') ? document.activeElement.innerText : ''"


def _tab_to(page: Page, title: str) -> None:
    """By nothing but Tab, from the top of the page."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(MENU_ENTRY).endswith(title):
            return
    raise AssertionError(f"{title} is not reached in 40 steps")


@pytest.mark.usefixtures("office")
def test_the_menu_can_be_skipped(open_page: Open) -> None:
    page = open_page("/alerts")
    expect(page.get_by_role("link", name="vpn.example.com does not answer")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Silences")).to_be_focused()


@pytest.mark.skipif("BACKOFFICE_SCREENSHOTS" not in os.environ, reason="BACKOFFICE_SCREENSHOTS=1 writes docs/images")
@pytest.mark.parametrize(
    ("name", "scheme", "size", "file"),
    [
        *((name, "light", SCREEN, f"{name}.png") for name in VIEWS),
        ("now", "dark", SCREEN, "now-dark.png"),
        ("alert", "dark", SCREEN, "alert-dark.png"),
        ("now", "light", PHONE, "now-phone.png"),
    ],
)
def test_picture(open_page: Open, office: Office, name: str, scheme: str, size: dict[str, int], file: str) -> None:
    page = arrive(open_page, office, name, color_scheme=scheme, viewport=size)
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / file)
    assert (IMAGES / file).stat().st_size < MOST_BYTES

"""*Silences* in a browser: made with a preview, seen with what each mutes, ended, made again; by keyboard, too."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from consumers.console.signing_in.people import Role
from tests.console.conftest import Open
from tests.console.program import Program
from tests.console.test_alerts import press, says

pytestmark = pytest.mark.kafka


def part(page: Page, name: str, matchers: str) -> Locator:
    """The line of a silence within one of the page's lists."""
    return page.get_by_role("region", name=name).get_by_role("row").filter(has_text=matchers)


def fill(page: Page, matchers: str, why: str, begins: str = "") -> None:
    form = page.get_by_role("dialog", name="Silence")
    form.get_by_label("Alerts for which all of these hold").fill(matchers)
    form.get_by_label("Begins").fill(begins)
    form.get_by_label("Why").fill(why)


def test_one_is_made_with_a_preview_ended_and_made_again(open_page: Open, program: Program) -> None:
    program.raises("Hush", 2)
    page = open_page("/silences")
    press(page, "New silence")
    expect(page.get_by_role("dialog")).to_contain_text("Conditions on labels, with commas between them")
    fill(page, 'alertname="Hush"', "new switches")
    expect(page.get_by_role("dialog")).to_contain_text("Mutes 2 alerts that fire now")
    page.get_by_role("dialog").get_by_role("button", name="Silence").click()
    says(page, "Silenced: 2 alerts.")
    line = part(page, "In force", 'alertname="Hush"')
    expect(line).to_contain_text("new switches")
    expect(line).to_contain_text("dana")
    expect(line).to_contain_text("2 alerts")
    line.get_by_role("button", name="Expire").click()
    says(page, "Silence ended.")
    expect(part(page, "Over", 'alertname="Hush"')).to_have_count(1)
    expect(line).to_have_count(0)
    assert {one["status"]["state"] for one in program.alerts("Hush")} == {"active"}
    press(page, "Undo")
    says(page, "Undone: silence ended.")
    expect(line).to_contain_text("2 alerts")
    line.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 2")


def test_one_that_is_to_come_says_what_it_would_mute(open_page: Open, program: Program) -> None:
    program.raises("Tomorrow", 1)
    page = open_page("/silences")
    press(page, "New silence")
    fill(page, 'alertname="Tomorrow"', "planned", "2020-01-01T08:00")
    page.get_by_role("dialog").get_by_role("button", name="Silence").click()
    expect(page.get_by_text("it begins from now on, and within a year")).to_be_visible()
    soon = page.evaluate("new Date(Date.now() + 86400000).toISOString().slice(0, 16)")
    fill(page, 'alertname="Tomorrow"', "planned", soon)
    page.get_by_role("dialog").get_by_role("button", name="Silence").click()
    says(page, "Silenced from then on")
    expect(part(page, "To come", 'alertname="Tomorrow"')).to_contain_text("1 alert, were it now")
    assert {one["status"]["state"] for one in program.alerts("Tomorrow")} == {"active"}


def test_it_is_reached_filled_in_and_ended_without_a_mouse(open_page: Open, program: Program) -> None:
    program.raises("ByKeys", 1)
    page = open_page("/alerts?q=ByKeys")
    expect(page.get_by_role("link", name="ByKeys on n00000")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Silences")
    expect(page.get_by_role("button", name="New silence")).to_be_enabled()
    page.keyboard.press("n")
    matchers = page.get_by_role("dialog").get_by_label("Alerts for which all of these hold")
    expect(matchers).to_be_visible()
    matchers.focus()
    page.keyboard.type('alertname="ByKeys"')
    expect(page.get_by_role("dialog")).to_contain_text("Mutes 1 alert that fires now")
    page.get_by_role("dialog").get_by_label("Why").focus()
    page.keyboard.type("keys")
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog").get_by_role("button", name="Silence")).to_be_focused()
    page.keyboard.press("Enter")
    says(page, "Silenced: 1 alert.")
    expire = part(page, "In force", 'alertname="ByKeys"').get_by_role("button", name="Expire")
    expire.focus()
    page.keyboard.press("Enter")
    says(page, "Silence ended.")


def test_a_viewer_sees_them_and_cannot_act(open_page: Open, program: Program) -> None:
    page = open_page("/alerts", role=Role.VIEWER)
    page.get_by_role("main").get_by_role("link", name="Silences").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Silences")
    expect(page.get_by_role("button", name=re.compile("New silence|Expire"))).to_have_count(0)

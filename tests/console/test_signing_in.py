"""Signing in with a browser: what is seen, what is remembered, and what a role is shown."""

import pytest
from playwright.sync_api import Browser, expect

from consumers.console.signing_in.people import Role
from tests.console.conftest import Open, sign_in
from tests.console.program import Program

pytestmark = pytest.mark.kafka


def test_nobody_sees_a_page_without_signing_in(browser: Browser, program: Program) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, program, "dana", "a guess")
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("User").fill("dana")
    page.get_by_label("Password").fill("a password of the tests")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
    expect(page.get_by_text("dana (operator)")).to_be_visible()
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "backoffice_session"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    context.close()


def test_signing_out_ends_every_page_of_the_session(browser: Browser, program: Program) -> None:
    context = browser.new_context()
    page, other = context.new_page(), context.new_page()
    sign_in(page, program, "dana")
    other.goto(program.url("/alerts"))
    expect(other.get_by_role("heading", level=1)).to_contain_text("Alerts")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    expect(other.get_by_label("Password")).to_be_visible()
    context.close()


def test_a_viewer_is_shown_no_buttons_that_act(open_page: Open, program: Program) -> None:
    (alert,) = program.raises("ForViewers")
    page = open_page(f"/alerts/{alert}", Role.VIEWER)
    expect(page.get_by_role("heading", name="ForViewers on n00000")).to_be_visible()
    expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    page.goto(program.url("/alerts?q=ForViewers"))
    expect(page.get_by_role("link", name="ForViewers on n00000")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose")).to_have_count(0)

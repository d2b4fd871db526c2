"""Alerts in a browser: each action to its effect on the topic, lists, keys, and how fast it is."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from consumers.console.signing_in.people import Role
from tests.console.conftest import Open
from tests.console.program import Program

pytestmark = pytest.mark.kafka

Record = Callable[[str, object], None]


def opens(open_page: Open, program: Program, name: str) -> tuple[Page, str]:
    """An alert's own page, and its fingerprint."""
    (alert,) = program.raises(name)
    page = open_page(f"/alerts/{alert}")
    expect(page.get_by_role("heading", name=f"{name} on n00000")).to_be_visible()
    return page, alert


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def says(page: Page, what: str) -> None:
    expect(page.get_by_role("status").filter(has_text=what)).to_be_visible()


def holder(page: Page) -> Locator:
    """Who has the alert, beside how it stands."""
    return page.get_by_role("status").get_by_text("taken by dana")


def test_an_alert_appears_within_two_seconds_of_its_event(
    page: Page, program: Program, record_testsuite_property: Record
) -> None:
    began = time.monotonic()
    program.pays_twice("shown-soon")
    expect(page.get_by_text("vendor/shown-soon")).to_be_visible(timeout=10_000)
    took = time.monotonic() - began
    record_testsuite_property("seconds from the first of two events to the alert on the page", round(took, 3))
    assert took < 5, "2 s are wanted; a loaded machine may take longer"


def test_acknowledged_and_undone(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Taken")
    press(page, "Acknowledge")
    says(page, "Acknowledged: 1 alert.")
    expect(holder(page)).to_be_visible()
    press(page, "Undo")
    says(page, "Undone: acknowledged: 1 alert.")
    expect(holder(page)).to_be_hidden()
    assert [(verb, data["by"]) for verb, data in program.commands(alert)] == [
        ("acknowledge", "dana"),
        ("unacknowledge", "dana"),
    ]
    audits = [each["data"] for each in program.said("audit", "person/dana")]
    assert {"action": "alert.acknowledge", "on": f"alert/{alert}", "note": "", "by_way_of": "console"} in audits


def test_acknowledged_for_a_while_with_a_note(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "TakenForAWhile")
    press(page, "Acknowledge for…")
    page.get_by_label("Note (others read it)").fill("calling the vendor")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    says(page, "Acknowledged: 1 alert.")
    ((verb, data),) = program.commands(alert)
    assert (verb, data["note"]) == ("acknowledge", "calling the vendor")
    assert data["until"]
    expect(page.get_by_text("calling the vendor").first).to_be_visible()


def test_taken_by_a_key_and_given_back(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "GivenBack")
    page.keyboard.press("a")
    expect(holder(page)).to_be_visible()
    press(page, "Give back")
    says(page, "Given back: 1 alert.")
    assert program.alert(alert)["acknowledged_by"] is None


def test_assigned(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Assigned")
    press(page, "Assign")
    page.get_by_role("combobox", name="To").fill("kim")
    page.get_by_role("option", name="kim", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Assign").click()
    says(page, "Assigned: 1 alert.")
    expect(page.get_by_text("assigned to kim").first).to_be_visible()
    assert program.alert(alert)["assigned_to"] == ["kim"]
    press(page, "Undo")
    says(page, "Undone: assigned: 1 alert.")
    assert program.alert(alert)["assigned_to"] == []


def test_snoozed(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Snoozed")
    press(page, "Snooze")
    page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    says(page, "Snoozed: 1 alert.")
    assert program.commands(alert)[0][0] == "snooze"
    press(page, "Wake")
    says(page, "Woken: 1 alert.")
    expect(page.locator(".chip.snoozed")).to_be_hidden()
    press(page, "Undo")
    says(page, "Undone: woken: 1 alert.")
    expect(page.locator(".chip.snoozed")).to_be_visible()
    press(page, "Wake")
    expect(page.locator(".chip.snoozed")).to_be_hidden()


def test_a_note(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Noted")
    press(page, "Note")
    page.get_by_role("dialog").get_by_label("Note").fill("<b>the cable</b>")
    page.get_by_role("dialog").get_by_role("button", name="Write").click()
    says(page, "Noted: 1 alert.")
    expect(page.get_by_text("<b>the cable</b>").first).to_be_visible()
    assert program.commands(alert)[0][1]["note"] == "<b>the cable</b>"


def test_merged(open_page: Open, program: Program) -> None:
    (into,) = program.raises("Cause")
    page, alert = opens(open_page, program, "Merged")
    press(page, "Merge")
    page.get_by_role("dialog").get_by_label("Fingerprint").fill(into)
    page.get_by_role("dialog").get_by_role("button", name="Merge").click()
    says(page, "Merged: 1 alert.")
    expect(page.get_by_role("link", name="Cause on n00000")).to_be_visible()
    assert program.alert(alert)["merged_into"] == into


def test_silenced_with_a_preview(open_page: Open, program: Program) -> None:
    program.raises("Muted", 3, team="net")
    page, _ = opens(open_page, program, "MutedToo")
    press(page, "Silence")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Mutes 1 alert that fires")
    dialog.get_by_label("Alerts for which all of these hold").fill('alertname=~"Muted|MutedToo"')
    expect(dialog).to_contain_text("Mutes 4 alerts")
    dialog.get_by_label("Why").fill("new switches")
    dialog.get_by_role("button", name="Silence").click()
    says(page, "Silenced: 4 alerts.")
    expect(page.get_by_text("dana: new switches")).to_be_visible()
    assert {one["status"]["state"] for one in program.alerts("Muted")} == {"suppressed"}
    press(page, "End this silence")
    says(page, "Silence ended.")
    assert {one["status"]["state"] for one in program.alerts("Muted")} == {"active"}


def test_resolved(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Resolved")
    press(page, "Resolve")
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    says(page, "Resolved: 1 alert.")
    assert program.alert(alert)["status"] == "resolved"
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_the_story_says_what_happened_and_leads_to_the_records(open_page: Open, program: Program) -> None:
    page, alert = opens(open_page, program, "Story")
    press(page, "Acknowledge")
    story = page.locator("ol.story li")
    expect(story.filter(has_text="raises it, or says that it is over")).to_be_visible()
    taken = story.filter(has_text="dana takes it")
    expect(taken).to_contain_text("alerting[0]@")
    expect(taken.get_by_role("link")).to_have_count(0)
    page = open_page(f"/alerts/{alert}", role=Role.ADMINISTRATOR)
    taken = page.locator("ol.story li").filter(has_text="dana takes it")
    expect(taken).to_be_visible()
    address = taken.get_by_role("link").get_attribute("href")
    assert address
    assert address.startswith("/console/streams?topic=alerting&partition=0&offset=")


# Lists


def test_several_at_once(open_page: Open, program: Program) -> None:
    alerts = program.raises("Many", 3)
    page = open_page("/alerts?q=Many")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 3")
    page.get_by_role("checkbox", name="Choose all on this page").check()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    press(page, "Acknowledge")
    page.get_by_role("dialog").get_by_role("button", name="Acknowledge").click()
    says(page, "Acknowledged: 3 alerts.")
    assert {program.alert(alert)["acknowledged_by"] for alert in alerts} == {"dana"}


def test_the_keyboard_moves_chooses_opens_and_acknowledges(open_page: Open, program: Program) -> None:
    alerts = program.raises("ByKey", 3)
    page = open_page("/alerts?q=ByKey")
    expect(page.locator("tr[data-alert]")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr.at")).to_have_attribute("data-alert", alerts[1])
    page.keyboard.press("a")
    says(page, "Acknowledged: 1 alert.")
    assert program.commands(alerts[1])[0][0] == "acknowledge"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("the next, the previous alert")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_label("Search alerts")).to_be_focused()
    page.keyboard.type("ByKey on n00002")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 1")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ByKey on n00002")).to_be_visible()


def test_the_address_says_what_is_shown(open_page: Open, program: Program) -> None:
    program.raises("Filtered", 2, department="hr", severity="warning")
    program.raises("FilteredToo", 1, department="it", severity="critical")
    page = open_page("/alerts?q=Filtered&department=hr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 2")
    page.get_by_label("Labels").fill('node="n00001"')
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 1")
    expect(page).to_have_url(re.compile(re.escape("match=node%3D%22n00001%22")))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alerts: 1")
    page.get_by_label("Labels").fill("node")
    expect(page.locator(".chip.critical", has_text="node")).to_be_visible()
    page.goto(program.url("/alerts?q=Filtered&group=department"))
    expect(page.locator("th.heading")).to_have_text(["department=it: 1", "department=hr: 2"])
    page.goto(program.url("/alerts?q=Filtered&mine=1"))
    expect(page.get_by_text("None are as asked.")).to_be_visible()


STOPWATCH = """() => {
  let began;
  document.addEventListener('click', () => { began = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_, watch) => {
    if (!document.body.innerText.includes('taken by dana')) return;
    window.took = performance.now() - began;
    watch.disconnect();
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""In the page: a test outside looks only now and then."""


def test_an_acknowledgement_is_quick_on_the_page(
    open_page: Open, program: Program, record_testsuite_property: Record
) -> None:
    page, _ = opens(open_page, program, "Quick")
    page.evaluate(STOPWATCH)
    press(page, "Acknowledge")
    expect(holder(page)).to_be_visible()
    took = page.evaluate("window.took")
    record_testsuite_property("milliseconds from the press to the effect on the page", round(took))
    assert took < 5_000, "300 ms are wanted; a loaded machine may take longer"

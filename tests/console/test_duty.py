"""On call, Rules and System in a browser: each action to its effect on the topic."""

import re

import pytest
from playwright.sync_api import expect

from consumers.console.signing_in.people import Role
from tests.console.conftest import Open
from tests.console.program import Program
from tests.console.test_alerts import holder
from tests.kafka.program import eventually

pytestmark = pytest.mark.kafka


def test_somebody_stands_in_and_no_longer_does(open_page: Open, program: Program) -> None:
    page = open_page("/on-call?from=2027-03-01")
    page.get_by_role("button", name="Stand in").click()
    form = page.get_by_role("dialog", name="Stand in")
    form.get_by_label("On duty is").click()
    page.get_by_role("option", name="kim").click()
    form.get_by_label("From, on the schedule's wall").fill("2027-03-02T09:00")
    form.get_by_label("Until").fill("2027-03-02T17:00")
    form.get_by_label("Why").fill("swapped for a day")
    form.get_by_role("button", name="Stand in").click()
    stands_in = page.get_by_role("region", name="Who stands in").get_by_text("kim instead of whoever is on duty")
    expect(stands_in).to_be_visible()
    (said,) = [each for each in program.every("alerting") if each["type"] == "alerting.override.set"]
    assert (said["data"]["user"], said["data"]["by"]) == ("kim", "dana")
    page.get_by_role("button", name="Remove").click()
    expect(stands_in).to_be_hidden()
    assert [each["type"] for each in program.said("alerting", said["subject"])][-1] == "alerting.override.remove"


def test_a_form_without_times_is_refused_on_the_page(open_page: Open) -> None:
    page = open_page("/on-call")
    page.get_by_role("button", name="Stand in").click()
    page.get_by_role("dialog", name="Stand in").get_by_role("button", name="Stand in").click()
    expect(page.get_by_text("say when it begins and when it ends")).to_be_visible()


def test_a_viewer_looks_and_cannot_stand_in(open_page: Open) -> None:
    page = open_page("/on-call", role=Role.VIEWER)
    expect(page.get_by_role("region", name="it-on-call")).to_be_visible()
    expect(page.get_by_role("button", name="Stand in")).to_have_count(0)


def test_a_calendar_program_can_fetch_the_address_that_the_page_shows(open_page: Open, program: Program) -> None:
    page = open_page("/on-call", role=Role.VIEWER)
    page.get_by_role("region", name="it-on-call").get_by_role("button", name="Subscribe").click()
    form = page.get_by_role("dialog", name="Subscribe to it-on-call")
    address = form.get_by_label("Address")
    expect(address).to_have_value(f"{program.address}/api/v1/on-call/it-on-call.ics?token=TOKEN")
    form.get_by_label("Duties of").click()
    page.get_by_role("option", name="kim").click()
    expect(address).to_have_value(f"{program.address}/api/v1/on-call/it-on-call.ics?user=kim&token=TOKEN")
    answer = program.http.get(address.input_value())
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:it-on-call: kim" in answer.text


def test_the_metrics_say_how_the_console_is_used(open_page: Open, program: Program) -> None:
    page = open_page("/alerts")
    (alert,) = program.raises("Counted")
    page.goto(program.url(f"/alerts/{alert}"))
    page.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(holder(page)).to_be_visible()
    seen = 'backoffice_commands_total{command="alert.acknowledge",outcome="seen",way="console"}'
    said = eventually(
        lambda: program.http.get("/metrics", headers={"accept": "application/openmetrics-text"}).text,
        lambda text: seen in text,
    )
    assert 'backoffice_command_effect_seconds_count{way="console"}' in said
    sessions, pages = (re.search(rf"^backoffice_console_{what} (\S+)$", said, re.M) for what in ("sessions", "pages"))
    assert sessions
    assert float(sessions[1]) >= 1
    assert pages
    assert float(pages[1]) >= 1
    assert said.endswith("# EOF\n")


def test_a_rule_shows_its_alert_and_its_false_alarm(open_page: Open, program: Program) -> None:
    program.pays_twice("judged")
    page = open_page("/rules?q=duplicate_invoice")
    page.get_by_role("link", name="accounting.duplicate_invoice").click()
    page.get_by_role("link", name=re.compile("of judged")).click()
    page.get_by_role("button", name="False alarm").click()
    page.get_by_label("Why").fill("a drill")
    page.get_by_role("button", name="Mark").click()
    judged = eventually(
        lambda: [each for each in program.every("audit") if each["type"] == "audit.alert.judged"],
        lambda found: len(found) == 1,
    )
    assert judged[0]["data"] == {
        "by": "dana",
        "rule": "accounting.duplicate_invoice",
        "false_alarm": True,
        "note": "a drill",
    }
    page.goto(program.url("/rules/accounting.duplicate_invoice"))
    expect(page.get_by_text("a drill")).to_be_visible()


def test_what_if_a_setting_were_another(open_page: Open, program: Program) -> None:
    program.pays_twice("tried")
    page = open_page("/rules/accounting.duplicate_invoice")
    page.get_by_label("duplicate_window_days").fill("0")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text(re.compile("records folded"))).to_be_visible(timeout=120_000)


def test_the_system_shows_its_worker_and_its_topics(open_page: Open, program: Program) -> None:
    page = open_page("/system")
    expect(page.get_by_role("cell", name="worker", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("cell", name="events.accounting", exact=True)).to_be_visible()
    expect(page.get_by_text("kafka-python")).to_be_visible()

"""Streams and dead letters in a browser: what is written is seen, filtered and taken along; letters are sent again."""

import json
import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from consumers.console.signing_in.people import Role
from processors.deadletter import dead_letter
from processors.engine.outbox import partition_of
from processors.records import Record
from producers.client import Client
from producers.delivery import Outgoing
from schemas.codec import HEADERS
from tests.console.conftest import Open
from tests.console.program import Program
from tests.console.test_alerts import press, says
from tests.console.test_look import PHONE, findings
from tests.console.test_look_up import viewed
from tests.kafka.program import eventually
from tests.kafka.topics import partitions, records

pytestmark = pytest.mark.kafka


def invoice(vendor: str, amount: str = "10.00") -> bytes:
    said = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/tests",
        "type": "accounting.invoice.received",
        "subject": f"vendor/{vendor}",
        "time": "2026-11-02T08:00:00Z",
        "data": {
            "number": f"INV-{vendor}",
            "invoice": "R-1",
            "amount": {"amount": amount, "currency": "EUR"},
            "issued_on": "2026-11-02",
            "due_on": "2099-01-01",
        },
    }
    return json.dumps(said).encode()


def write(program: Program, topic: str, *said: tuple[str, bytes], headers: Any = HEADERS) -> None:
    with Client(program.bootstrap, program.space) as client:
        for vendor, value in said:
            client.write(Outgoing("", program.space.topic(topic), f"vendor/{vendor}".encode(), value, headers))


def watch(open_page: Open, **asked: str) -> Page:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return open_page(f"/streams?{query}", role=Role.ADMINISTRATOR)


def rows(page: Page, text: str) -> Any:
    return page.get_by_role("table", name="Records").get_by_role("row").filter(has_text=text)


def test_what_is_written_is_seen_at_once_and_filtered(open_page: Open, program: Program) -> None:
    page = watch(open_page, topic="events.accounting", key="vendor/seen*", where="data.amount.amount>=20")
    says(page, "live")
    write(program, "events.accounting", ("seen-1", invoice("seen-1", "19.99")), ("other", invoice("other", "99")))
    write(program, "events.accounting", ("seen-2", invoice("seen-2", "20")), ("seen-3", b"rubbish"))
    expect(rows(page, "vendor/seen-2")).to_have_count(1)
    assert rows(page, "vendor/seen-1").count() == 0
    assert rows(page, "vendor/seen-3").count() == 0
    assert rows(page, "vendor/other").count() == 0


def test_a_pause_keeps_the_place(open_page: Open, program: Program) -> None:
    page = watch(open_page, topic="events.accounting", key="vendor/paused*")
    says(page, "live")
    press(page, "Pause")
    says(page, "paused")
    write(program, "events.accounting", *((f"paused-{n}", invoice(f"paused-{n}")) for n in range(3)))
    press(page, "Go on")
    expect(rows(page, "vendor/paused-")).to_have_count(3)


def test_from_the_beginning_a_page_at_a_time_and_taken_along(open_page: Open, program: Program) -> None:
    write(program, "events.accounting", *((f"many-{n:03}", invoice(f"many-{n:03}")) for n in range(230)))
    page = watch(open_page, topic="events.accounting", key="vendor/many-*", since="beginning")
    expect(rows(page, "vendor/many-")).to_have_count(200)
    says(page, "there is more")
    press(page, "Show more")
    expect(rows(page, "vendor/many-")).to_have_count(230)
    with page.expect_download() as download:
        press(page, "JSON lines")
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert {line["event"]["subject"] for line in lines} == {f"vendor/many-{n:03}" for n in range(230)}


def test_one_record_in_full(open_page: Open, program: Program) -> None:
    program.pays_twice("in-full")
    found = eventually(
        lambda: [
            r for r in records(program.bootstrap, program.space.topic("alerting")) if b"in-full" in (r.value or b"")
        ],
        bool,
    )
    page = open_page(f"/streams?topic=alerting&partition=0&offset={found[0].offset}", role=Role.ADMINISTRATOR)
    expect(page.get_by_text("alerting.condition.fired").first).to_be_visible()
    place = f"alerting[0]@{found[0].offset}"
    assert viewed(program, "ada", place) == [{"on": place, "why": "", "masked": [], "by_way_of": "console"}]
    page.get_by_text("Schema of alerting.condition.fired").click()
    expect(page.get_by_text("ConditionFired").first).to_be_visible()
    page.get_by_role("link", name="events.accounting[").first.click()
    expect(page.get_by_text("INV-in-full").first).to_be_visible()


def test_what_is_wrong_with_what_was_asked_is_said(open_page: Open) -> None:
    page = watch(open_page, topic="events.accounting", since="yesterday")
    says(page, "give 10m, 2h")


def test_what_was_watched_is_on_record_once_however_much_comes(open_page: Open, program: Program) -> None:
    page = watch(open_page, topic="events.accounting", key="vendor/watched*")
    says(page, "live")
    write(program, "events.accounting", *((f"watched-{n}", invoice(f"watched-{n}")) for n in range(3)))
    expect(rows(page, "vendor/watched-")).to_have_count(3)
    assert len(viewed(program, "ada", "topic/events.accounting?key=vendor%2Fwatched%2A")) == 1
    page.get_by_label("Key", exact=True).fill("vendor/other*")
    press(page, "Watch")
    says(page, "live")
    assert len(viewed(program, "ada", "topic/events.accounting?key=vendor%2Fother%2A")) == 1


def test_records_are_not_for_everybody(open_page: Open) -> None:
    page = open_page("/", role=Role.OPERATOR)
    assert page.get_by_role("link", name="Streams").count() == 0


# Dead letters


def buried(program: Program, name: str, count: int, value: bytes | None = None, message: str = "then") -> None:
    """Letters of records that could be applied now, unless a value is given that could not."""
    inbox = "events.accounting"
    count_ = partitions(program.bootstrap, program.space.topic(inbox))
    for vendor in (f"{name}-{n}" for n in range(count)):
        home = partition_of(f"vendor/{vendor}".encode(), count_)
        why = dead_letter(ValueError(message), Record(inbox, home, 1, 0, b"", b"", HEADERS), "accounting").headers
        write(program, "dead-letters", (vendor, value or invoice(vendor)), headers=why)


def sent(program: Program, name: str) -> list[str]:
    """Whose records stand in the inbox."""
    inbox = records(program.bootstrap, program.space.topic("events.accounting"))
    return sorted((r.key or b"").decode() for r in inbox if f"vendor/{name}".encode() in (r.key or b""))


def letters(page: Page, text: str) -> Any:
    return page.get_by_role("table", name="Letters").get_by_role("row").filter(has_text=text)


def test_several_letters_are_sent_again_each_once(open_page: Open, program: Program) -> None:
    buried(program, "mended", 5, message="the rule failed then")
    page = open_page("/dead-letters?text=vendor/mended")
    expect(letters(page, "vendor/mended")).to_have_count(5)
    expect(page.get_by_role("table", name="Reasons")).to_contain_text("the rule failed then")
    press(page, "Send again: all 5")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("5 of 5 would go back")
    dialog.get_by_label("Why").fill("the rule is mended")
    dialog.get_by_role("button", name="Send 5 again").click()
    says(page, "5 of 5 sent again")
    expect(letters(page, "vendor/mended")).to_have_count(0)
    assert sent(program, "mended") == [f"vendor/mended-{n}" for n in range(5)]
    page.get_by_role("link", name="Show those that were dealt with").click()
    expect(letters(page, "sent again by dana").first).to_be_visible()


def test_letters_that_are_chosen_are_discarded_with_a_reason(open_page: Open, program: Program) -> None:
    buried(program, "unwanted", 2)
    page = open_page("/dead-letters?text=vendor/unwanted")
    expect(letters(page, "vendor/unwanted")).to_have_count(2)
    letters(page, "vendor/unwanted-1").get_by_role("checkbox").check()
    press(page, "Discard: 1 chosen")
    page.get_by_role("dialog").get_by_label("Reason").fill("a test of the vendor's")
    page.get_by_role("dialog").get_by_role("button", name="Discard 1").click()
    says(page, "1 of 1 discarded")
    expect(letters(page, "vendor/unwanted")).to_have_count(1)
    audits = [each["data"] for each in program.said("audit", "person/dana")]
    assert ("letter.discard", "a test of the vendor's", "console") in [
        (each.get("action"), each.get("note"), each.get("by_way_of")) for each in audits
    ]


def test_a_copy_is_corrected_checked_and_sent(open_page: Open, program: Program) -> None:
    buried(program, "corrected", 1, invoice("corrected-0", "10,00"), "amount.amount: not a number")
    page = open_page("/dead-letters?text=vendor/corrected", role=Role.ADMINISTRATOR)
    letters(page, "vendor/corrected").get_by_role("link").click()
    expect(page.get_by_text("amount.amount: not a number", exact=True)).to_be_visible()
    press(page, "Check")
    says(page, "it would come back at once")
    value = page.get_by_label("Value")
    value.fill(value.input_value().replace("10,00", "10.00"))
    press(page, "Check")
    says(page, "The copy would be taken")
    press(page, "Send again")
    page.get_by_role("dialog").get_by_role("button", name="Send 1 again").click()
    says(page, "1 of 1 sent again")
    says(page, "sent again by ada")
    assert sent(program, "corrected") == ["vendor/corrected-0"]


def test_an_operator_sees_why_it_failed_but_not_what_it_says(open_page: Open, program: Program) -> None:
    buried(program, "hidden", 1)
    page = open_page("/dead-letters?text=vendor/hidden")
    letters(page, "vendor/hidden").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dead letter")
    expect(page.get_by_text("is shown to the role of administrator")).to_be_visible()
    (looked,) = viewed(program, "dana", f"letter/{page.url.rpartition('/')[2]}")
    assert looked["masked"] == ["personal", "medical"]
    assert page.get_by_text("INV-hidden").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_using_these_pages(open_page: Open, program: Program, scheme: str) -> None:
    """Also on a phone, without scrolling sideways."""
    buried(program, f"looks-{scheme}", 1)
    write(program, "events.accounting", ("looks", invoice("looks")))
    letter = records(program.bootstrap, program.space.topic("dead-letters"))[-1].offset
    place = records(program.bootstrap, program.space.topic("events.accounting"))[-1]
    for path, seen in (
        ("/streams?topic=events.accounting&since=beginning&text=vendor/looks", "vendor/looks"),
        (f"/streams?topic=events.accounting&partition={place.partition}&offset={place.offset}", "Envelope"),
        (f"/dead-letters?text=looks-{scheme}", f"vendor/looks-{scheme}"),
        (f"/dead-letters/{letter}", "corrected copy"),
    ):
        page = open_page(path, role=Role.ADMINISTRATOR, color_scheme=scheme, viewport=PHONE)
        expect(page.get_by_text(seen).first).to_be_visible()
        expect(page.locator("body")).to_have_class(re.compile(f"body--{scheme}"))
        assert findings(page) == [], path
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"], path

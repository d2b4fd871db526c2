"""*Look up* in a browser: what a role may not see is masked, and no look is without its record."""

import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from consumers.console.signing_in.people import Role
from producers.client import Client
from schemas.accounting import InvoiceApproved
from tests.console.conftest import Open
from tests.console.program import PEOPLE, Program
from tests.kafka.program import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def vendor(program: Program) -> str:
    """A vendor of whom an approval by hugo is on record."""
    name = f"v-{uuid.uuid4().hex[:8]}"
    program.pays_twice(name)
    with Client(program.bootstrap, program.space) as client:
        client.send(InvoiceApproved(invoice="R-1", approver="hugo-9"), f"vendor/{name}", source="/tests").result(30)
    return name


def look_up(page: Page, subject: str, why: str = "") -> None:
    page.get_by_label("What, such as vendor/acme").fill(subject)
    page.get_by_label("What for").fill(why)
    page.get_by_role("button", name="Look up").click()


def viewed(program: Program, who: str, subject: str) -> list[dict[str, Any]]:
    said = program.said("audit", f"person/{who}")
    return [one["data"] for one in said if one["type"] == "audit.record.viewed" and one["data"]["on"] == subject]


def approvals(page: Page) -> Any:
    return page.get_by_role("row").filter(has_text="accounting.invoice.approved")


def until_shown(page: Page, subject: str) -> None:
    """What was just said may not be in the archive yet: it is looked up until it is."""
    eventually(lambda: _shows(page, subject), bool, within=60)


def _shows(page: Page, subject: str) -> bool:
    look_up(page, subject)
    expect(page.get_by_role("heading", name=subject, exact=True)).to_be_visible()
    return bool(approvals(page).count())


def test_a_viewer_sees_that_it_was_approved_and_not_by_whom(program: Program, open_page: Open, vendor: str) -> None:
    page = open_page("/look-up", role=Role.VIEWER)
    until_shown(page, f"vendor/{vendor}")
    expect(approvals(page)).to_contain_text("approver: [personal]")
    expect(page.get_by_text("What is personal and medical is masked")).to_be_visible()
    assert "hugo-9" not in page.content()


def test_an_administrator_sees_by_whom(program: Program, open_page: Open, vendor: str) -> None:
    page = open_page("/look-up", role=Role.ADMINISTRATOR)
    until_shown(page, f"vendor/{vendor}")
    expect(approvals(page)).to_contain_text("approver: hugo-9")


def test_the_look_is_on_record_when_the_page_shows_it(program: Program, open_page: Open, vendor: str) -> None:
    page = open_page("/look-up", role=Role.OPERATOR)
    look_up(page, f"vendor/{vendor}", "the vendor calls")
    expect(page.get_by_role("heading", name=f"vendor/{vendor}", exact=True)).to_be_visible()
    assert viewed(program, PEOPLE[Role.OPERATOR], f"vendor/{vendor}") == [
        {"on": f"vendor/{vendor}", "why": "the vendor calls", "masked": ["medical"], "by_way_of": "console"}
    ]


def test_opening_the_page_looks_nothing_up(program: Program, open_page: Open, vendor: str) -> None:
    page = open_page(f"/look-up?subject=vendor/{vendor}", role=Role.ADMINISTRATOR)
    expect(page.get_by_label("What, such as vendor/acme")).to_have_value(f"vendor/{vendor}")
    assert viewed(program, PEOPLE[Role.ADMINISTRATOR], f"vendor/{vendor}") == []


def test_what_there_is_not_is_said(open_page: Open) -> None:
    page = open_page("/look-up", role=Role.VIEWER)
    look_up(page, "unicorn/1")
    expect(page.get_by_text("nothing is known of any unicorn")).to_be_visible()
    look_up(page, "vendor/nobody-ever")
    expect(page.get_by_text("Nothing is known of it.")).to_be_visible()

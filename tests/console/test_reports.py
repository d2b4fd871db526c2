"""*Reports* in a browser: figures, and the records that each of them counts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Open
from tests.console.program import Program
from tests.kafka.program import eventually

pytestmark = pytest.mark.kafka

RULE = "accounting.duplicate_invoice"


@pytest.fixture(scope="module")
def paid_twice(program: Program) -> None:
    """Some alerts, which the archive has."""
    for n in range(3):
        program.pays_twice(f"report-{n}")


def rows(page: Page) -> int:
    return page.get_by_role("row").filter(has_text=RULE).count()


def noise(open_page: Open) -> Page:
    """The reports, opened until the archive has the alerts."""
    page = open_page("/reports")

    def shown() -> int:
        page.reload()
        expect(page.get_by_text("known until")).to_be_visible()
        fired = page.get_by_role("row").filter(has_text=RULE).get_by_role("link").first
        return int(fired.inner_text()) if fired.count() else 0

    eventually(shown, lambda count: count >= 3, within=90)
    return page


@pytest.mark.usefixtures("paid_twice")
def test_a_figure_leads_to_as_many_records_as_it_says(open_page: Open) -> None:
    page = noise(open_page)
    fired = page.get_by_role("row").filter(has_text=RULE).get_by_role("link").first
    says = int(fired.inner_text())
    fired.click()
    expect(page.get_by_role("heading", name="Records behind a figure")).to_be_visible()
    expect(page.get_by_text(re.compile(rf"^{says} records?\.$"))).to_be_visible()
    assert rows(page) == says


def test_every_report_has_its_place_and_a_csv_has_them_all(open_page: Open) -> None:
    page = open_page("/reports")
    expect(page.get_by_text("known until")).to_be_visible()
    for title in ("Targets kept", "Time to acknowledge", "Overdue work", "Impact of outages", "Alert noise"):
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    text = saved.value.path().read_text()
    assert text.startswith("report,from,to,department,group,figure,value,unit,records")


def test_a_period_that_is_none_is_said(open_page: Open) -> None:
    page = open_page("/reports?from=2026-02-02&to=2026-02-01")
    expect(page.get_by_text("cannot end at")).to_be_visible()


def test_a_department_may_be_chosen_and_stays_chosen(open_page: Open) -> None:
    page = open_page("/reports")
    page.get_by_label("Department").select_option("accounting")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("department=accounting"))
    expect(page.get_by_label("Department")).to_have_value("accounting")
    expect(page.get_by_role("heading", name="Audit findings")).to_be_visible()
    expect(page.get_by_role("heading", name="Outages")).to_have_count(0)

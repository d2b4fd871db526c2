"""Reports as HTML, CSV and JSON."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from consumers.reports.figure import BadReport
from consumers.reports.figures import REPORTS, report_named
from consumers.reports.showing import as_csv, as_html, as_json, links_to, records_address
from schemas.it import OutageDetected
from tests.office import Office, instant
from tests.unit.reports.history import History


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    office = Office().at("2026-01-05T10:00")
    for service in ("=1+1", "vpn"):
        office.receives((f"service/{service}", OutageDetected(outage="O-1", since=instant("2026-01-05T10:00"))))
    made = History(tmp_path, office, now=datetime(2026, 1, 12, tzinfo=UTC))
    yield made
    made.close()


def test_every_report_can_be_shown_in_every_way(history: History) -> None:
    results = history.reports.take(REPORTS.values(), history.scope())
    page = as_html(results, "All of it", links_to("/console"))
    for report in REPORTS.values():
        assert f"<h2>{report.title}</h2>" in page
        for figure in report.figures:
            assert figure.meaning  # each says its formula
    assert [one["report"] for one in json.loads(as_json(results))] == list(REPORTS)
    assert "http" not in page.replace("/console", "")  # it loads nothing from anywhere


def test_a_csv_has_a_row_for_each_figure_of_each_group(history: History) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([history.take("outages")]))))
    assert [(row["group"], row["value"]) for row in rows if row["figure"] == "outages"] == [
        ("service/=1+1", "1"),
        ("service/vpn", "1"),
        ("All", "2"),
    ]


def test_what_a_spreadsheet_would_take_for_a_formula_is_harmless(history: History) -> None:
    import dataclasses

    result = history.take("outages")
    line = dataclasses.replace(result.lines[0], group=("=1+1",))
    assert "'=1+1" in as_csv([dataclasses.replace(result, lines=[line])])


def test_a_link_leads_to_the_records_of_its_figure(history: History) -> None:
    report, scope = report_named("outages"), history.scope(department="it")
    address = records_address(report, report.figure("began"), ("service/a&b",), scope, "https://x.example/console/")
    parts = urlsplit(address)
    assert parts.path == "/console/reports/outages"
    assert parse_qs(parts.query) == {
        "figure": ["began"],
        "group": ['["service/a&b"]'],
        "from": ["2026-01-05"],
        "to": ["2026-01-11"],
        "department": ["it"],
    }


def test_a_figure_that_counts_nothing_has_no_link(history: History) -> None:
    result = history.take("outages")
    cells = {cell.figure.name: cell for cell in result.lines[0].cells}
    link = links_to("/console")
    assert link(result, result.lines[0], cells["began"]) is not None
    assert cells["lasts"].records == 1
    assert link(result, result.lines[0], cells["began"].__class__(cells["began"].figure, 0, 0)) is None


def test_what_there_is_not_is_refused_and_says_what_there_is(history: History) -> None:
    with pytest.raises(BadReport, match="there are: targets"):
        history.reports.named("nothing")
    with pytest.raises(BadReport, match="there are: outages, began"):
        history.reports.records("outages", "nothing", None, history.scope())
    with pytest.raises(BadReport, match="a group of outages is told by service"):
        history.reports.records("outages", "began", ("a", "b"), history.scope())

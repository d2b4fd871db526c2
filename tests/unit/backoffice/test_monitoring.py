"""Dashboard, alert rules and the operators' table name the metrics that processes have, and no others."""

import json
import re
from pathlib import Path

import pytest

from backoffice.metrics import Described, described, registries, table
from tests.monitoring import DASHBOARD, PROCESS, RULES_TRIED, alerts, expressions, metrics_in, panels, read

DOCUMENT = Path(__file__).parents[3] / "docs" / "operations.md"
FEW = {
    "channel",
    "code",
    "command",
    "consumer",
    "department",
    "method",
    "outcome",
    "partition",
    "processor",
    "receiver",
    "route",
    "severity",
    "stage",
    "state",
    "status",
    "table",
    "to",
    "topic",
    "way",
    "what",
    "why",
}
"""Labels of which there are few values, however much happens. An id is none of them."""

UNITS = ("_seconds", "_bytes", "_records", "_total", "_info", "_rows")
NO_UNIT = {
    "backoffice_alerts_firing",
    "backoffice_api_held",
    "backoffice_archive_working",
    "backoffice_api_ready",
    "backoffice_breaker_open",
    "backoffice_console_pages",
    "backoffice_console_sessions",
    "backoffice_deadlines_waiting",
    "backoffice_notices_held",
    "backoffice_notices_under_way",
    "backoffice_partition_ready",
}
"""Gauges that count things, or say yes or no."""


def all_families() -> list[Described]:
    return sorted({one for registry in registries().values() for one in described(registry)})


def names() -> set[str]:
    return {one.name for one in all_families()}


def test_the_operators_table_is_what_the_code_says() -> None:
    assert table(registries()) in DOCUMENT.read_text(), "stale: put what `backoffice metrics` prints into it"


@pytest.mark.parametrize("family", all_families(), ids=lambda family: family.name)
def test_names_have_units_labels_are_few_and_each_says_what_it_is(family: Described) -> None:
    assert family.name.endswith(UNITS) or family.name in NO_UNIT
    assert set(family.labels) <= FEW
    assert re.match(r"[A-Z0-9].*\.$", family.says)


def test_a_name_means_the_same_in_every_process() -> None:
    assert len(names()) == len(all_families())


@pytest.mark.parametrize(("where", "expression"), [*expressions()])
def test_what_is_asked_for_is_there(where: str, expression: str) -> None:
    found = metrics_in(expression)
    assert found <= names() | set(PROCESS), where


def test_everything_there_is_is_on_the_dashboard() -> None:
    shown = {name for found in panels().values() for expression in found for name in metrics_in(expression)}
    feeds = {name for name in names() if name.startswith("backoffice_fed_")}
    assert names() - shown - feeds == set()


def test_every_alert_is_tried_out_where_it_fires_and_where_it_does_not() -> None:
    tried: dict[str, set[bool]] = {}
    for test in read(RULES_TRIED)["tests"]:
        for case in test["alert_rule_test"]:
            tried.setdefault(case["alertname"], set()).add(bool(case["exp_alerts"]))
    assert tried == {name: {True, False} for name in alerts()}


def test_the_dashboard_can_be_imported_as_it_is() -> None:
    board = json.loads(DASHBOARD.read_text())
    assert board["uid"] == "backoffice"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for n, one in enumerate(places):
        for other in places[n + 1 :]:
            beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            assert beside or one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}

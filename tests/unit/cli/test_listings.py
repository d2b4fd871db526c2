"""Listings that need no broker, as programs read them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from backoffice.cli import app
from backoffice.registry import processors

CONFIG = """
alerting:
  receivers: [{name: dana}, {name: kim}]
  route:
    receiver: dana
    routes:
      - {matchers: ['department="it"'], receiver: kim, continue: true}
      - {matchers: ['severity=~"critical|error"'], routes: [{matchers: ['department="hr"'], receiver: kim}]}
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKOFFICE_CONFIG", raising=False)
    (tmp_path / "backoffice.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def answer(*words: str) -> Any:
    return json.loads(typed(*words, "--output", "json").stdout)


def test_rules() -> None:
    rules = {rule.name for processor in processors() for rule in processor.rules}
    assert {row["rule"] for row in answer("rules", "list")} == rules
    rows = list(csv.DictReader(io.StringIO(typed("rules", "list", "--department", "it", "-o", "csv").stdout)))
    assert {row["rule"] for row in rows} == {name for name in rules if name.startswith("it.")}
    assert typed("rules", "list", "--department", "none").stdout == "No rules of none.\n"


def test_one_rule_with_its_thresholds() -> None:
    rule = answer("rules", "show", "accounting.duplicate_invoice")
    assert (rule["rule"], rule["severity"]) == ("accounting.duplicate_invoice", "error")
    assert [(each["setting"], each["where"]) for each in rule["thresholds"]] == [("duplicate_window_days", "")]


def test_the_route_tree_says_of_each_route_where_it_is() -> None:
    assert answer("routes", "show") == [
        {"path": "0", "matchers": [], "receiver": "dana", "continue": False},
        {"path": "0.0", "matchers": ['department="it"'], "receiver": "kim", "continue": True},
        {"path": "0.1", "matchers": ['severity=~"critical|error"'], "receiver": "dana", "continue": False},
        {"path": "0.1.0", "matchers": ['department="hr"'], "receiver": "kim", "continue": False},
    ]


def test_whom_an_alert_goes_to() -> None:
    both = ("routes", "test", "department=it", "severity=error")
    assert answer(*both) == [{"receiver": "kim"}, {"receiver": "dana"}]
    refused = typed(*both, "--verify.receivers", "dana", "-o", "json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout) == [{"receiver": "kim"}, {"receiver": "dana"}], "the warning is not in the answer"
    assert "WARNING" in refused.stderr


def test_a_broker_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKOFFICE_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "home"))
    done = typed("broker", "status", "-o", "json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["answers"] is False

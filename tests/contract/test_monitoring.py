"""infra/monitoring before Prometheus' own checker: `promtool`."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.go_tools import go_tool
from tests.monitoring import FOLDER, expressions


@pytest.fixture(scope="module")
def promtool() -> Path:
    return go_tool("promtool")


def run(promtool: Path, *arguments: str) -> str:
    """What it says; a failure is one of the test."""
    done = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_rules_are_rules(promtool: Path) -> None:
    assert "SUCCESS" in run(promtool, "check", "rules", "--lint=all", "--lint-fatal", "rules.yml")


def test_each_alert_fires_where_it_should_and_just_not_before(promtool: Path) -> None:
    assert "SUCCESS" in run(promtool, "test", "rules", "rules.test.yml")


def test_the_example_of_a_configuration_is_one(promtool: Path) -> None:
    assert "SUCCESS" in run(promtool, "check", "config", "prometheus.yml")


def test_every_expression_of_the_dashboard_can_be_asked(promtool: Path, tmp_path: Path) -> None:
    asked = [{"record": f"asked:{n}", "expr": expression} for n, (_, expression) in enumerate(expressions())]
    file = tmp_path / "asked.yml"
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": asked}]}))
    assert f"{len(asked)} rules found" in run(promtool, "check", "rules", str(file))

"""What infra/monitoring says of metrics: the expressions of its rules and of its dashboard, and the names in them."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[1] / "infra" / "monitoring"
RULES, RULES_TRIED, DASHBOARD, SCRAPING = (
    FOLDER / name for name in ("rules.yml", "rules.test.yml", "dashboard.json", "prometheus.yml")
)

NAME = re.compile(r"\b(?:backoffice|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(bucket|sum|count)$")
PROCESS = ("process_cpu_seconds_total", "process_resident_memory_bytes")
"""Of those that prometheus_client tells of every process, what is looked at."""

VARIABLES = {"$__rate_interval": "1m", "$processor": ".*", "$job": "backoffice"}
"""What Grafana puts in for its variables."""


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text())


def alerts() -> dict[str, str]:
    """Each alert's expression, by its name."""
    return {rule["alert"]: rule["expr"] for group in read(RULES)["groups"] for rule in group["rules"]}


def panels() -> dict[str, list[str]]:
    """Each panel's expressions, as Prometheus is asked them, by its title."""
    return {panel["title"]: [asked(t["expr"]) for t in panel.get("targets", ())] for panel in _board()["panels"]}


def _board() -> Mapping[str, Any]:
    board: Mapping[str, Any] = json.loads(DASHBOARD.read_text())
    return board


def asked(expression: str) -> str:
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def expressions() -> Iterator[tuple[str, str]]:
    """Where an expression stands, and the expression."""
    yield from alerts().items()
    for title, found in panels().items():
        for expression in found:
            yield title, expression


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression names, without what histograms add to theirs. Labels are no metrics."""
    without_labels = re.sub(r"\{[^}]*\}|\bby \([^)]*\)|\"[^\"]*\"", "", expression)
    return {SUFFIX.sub("", name) for name in NAME.findall(without_labels)}

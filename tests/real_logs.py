"""The real event logs with known answers: where they are, and what is known of them."""

import csv
import gzip
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest


def real_logs(log: str) -> Path:
    """The folder of the logs: BACKOFFICE_REAL_LOGS, or shared/data beside the checkout. Skips where `log` is not."""
    given = os.environ.get("BACKOFFICE_REAL_LOGS")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not (folder / log).exists():
        pytest.skip(f"left out: {log} is not in {folder}; name its folder in BACKOFFICE_REAL_LOGS")
    return folder


def known_ids(folder: Path, log: str) -> dict[str, set[str]]:
    """The exact case ids behind each known answer."""
    ids: dict[str, set[str]] = defaultdict(set)
    with gzip.open(folder / "known_answer_ids.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["log"] == log:
                ids[row["rule"]].add(row["id"])
    return ids


def known_answers(folder: Path, log: str) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((folder / "known_answers.json").read_text(encoding="utf-8"))[log]
    return answers

"""Mapped logs through the whole pipeline, on a real broker: alerts and measures are those of the fold in memory.

That the fold in memory equals the known answers is asserted in tests/unit/departments/test_real_*.py.
"""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known
from processors.departments import accounting, front_office, hr
from processors.measure import Answer
from processors.processor import Processor
from schemas.topics import Space
from tests.chaos.forms import pick
from tests.kafka.program import backoffice
from tests.real_logs import Folded, real_logs

pytestmark = [pytest.mark.kafka, pytest.mark.real_logs]


@dataclass(frozen=True)
class Log:
    """A real log, its mapping, whose rules read it, and how many of its rows are imported (None: all)."""

    mapping: str
    file: str
    department: Processor
    rows: int | None = None


LOGS = [
    Log("exit-survey", "hr_dete_exit_survey.csv", hr.department),
    Log("consumer-complaints", "cfpb_complaints_a.csv", front_office.department),
    Log("purchase-to-pay", "bpi2019_p2p_invoice_after_gr.csv.gz", accounting.department, pick(15_000, None)),
]

Alert = tuple[str, str, tuple[tuple[str, str], ...]]


@pytest.mark.parametrize("log", LOGS, ids=[log.mapping for log in LOGS])
@pytest.mark.timeout(pick(600, 7_200))
def test_an_import_gives_the_alerts_and_measures_of_the_fold(log: Log, bootstrap: str, tmp_path: Path) -> None:
    path = real_logs(log.file) / log.file
    space = Space(f"answers-{uuid.uuid4().hex[:8]}", replay=True)
    limit = () if log.rows is None else ("--rows", str(log.rows))
    # Slices of a month: the same events in the same order, in fewer transactions.
    command = ("import", log.mapping, str(path), "--space", space.name, "--slice-hours", "720", *limit)
    done = backoffice(bootstrap, tmp_path, *command, timeout=pick(500, 7_000))
    assert done.returncode == 0, done.stderr
    folded = Folded.of(log.department, known(log.mapping), path, log.rows)

    measures = json.loads(backoffice(bootstrap, tmp_path, "measure", "--output", "json", "--space", space.name).stdout)
    ours = {name: measures[name] for name in log.department.measures}
    assert ours == {name: _as_json(folded.measure(name)) for name in log.department.measures}
    assert any(ours.values())

    told = json.loads(
        backoffice(bootstrap, tmp_path, "alerts", "--all", "--output", "json", "--space", space.name).stdout
    )
    distinguish = {rule.name: rule.distinguish for rule in log.department.rules}
    alerts = {_alert(each, distinguish[each["rule"]]) for each in told if each["rule"] in distinguish}
    assert alerts == {
        (rule, subject, tuple(sorted(labels.items()))) for rule in distinguish for subject, labels in folded.fired(rule)
    }
    assert alerts
    assert backoffice(bootstrap, tmp_path, "space", "remove", space.name).returncode == 0


def _as_json(answer: Answer) -> Any:
    """An answer as the command gives it."""
    return sorted(answer) if isinstance(answer, frozenset) else answer


def _alert(each: dict[str, Any], distinguish: tuple[str, ...]) -> Alert:
    labels = {name: each["labels"][name] for name in distinguish}
    return each["rule"], each["subject"], tuple(sorted(labels.items()))

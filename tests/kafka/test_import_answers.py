"""Mapped logs through the whole pipeline, on a real broker: alerts and measures are those of the fold in memory.

That the fold in memory equals the known answers is asserted in tests/unit/departments/test_real_*.py. The larger logs
are imported in part, and whole in `make reallogs`.
"""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backoffice.mappings import known
from processors.departments import accounting, finance, front_office, health, hr, management, manufacturing
from processors.measure import Answer
from processors.processor import Processor
from schemas.topics import Space
from tests import xes_log
from tests.chaos.forms import LONG, pick
from tests.kafka.program import backoffice
from tests.real_logs import Folded, real_logs

pytestmark = [pytest.mark.kafka, pytest.mark.real_logs, pytest.mark.timeout(pick(600, 7_200))]


SLICE = timedelta(days=30)
"""The same events in the same order as in shorter ones, in fewer transactions."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Log:
    """A real log, its mapping, whose rules read it, and how many of its rows are imported (None: all)."""

    mapping: str
    file: str
    department: Processor
    rows: int | None = None

    @property
    def path(self) -> Path:
        return real_logs(self.file) / self.file

    def folded(self) -> Folded:
        """Until the end of the slice that holds the last event: so far time goes on in every partition of an import."""
        folded = Folded.of(self.department, known(self.mapping), self.path, self.rows)
        return folded.passes(SLICE - (folded.now - EPOCH) % SLICE)


PATHWAYS = Log("hospital-pathways", "sepsis_cases.csv", health.department)
LOGS = [
    Log("exit-survey", "hr_dete_exit_survey.csv", hr.department),
    Log("consumer-complaints", "cfpb_complaints_a.csv", front_office.department),
    Log("work-orders", "production_levy2014.csv", manufacturing.department),
    replace(PATHWAYS, rows=pick(4_000, None)),
    Log("expense-declarations", "bpi2020_domestic_declarations.csv.gz", management.department, pick(10_000, None)),
    Log("loan-applications", "bpi2012_loan_applications.csv.gz", finance.department, pick(15_000, None)),
    Log("purchase-to-pay", "bpi2019_p2p_invoice_after_gr.csv.gz", accounting.department, pick(15_000, None)),
]

Alert = tuple[str, str, tuple[tuple[str, str], ...]]


@pytest.mark.parametrize("log", LOGS, ids=[log.mapping for log in LOGS])
def test_an_import_gives_the_alerts_and_measures_of_the_fold(log: Log, bootstrap: str, tmp_path: Path) -> None:
    limit = () if log.rows is None else ("--rows", str(log.rows))
    _gives_those_of(log.folded(), bootstrap, tmp_path, log.mapping, str(log.path), *limit)


@pytest.mark.skipif(LONG, reason="the short form imports all of it")
def test_a_log_in_xes_gives_the_alerts_and_measures_of_the_same_log_in_csv(bootstrap: str, tmp_path: Path) -> None:
    """Its traces go case by case, so everything has to be brought into the order of time first."""
    log = xes_log.written(PATHWAYS.path, tmp_path / "sepsis.xes.gz")
    mapping = xes_log.mapping(tmp_path / "pathways-xes.yaml")
    _gives_those_of(PATHWAYS.folded(), bootstrap, tmp_path, "--mapping", str(mapping), str(log))


def _gives_those_of(folded: Folded, bootstrap: str, home: Path, *what: str) -> None:
    """Imports it into a space of its own, and compares what a user sees there with the fold."""
    space = Space(f"answers-{uuid.uuid4().hex[:8]}", replay=True)
    hours = str(SLICE // timedelta(hours=1))
    command = ("import", *what, "--space", space.name, "--slice-hours", hours)
    done = backoffice(bootstrap, home, *command, timeout=pick(500, 7_000))
    assert done.returncode == 0, done.stderr
    print(done.stdout)  # noqa: T201 - with -s, the rows a second
    department = folded.department

    measures = json.loads(backoffice(bootstrap, home, "measure", "--output", "json", "--space", space.name).stdout)
    ours = {name: measures[name] for name in department.measures}
    assert ours == {name: _as_json(folded.measure(name)) for name in department.measures}
    assert any(ours.values())

    told = json.loads(backoffice(bootstrap, home, "alerts", "--all", "--output", "json", "--space", space.name).stdout)
    distinguish = {rule.name: rule.distinguish for rule in department.rules}
    alerts = {_alert(each, distinguish[each["rule"]]) for each in told if each["rule"] in distinguish}
    assert alerts == {
        (rule, subject, tuple(sorted(labels.items()))) for rule in distinguish for subject, labels in folded.fired(rule)
    }
    assert alerts
    assert backoffice(bootstrap, home, "space", "remove", space.name).returncode == 0


def _as_json(answer: Answer) -> Any:
    """An answer as the command gives it."""
    match answer:
        case frozenset():
            return sorted(answer)
        case dict():
            return {name: str(n) if isinstance(n, Decimal) else n for name, n in answer.items()}
    return answer


def _alert(each: dict[str, Any], distinguish: tuple[str, ...]) -> Alert:
    labels = {name: each["labels"][name] for name in distinguish}
    return each["rule"], each["subject"], tuple(sorted(labels.items()))

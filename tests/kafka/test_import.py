"""The incident log through the whole pipeline, on a real broker, with its worker killed in the middle: exact."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from schemas.topics import Space
from tests.kafka import oracle
from tests.kafka.program import backoffice, eventually, running
from tests.kafka.topics import records
from tests.real_logs import known_answers, known_ids, real_logs

pytestmark = [pytest.mark.kafka, pytest.mark.real_logs]

LOG = "uci_incidents"
FILE = f"{LOG}.csv.gz"


@dataclass(frozen=True)
class Imported:
    """A finished import: its alerts and measures as a user gets them."""

    alerts: list[dict[str, Any]]
    measures: dict[str, Any]
    ids: dict[str, set[str]]
    answers: dict[str, Any]
    output: str

    def ever_fired(self, rule: str, **labels: str) -> set[str]:
        return {
            alert["subject"].partition("/")[2]
            for alert in self.alerts
            if alert["rule"] == rule and labels.items() <= alert["labels"].items()
        }


def worker_of(process: "subprocess.Popen[bytes]") -> psutil.Process | None:
    """The worker that an import has started."""
    children = psutil.Process(process.pid).children()
    return next((child for child in children if "worker" in child.cmdline()), None)


def kill_worker_once_under_way(bootstrap: str, space: Space, process: "subprocess.Popen[bytes]") -> None:
    """kill -9 when a good part has been processed."""

    def progress() -> int:
        feeds = records(bootstrap, space.topic("feeds"))
        closed = json.loads(feeds[-1].value or b"{}")["closed"] if feeds else None
        return closed["rows"] if closed else 0

    eventually(progress, lambda rows: rows > 40_000, within=240)
    worker = worker_of(process)
    assert worker is not None
    worker.kill()


@pytest.fixture(scope="module")
def imported(bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    folder = real_logs(FILE)
    home = tmp_path_factory.mktemp("import")
    space = Space(f"import-{uuid.uuid4().hex[:8]}", replay=True)
    with running(bootstrap, home, "import", "it-incidents", str(folder / FILE), "--space", space.name) as process:
        eventually(lambda: (home / "process.log").read_text(), lambda said: "rows/s" in said)
        kill_worker_once_under_way(bootstrap, space, process)
        assert process.wait(600) == 0, (home / "process.log").read_text()
    alerts = backoffice(bootstrap, home, "alerts", "--all", "--output", "json", "--space", space.name)
    measures = backoffice(bootstrap, home, "measure", "--output", "json", "--space", space.name)
    yield Imported(
        json.loads(alerts.stdout),
        json.loads(measures.stdout),
        known_ids(folder, LOG),
        known_answers(folder, LOG),
        (home / "process.log").read_text(),
    )
    assert backoffice(bootstrap, home, "space", "remove", space.name).returncode == 0


def test_every_row_is_imported_although_the_worker_was_killed(imported: Imported) -> None:
    assert "141,712 events from 141,712 rows imported" in imported.output
    assert "starting it again" in imported.output


@pytest.mark.parametrize(
    ("rule", "labels", "answer"),
    [
        ("it.sla_restore", {}, "made_sla_false_on_any_row"),
        ("it.incident_bouncing", {"reason": "reassigned"}, "reassignment_count_gt_3_on_any_row"),
        ("it.major_incident", {}, "ever_priority_1_critical"),
    ],
)
def test_alerts_ever_fired(imported: Imported, rule: str, labels: dict[str, str], answer: str) -> None:
    assert imported.ids[answer]
    assert imported.ever_fired(rule, **labels) == imported.ids[answer]


@pytest.mark.parametrize(
    ("measure", "answer"),
    [
        ("incidents_closed", "incidents_with_a_Closed_row"),
        ("sla_missed", "made_sla_false_on_any_row"),
        ("reassigned_too_often", "reassignment_count_gt_3_on_any_row"),
        ("reopened_by_state", "state_left_Resolved_for_a_non_Closed_state"),
        ("priority_raised", "priority_raised_at_least_once"),
        ("priority_lowered", "priority_lowered_at_least_once"),
        ("ever_major", "ever_priority_1_critical"),
        ("ever_major_and_sla_missed", "ever_priority_1_and_made_sla_false_on_last_row"),
        ("ever_awaited_user", "incidents_ever_Awaiting_User_Info"),
        ("modifications_out_of_order", "incidents_sys_mod_count_not_increasing_in_time_order"),
    ],
)
def test_cases_measured(imported: Imported, measure: str, answer: str) -> None:
    assert imported.ids[answer]
    assert set(imported.measures[measure]) == imported.ids[answer]


def test_numbers_measured(imported: Imported) -> None:
    answers, measures = imported.answers, imported.measures
    assert measures["most_reassignments"] == answers["max_reassignment_count"]
    assert len(measures["caused_by_change"]) == answers["incidents_caused_by_a_change"]
    assert len(measures["sla_recovered"]) == answers["made_sla_false_then_true_again"]
    assert len(measures["reopened_by_counter"]) == answers["reopen_count_gt_0_on_last_row"]
    by_priority = {label[0]: n for label, n in answers["made_sla_false_on_last_row_by_priority"].items()}
    assert measures["sla_missed_by_priority"] == by_priority


def test_bursts(imported: Imported) -> None:
    answers, measures = imported.answers, imported.measures
    bursts = {(a["subject"], a["labels"]["hour"]) for a in imported.alerts if a["rule"] == "it.incident_burst"}
    assert len(bursts) == len(measures["incident_bursts"]) == answers["category_hours_with_ge_10_incidents_opened"]
    (category, hour), most = answers["largest_category_hour"]
    assert measures["largest_burst"] == most
    assert (f"category/{category}", hour.replace(" ", "T")) in bursts


def test_an_interrupted_import_goes_on_from_the_last_committed_row(bootstrap: str, tmp_path: Path) -> None:
    """Importer and worker are both killed; the same command goes on; outputs are those of the log, no more."""
    folder = real_logs(FILE)
    space = Space(f"resume-{uuid.uuid4().hex[:8]}", replay=True)
    command = ("import", "it-incidents", str(folder / FILE), "--space", space.name, "--rows", "6000")
    with running(bootstrap, tmp_path, *command) as process:
        eventually(
            lambda: records(bootstrap, space.topic("feeds")) if _exists(bootstrap, space) else [],
            lambda feeds: len(feeds) > 2 and feeds[-1],
        )
        worker = worker_of(process)
        process.kill()
        assert worker is not None
        worker.kill()
    again = backoffice(bootstrap, tmp_path, *command)
    assert again.returncode == 0, again.stderr
    assert "resumed after row" in again.stdout
    assert "6,000 events from 6,000 rows imported" in again.stdout
    events = [r for r in records(bootstrap, space.topic("events.it")) if b"it.incident.updated" in (r.value or b"")]
    assert len(events) == 6_000, "every row stands on the log once"
    oracle.check(bootstrap, space)


def _exists(bootstrap: str, space: Space) -> bool:
    from infra.admin import admin

    with admin(bootstrap) as cluster:
        return space.topic("feeds") in cluster.list_topics()

"""The incident log: what each line says, and what it must not say yet."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from backoffice.mappings import known
from producers.importers import Imported, Rejected
from schemas.it import IncidentUpdated
from tests.real_logs import real_logs

read = known("it-incidents").read

LINE = {
    "source_row": "7",
    "number": "INC0000045",
    "incident_state": "Active",
    "reassignment_count": "2",
    "reopen_count": "0",
    "sys_mod_count": "4",
    "made_sla": "true",
    "opened_at": "29/2/2016 01:16",
    "sys_updated_at": "1/3/2016 08:05",
    "priority": "3 - Moderate",
    "category": "Category 55",
    "subcategory": "?",
    "location": "Location 143",
    "assignment_group": "Group 56",
    "assigned_to": "Resolver 89",
    "caused_by": "CHG0000097",
    "problem_id": "Problem ID  2",
    "vendor": "?",
    "closed_code": "code 5",
    "resolved_by": "Resolved by 149",
    "resolved_at": "29/2/2016 11:29",
    "closed_at": "5/3/2016 12:00",
}


def log(path: Path, **changes: str) -> Path:
    line = LINE | changes
    path.write_text(",".join(line) + "\n" + ",".join(line.values()) + "\n")
    return path


def only(path: Path, zone: str = "UTC") -> Imported | Rejected:
    (outcome,) = read(path, time_zone=ZoneInfo(zone))
    return outcome


def event(path: Path, zone: str = "UTC") -> IncidentUpdated:
    outcome = only(path, zone)
    assert isinstance(outcome, Imported), outcome
    assert isinstance(outcome.event, IncidentUpdated)
    return outcome.event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "incidents.csv"


def test_a_line_becomes_the_whole_record(path: Path) -> None:
    outcome = only(log(path))
    assert outcome == Imported(
        row=1,
        at=datetime(2016, 3, 1, 8, 5, tzinfo=UTC),
        subject="incident/INC0000045",
        id="it-incidents/7",
        source="urn:backoffice:import:it-incidents",
        event=IncidentUpdated(
            state="Active",
            priority=3,
            opened_at=datetime(2016, 2, 29, 1, 16, tzinfo=UTC),
            updated_at=datetime(2016, 3, 1, 8, 5, tzinfo=UTC),
            reassignment_count=2,
            modification_count=4,
            made_sla=True,
            category="Category 55",
            location="Location 143",
            assignment_group="Group 56",
            assigned_to="Resolver 89",
            caused_by="CHG0000097",
            problem="Problem ID  2",
        ),
    )


def test_the_final_values_are_not_known_before_the_closing_line(path: Path) -> None:
    for state in ("New", "Active", "Resolved", "-100"):
        early = event(log(path, incident_state=state))
        assert (early.resolved_at, early.closed_at) == (None, None)
    closed = event(log(path, incident_state="Closed"))
    assert closed.resolved_at == datetime(2016, 2, 29, 11, 29, tzinfo=UTC)
    assert closed.closed_at == datetime(2016, 3, 5, 12, 0, tzinfo=UTC)


def test_times_are_of_the_zone_that_was_named(path: Path) -> None:
    assert event(log(path), "Europe/Vienna").updated_at == datetime(2016, 3, 1, 7, 5, tzinfo=UTC)
    summer = event(log(path, sys_updated_at="1/7/2016 08:05"), "Europe/Vienna")
    assert summer.updated_at == datetime(2016, 7, 1, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("number", "?", "missing number"),
        ("number", "INC\x071", "bad number"),
        ("incident_state", "?", "missing incident_state"),
        ("sys_updated_at", "?", "missing sys_updated_at"),
        ("sys_updated_at", "30/2/2016 01:00", "bad date"),
        ("sys_updated_at", "2016-02-29 01:00", "bad date"),
        ("opened_at", "29/2/2016 25:00", "bad date"),
        ("reassignment_count", "-1", "negative counter"),
        ("reopen_count", "many", "not a number"),
        ("made_sla", "maybe", "neither true nor false"),
        ("priority", "urgent", "bad priority"),
        ("priority", "9 - Cosmetic", "not valid"),
        ("assigned_to", " Resolver", "not valid"),
    ],
)
def test_a_line_that_does_not_say_what_it_should_is_rejected_by_name(
    path: Path, column: str, cell: str, reason: str
) -> None:
    outcome = only(log(path, **{column: cell}))
    assert isinstance(outcome, Rejected)
    assert outcome.reason == reason
    assert cell not in outcome.detail or cell == "?", "what a cell says may be personal"


def test_a_file_without_source_rows_is_numbered_by_its_own(path: Path) -> None:
    outcome = only(log(path, source_row=""))
    assert isinstance(outcome, Imported)
    assert outcome.id == "it-incidents/row-1"
    assert outcome.source.startswith("urn:backoffice:import:it-incidents:"), "another file's first row is another event"


REAL = "uci_incidents.csv.gz"


@pytest.mark.real_logs
def test_the_whole_real_log_is_imported_in_order_with_nothing_rejected() -> None:
    outcomes = list(read(real_logs(REAL) / REAL))
    assert Counter(type(o) for o in outcomes) == {Imported: 141_712}
    imported = [o for o in outcomes if isinstance(o, Imported)]
    assert len({o.id for o in imported}) == 141_712
    assert len({o.subject for o in imported}) == 24_918
    assert not any(o.late for o in imported)

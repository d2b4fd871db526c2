"""An import: the settings it runs under, and what its summary says of the file."""

from pathlib import Path

import pytest

from backoffice.cli.importing import late_rows
from backoffice.importing import ImportJob, Tally
from backoffice.mappings import known
from backoffice.registry import processors
from schemas.settings import Settings
from schemas.topics import Space
from tests.incident_log import COLUMNS

SPACE = Space("import-trial", replay=True)


def defaults() -> dict[str, Settings]:
    return {processor.name: processor.settings() for processor in processors()}


def job(path: Path = Path("log.csv"), **settings: Settings) -> ImportJob:
    return ImportJob(known("it-incidents"), path, SPACE, "broker:9092", settings={**defaults(), **settings})


def test_what_fits_the_log_is_told_although_the_configuration_has_defaults() -> None:
    assert job().told() == {"it": {"sla": "reported"}}


def test_what_somebody_set_is_laid_over_what_fits_the_log() -> None:
    of = {processor.name: processor.settings for processor in processors()}
    capacity = of["it"].model_validate({"capacity_above_percent": 80})
    assert job(it=capacity).told() == {"it": {"sla": "reported", "capacity_above_percent": 80}}
    assert job(it=of["it"].model_validate({"sla": "clock"})).told() == {"it": {"sla": "clock"}}
    hr = of["hr"].model_validate({"document_expiring_days": 60})
    assert job(hr=hr).told()["hr"] == {"document_expiring_days": 60}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four rows, of which the third and the fourth are earlier than the second."""
    names = COLUMNS
    given = {"incident_state": "New", "priority": "3 - Moderate", "opened_at": "1/3/2016 08:00", "made_sla": "true"}
    counts = dict.fromkeys(("reassignment_count", "reopen_count", "sys_mod_count"), "0")
    rows = [
        {**given, **counts, "number": f"INC{n}", "sys_updated_at": f"1/3/2016 {at}"}
        for n, at in enumerate(("08:00", "09:00", "08:30", "08:45"))
    ]
    lines = [",".join(names), *(",".join(row.get(name, "?") for name in names) for row in rows)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_rows_out_of_order_are_counted_also_beyond_an_interruption(log: Path) -> None:
    whole = Tally()
    assert len(list(job(log)._feed(whole))) == 4
    assert (whole.imported, whole.late) == (4, 2)
    again = Tally()
    progress = [where for _, where in job(log)._feed(Tally())][2]
    again.resume(progress)
    assert again.late == 1
    list(job(log)._feed(again))
    assert (again.imported, again.late) == (4, 2)


def test_an_import_begun_before_late_rows_were_counted_goes_on() -> None:
    tally = Tally()
    tally.resume({"rows": 7, "imported": 7, "rejected": {}})
    assert (tally.rows, tally.late) == (7, 0)


@pytest.mark.parametrize(("late", "begins"), [(1, "1 event is earlier"), (1234, "1,234 events are earlier")])
def test_the_summary_says_how_many_and_what_to_do(late: int, begins: str) -> None:
    said = late_rows(late)
    assert said.startswith(begins)
    assert "sort: true" in said

"""Reports say the same whichever database the archive is in: SQLite or PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from consumers.archive.databases import database
from consumers.archive.reading import Archive
from consumers.reports.desk import Reports
from consumers.reports.figures import REPORTS
from consumers.reports.period import Period
from consumers.reports.showing import as_value
from producers.simulator import LIVES, SimulatedOffice, simulate
from tests.archived_office import write
from tests.office import Office
from tests.postgres import serving_or_left_out
from tests.unit.reports.history import check_records_of

PERIOD = Period(date(2026, 3, 2), date(2026, 3, 3), "Europe/Berlin")
NOW = datetime(2026, 3, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reports, Reports]]:
    """Two days of the simulated office, in SQLite and in PostgreSQL."""
    simulation = simulate(SimulatedOffice(seed=2, days=2), LIVES.values())
    office = Office(settings={name: dict(values) for name, values in simulation.settings.items()})
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id, time=said.at)
    folder: Path = tmp_path_factory.mktemp("reports")
    with serving_or_left_out() as server:
        archives = []
        for url in (f"sqlite:///{folder / 'archive.db'}", server.url()):
            found = database(url)
            write(office, found)
            archives.append(Archive(found))
        one, other = (Reports(archive.connection, PERIOD.zone, now=lambda: NOW) for archive in archives)
        yield one, other
        for archive in archives:
            archive.close()


@pytest.mark.parametrize("name", REPORTS)
def test_both_give_the_same_figures(both: tuple[Reports, Reports], name: str) -> None:
    lite, postgres = (_figures(reports, name) for reports in both)
    assert postgres == lite


@pytest.mark.parametrize("name", REPORTS)
def test_both_list_the_records_that_they_count(both: tuple[Reports, Reports], name: str) -> None:
    for reports in both:
        check_records_of(reports, name, PERIOD)


def _figures(reports: Reports, name: str) -> Any:
    (result,) = reports.take([REPORTS[name]], reports.of(PERIOD))
    return as_value(result)

"""The simulated office's week through every report: what the figures say, the records number."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from consumers.reports.figures import REPORTS
from consumers.reports.period import Period
from producers.simulator import LIVES, SimulatedOffice, simulate
from schemas.alerts import Alert
from tests.office import Office
from tests.unit.reports.history import History, check_records

DAYS = 2
PERIOD = Period(date(2026, 3, 2), date(2026, 3, 2) + timedelta(days=DAYS - 1))
SILENT = {"goals", "audits"}
"""Of what nothing may happen in two days."""


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[History, Office]]:
    simulation = simulate(SimulatedOffice(seed=5, days=DAYS), LIVES.values())
    office = Office(settings={name: dict(values) for name, values in simulation.settings.items()})
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id, time=said.at)
    history = History(tmp_path_factory.mktemp("week"), office, now=datetime(2026, 3, 9, tzinfo=UTC))
    yield history, office
    history.close()


@pytest.mark.parametrize("name", REPORTS)
def test_the_records_behind_each_figure_are_as_many_as_it_says(week: tuple[History, Office], name: str) -> None:
    history, _ = week
    looked = check_records(history, name, PERIOD)
    assert looked or name in SILENT


def test_what_fired_is_what_the_office_said_fired(week: tuple[History, Office]) -> None:
    history, office = week
    fired = {group: line["fired"] for group, line in history.figures("noise", PERIOD).items()}
    expected: dict[tuple[str, str], set[tuple[str, datetime]]] = {}
    for alert in office.said(Alert):
        assert isinstance(alert, Alert)
        expected.setdefault((alert.labels["department"], alert.rule), set()).add((alert.fingerprint, alert.starts_at))
    assert fired == {group: len(alerts) for group, alerts in expected.items()}

"""On call as the console shows it: days, what differs from the plan, and overrides by form to their effect."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backoffice.config import Configuration, load
from backoffice.rota import ConfiguredRota
from consumers.api.errors import Problem
from consumers.console.duty import Piece, by_day
from consumers.console.signing_in.people import Person, Role
from consumers.console.substituting import Substituting, substitute, withdraw
from consumers.oncall import Duties
from schemas.oncall import Absence, Override, TimeAway
from tests.office import START
from tests.unit.api.served import Served

DANA = Person("dana", Role.OPERATOR)
NOBODY = Duties()
MONDAY = date(2026, 1, 5)
PLAN = """
alerting:
  receivers: [{name: dana}, {name: kim}]
  users: [{name: dana, employee: E-1}, {name: kim}]
  schedules:
    - name: first-line
      time_zone: Europe/Berlin
      layers:
        - {name: days, participants: [dana], starts_on: 2026-01-05, restrictions: [{starts: "09:00", ends: "17:00"}]}
"""


@pytest.fixture
def found(tmp_path: Path) -> Configuration:
    file = tmp_path / "backoffice.yaml"
    file.write_text(PLAN)
    return load(file, {})


@pytest.fixture
def rota(found: Configuration) -> ConfiguredRota:
    return ConfiguredRota(found)


def week(rota: ConfiguredRota, duties: Duties = NOBODY) -> dict[date, list[Piece]]:
    begin, end = (rota.instant("first-line", MONDAY + timedelta(days=n)) for n in (0, 7))
    stretches = rota.stretches("first-line", duties, begin, end)
    return dict(by_day(stretches, lambda at: rota.local("first-line", at), MONDAY, 7))


def stands_in(begins: str, ends: str) -> Override:
    return Override(
        override="o-1",
        schedule="first-line",
        user="kim",
        starts_at=datetime.fromisoformat(begins),
        ends_at=datetime.fromisoformat(ends),
        created_by="dana",
        updated_at=START,
    )


def test_a_day_has_its_shifts_and_its_gaps_on_the_schedule_s_wall(rota: ConfiguredRota) -> None:
    monday = week(rota)[MONDAY]
    assert [(piece.begins, piece.ends, piece.who) for piece in monday] == [
        ("00:00", "09:00", ()),
        ("09:00", "17:00", ("dana",)),
        ("17:00", "24:00", ()),
    ]
    assert [piece.is_gap for piece in monday] == [True, False, True]
    assert not any(piece.differs for pieces in week(rota).values() for piece in pieces)


def test_who_stands_in_is_told_apart_from_the_plan(rota: ConfiguredRota) -> None:
    tuesday = MONDAY + timedelta(days=1)
    duties = Duties(overrides=(stands_in("2026-01-06T12:00+01:00", "2026-01-06T20:00+01:00"),))
    assert week(rota, duties)[tuesday] == [
        Piece("00:00", "09:00", (), ()),
        Piece("09:00", "12:00", ("dana",), ("dana",)),
        Piece("12:00", "17:00", ("kim",), ("dana",)),
        Piece("17:00", "20:00", ("kim",), ()),
        Piece("20:00", "24:00", (), ()),
    ]


def test_whoever_is_on_leave_leaves_a_gap(rota: ConfiguredRota) -> None:
    away = Absence(employee="E-1", leaves=(TimeAway(leave="L-1", starts_at=datetime(2026, 1, 4, tzinfo=UTC)),))
    assert all(piece.is_gap for pieces in week(rota, Duties(absences=(away,))).values() for piece in pieces)
    assert rota.now(Duties(absences=(away,)), datetime(2026, 1, 5, 10, tzinfo=UTC))[0].who == ()


def test_the_feed_tells_of_who_stands_in(rota: ConfiguredRota) -> None:
    duties = Duties(overrides=(stands_in("2026-01-06T12:00+01:00", "2026-01-06T20:00+01:00"),))
    assert b"first-line: kim" in rota.feed("first-line", duties, datetime(2026, 1, 5, tzinfo=UTC))


def form(**changes: str) -> Substituting:
    said = {"schedule": "first-line", "user": "kim", "instead_of": "", "begins": "2026-01-06T12:00"}
    said |= {"ends": "2026-01-06T20:00", "comment": "swapped", **changes}
    return Substituting(besides=False, **said)


def test_a_form_becomes_an_override_and_can_be_withdrawn(rota: ConfiguredRota) -> None:
    served = Served()
    assert substitute(served.service, rota, DANA, form())
    with served.view.reading() as standing:
        (override,) = standing.duties.overrides
    assert (override.user, override.created_by, override.comment) == ("kim", "dana", "swapped")
    assert override.starts_at == datetime(2026, 1, 6, 11, tzinfo=UTC), "noon in Berlin"
    assert withdraw(served.service, DANA, override.override)
    with pytest.raises(Problem):
        withdraw(served.service, DANA, "another")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends": "2026-01-06T12:00"},
        {"ends": "2028-01-06T12:00"},
        {"begins": ""},
        {"begins": "yesterday"},
        {"user": "nobody-we-know"},
        {"schedule": "second-line"},
        {"user": ""},
    ],
    ids=["no time at all", "too long", "no beginning", "no time", "no such user", "no such schedule", "nobody"],
)
def test_a_form_that_makes_no_sense_is_refused(rota: ConfiguredRota, wrong: dict[str, str]) -> None:
    with pytest.raises((Problem, ValueError)):
        substitute(Served().service, rota, DANA, form(**wrong))

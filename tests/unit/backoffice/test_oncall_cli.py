"""`backoffice oncall` by the plan alone, which needs no broker."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from typer.testing import CliRunner, Result

from backoffice.cli import app

CONFIG = """
calendar: {time_zone: Europe/Berlin}
alerting:
  receivers: [{name: dana}, {name: kim}]
  users: [{name: dana}, {name: kim}]
  schedules:
    - name: first-line
      layers: [{name: days, participants: [dana, kim], rotation: daily, starts_on: 2026-01-01}]
    - name: second-line
      layers:
        - name: office-hours
          participants: [kim]
          starts_on: 2026-01-01
          restrictions: [{weekdays: [mon, tue, wed, thu, fri], starts: "09:00", ends: "17:00"}]
"""


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "backoffice.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def oncall(*words: str) -> Result:
    return CliRunner().invoke(app, ["oncall", *words])


def answer(*words: str) -> Any:
    return json.loads(oncall(*words, "--plan", "--output", "json").stdout)


def test_who_is_on_duty_at_a_time_on_the_organisations_wall() -> None:
    at = ("--at", "2026-03-29T09:00")  # Berlin's clocks have just gone forward
    assert answer("who", *at) == [
        {"schedule": "first-line", "on_call": ["kim"], "until": "2026-03-30T09:00+02:00"},
        {"schedule": "second-line", "on_call": [], "until": "2026-03-30T09:00+02:00"},
    ]
    assert answer("who", "first-line", "--at", "2026-03-29T06:59:59Z")[0]["on_call"] == ["dana"]


def test_shifts_one_after_the_other() -> None:
    shifts = answer("show", "second-line", "--from", "2026-01-09T12:00", "--days", "4")
    assert [(s["starts_at"][5:16], s["on_call"]) for s in shifts] == [
        ("01-09T12:00", ["kim"]),
        ("01-09T17:00", []),
        ("01-12T09:00", ["kim"]),
        ("01-12T17:00", []),
        ("01-13T09:00", ["kim"]),
    ]
    said = oncall("show", "--plan", "--from", "2026-01-09T12:00", "--days", "1").stdout
    assert "nobody" in said
    assert "first-line" in said


def test_gaps_and_the_exit_code_that_a_script_wants() -> None:
    gaps = answer("gaps", "--from", "2026-01-09T12:00", "--days", "3")
    assert [(g["schedule"], g["starts_at"], g["ends_at"]) for g in gaps] == [
        ("second-line", "2026-01-09T17:00+01:00", "2026-01-12T09:00+01:00")
    ]
    assert oncall("gaps", "--plan").exit_code == 1
    covered = oncall("gaps", "first-line", "--plan")
    assert (covered.exit_code, covered.stdout) == (0, "Somebody is always on duty.\n")


def test_a_calendar_feed_of_a_schedule_or_one_person() -> None:
    feed = Calendar.from_ical(oncall("ical", "first-line", "--plan").stdout)
    events = feed.events
    assert str(feed["X-WR-CALNAME"]) == "first-line"
    assert {str(event["SUMMARY"]) for event in events} == {"first-line: dana", "first-line: kim"}
    assert len({str(event["UID"]) for event in events}) == len(events) > 200
    for one, other in pairwise(events):
        assert one.end == other.start
    of_kim = Calendar.from_ical(oncall("ical", "first-line", "--plan", "--user", "kim").stdout).events
    assert {str(event["SUMMARY"]) for event in of_kim} == {"first-line: kim"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("who third-line --plan", "There is no schedule 'third-line'; there are first-line, second-line."),
        ("who --plan --at yesterday", "--at 'yesterday': give an ISO time such as"),
        ("who --plan --at 9999-12-31", "calendars are known for the years 1901 to 2199"),
        ("show --plan --from 0001-01-01T00:00+14:00", "--from '0001-01-01T00:00+14:00': give an ISO time"),
        (
            "override add third-line --user kim --from 2026-01-01 --to 2026-01-02 --by dana",
            "There is no schedule 'third-line'",
        ),
        (
            "override add first-line --user lee --from 2026-01-01 --to 2026-01-02 --by dana",
            "There is no user 'lee'; there are dana, kim.",
        ),
        ("override add first-line --from 2026-01-01 --to 2026-01-02 --by dana", "an override needs a user"),
        ("override add first-line --user kim --from 2026-01-02 --to 2026-01-02 --by dana", "cannot end at"),
    ],
)
def test_what_cannot_be_is_said_before_a_broker_is_asked(words: str, said: str) -> None:
    done = oncall(*words.split())
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("name", "plan", "said"),
    [
        ("third-line", "layers: []", "There is no schedule 'third-line'; there are first-line, second-line."),
        ("first-line", "name: second-line", "says that it is schedule 'second-line', not 'first-line'"),
        ("first-line", "- days", "not a schedule; write its fields, such as layers"),
        ("first-line", "layers: [{name: a, participants: [kim]}]", "layers.0.starts_on: Field required"),
        ("first-line", "layers: [{name: a, participants: [lee], starts_on: 2026-01-01}]", "layers[0].participants[0]"),
        ("first-line", "time_zone: Mars/Olympus", "Mars/Olympus"),
        ("first-line", "layers: [", "is not valid YAML"),
    ],
)
def test_a_schedule_that_cannot_be_is_said_before_a_broker_is_asked(
    tmp_path: Path, name: str, plan: str, said: str
) -> None:
    (tmp_path / "rota.yaml").write_text(plan)
    done = oncall("schedule", "set", name, "rota.yaml", "--by", "dana")
    assert done.exit_code == 2
    assert said in done.stderr


def test_without_schedules_it_says_where_to_write_them(tmp_path: Path) -> None:
    (tmp_path / "backoffice.yaml").write_text("space: mine\n")
    assert "write them under alerting.schedules" in oncall("who", "--plan").stderr

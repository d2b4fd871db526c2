"""On-call duty in the configuration file: names that must exist, gaps that are worth a word."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.config import Configuration, ConfigurationError, load
from backoffice.config.oncall import gaps
from backoffice.config.show import effective
from processors.alerting.settings import AlertingSettings

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)

DUTY = """
calendar: {time_zone: Europe/Berlin, country: DE}
alerting:
  receivers: [{name: dana}, {name: kim}]
  users: [{name: dana, employee: E-1}, {name: kim}]
  schedules:
    - name: first-line
      layers:
        - name: all-day
          participants: [dana, kim]
          starts_on: 2026-01-01
  escalation_policies:
    - name: accounting
      steps: [{targets: [first-line, executive], delay_minutes: 15}]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backoffice.yaml"


def read(file: Path, text: str) -> Configuration:
    file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return load(file, {})


def problems(file: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(file, text)
    return [line.removeprefix(f"{file}:").split(" (")[0] for line in str(caught.value).splitlines()]


def test_duty_reaches_alerting_with_the_organisations_calendar(file: Path) -> None:
    settings = read(file, DUTY).settings()["alerting"]
    assert isinstance(settings, AlertingSettings)
    assert [user.employee for user in settings.users] == ["E-1", None]
    assert settings.calendar.time_zone == "Europe/Berlin"
    assert settings.model_fields_set >= {"users", "schedules", "calendar"}
    assert "priorities" not in settings.model_fields_set, "as built in"
    travels = settings.model_dump_json(exclude_unset=True)
    assert AlertingSettings.model_validate_json(travels) == settings


def test_priorities_of_ones_own_replace_the_built_in_ones(file: Path) -> None:
    given = "alerting: {priorities: [{priority: P1, hours: after}, {priority: P2}], override_retention_days: 7}"
    settings = read(file, given).alerting.settings()
    assert [(rule.priority, rule.hours) for rule in settings.priorities] == [("P1", "after"), ("P2", None)]
    assert settings.override_retention_days == 7


def test_what_is_shown_is_read_again_as_it_was(file: Path) -> None:
    given = read(file, DUTY)
    again = read(file, effective(given, {}))
    assert again.alerting.settings().schedules == given.alerting.settings().schedules
    assert again.alerting.settings().users == given.alerting.settings().users
    assert again.alerting.settings().priorities == given.alerting.settings().priorities


def test_names_that_do_not_exist_are_found_wherever_they_are_named(file: Path) -> None:
    said = problems(
        file,
        """
        alerting:
          receivers: [{name: dana}]
          users:
            - name: dana
            - name: dane
          schedules:
            - name: first-line
              layers:
                - name: a
                  participants:
                    - dana
                    - dan
                  starts_on: 2026-01-01
              overrides:
                - {user: kim, starts_at: "2026-01-05T08:00:00Z", ends_at: "2026-01-06T08:00:00Z"}
          escalation_policies:
            - name: accounting
              steps: [{targets: [first-lime], delay_minutes: 15}]
        """,
    )
    assert said == [
        "5: alerting.users[1].name: there is no receiver 'dane'",
        "12: alerting.schedules[0].layers[0].participants[1]: there is no user 'dan'",
        "15: alerting.schedules[0].overrides[0].user: there is no user 'kim'",
        "18: alerting.escalation_policies[0].steps[0].targets[0]: there is no receiver 'first-lime'",
    ]


def test_names_given_twice_are_found_at_the_second(file: Path) -> None:
    said = problems(
        file,
        """
        alerting:
          receivers: [{name: dana}]
          users:
            - name: dana
            - name: dana
          schedules:
            - name: first-line
            - name: first-line
            - name: dana
        """,
    )
    assert said == [
        "5: alerting.users[1].name: a second user named 'dana'",
        "8: alerting.schedules[1].name: a second schedule named 'first-line'",
        "9: alerting.schedules[2].name: a receiver has the name 'dana' as well",
    ]


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("{name: a, time_zone: Mars}", "1: alerting.schedules[0]: 'Mars' is not an IANA time zone"),
        ("{name: a, country: XX}", "1: alerting.schedules[0]: no public holidays are known for country 'XX'"),
        (
            "{name: a, layers: [{name: b, participants: [c], starts_on: 2026-01-01, rotation: custom}]}",
            "1: alerting.schedules[0].layers[0]: shift_hours is the length of a custom rotation's turns",
        ),
        (
            "{name: a, layers: [{name: b, participants: [c], starts_on: 2026-01-01, restrictions: [{starts: '9'}]}]}",
            "1: alerting.schedules[0].layers[0].restrictions[0].ends: is missing",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(file: Path, schedule: str, said: str) -> None:
    found = problems(file, f"alerting: {{schedules: [{schedule}]}}")
    assert any(line.startswith(said) for line in found), found


def test_gaps_are_worth_a_word_with_their_line_and_no_mistake(file: Path) -> None:
    assert gaps(read(file, DUTY), NOW) == []
    weekdays = "          restrictions: [{weekdays: [mon, tue, wed, thu, fri], starts: '00:00', ends: '24:00'}]\n"
    text = DUTY.replace("          starts_on: 2026-01-01\n", f"          starts_on: 2026-01-01\n{weekdays}")
    (gap,) = gaps(read(file, text), NOW)
    assert (gap.line, gap.where) == (6, "alerting.schedules[0]")
    assert gap.what == (
        "schedule first-line: nobody is on duty from Sat 2026-01-10 00:00 to Mon 2026-01-12 00:00, "
        "and 51 times more within a year (add a layer beneath the others)"
    )
    checked = CliRunner().invoke(app, ["config", "check", str(file)])
    assert checked.exit_code == 0
    assert "note: " in checked.stderr
    assert "alerting.schedules[0]: schedule first-line: nobody is on duty" in checked.stderr


def test_the_examples_of_the_guide_are_right(file: Path) -> None:
    text = Path("docs/on-call.md").read_text(encoding="utf-8")
    duty, priorities = (block.split("```")[0] for block in text.split("```yaml\n")[1:])
    found = read(file, duty).alerting
    assert [schedule.name for schedule in found.schedules] == ["it-first-line"]
    assert gaps(read(file, duty), NOW.replace(day=6)) == []
    assert [rule.priority for rule in read(file, priorities).alerting.priorities or ()] == ["P1", "P2", "P1", "P4"]

"""All checks together, without a broker; and what numbers mean."""

from datetime import timedelta
from pathlib import Path

import pytest
from kafka.errors import KafkaError
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.config import ConfigurationError
from backoffice.config.problems import Problem
from backoffice.doctor.checks import CHECKS, Check, examine
from backoffice.doctor.cluster import apart
from backoffice.doctor.finding import Severity, well
from backoffice.doctor.patient import Patient
from backoffice.doctor.progress import behind
from backoffice.doctor.settings import configuration
from infra.broker.home import BrokerHome

OK, WARNING, ERROR, SKIPPED = Severity.OK, Severity.WARNING, Severity.ERROR, Severity.SKIPPED


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BACKOFFICE_BOOTSTRAP_SERVERS", "BACKOFFICE_SPACE", "BACKOFFICE_CONFIG", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrong() -> Patient:
    def read() -> None:
        raise ConfigurationError(Path("backoffice.yaml"), [Problem(3, "space", "no"), Problem(4, "rules", "neither")])

    return Patient(read, environ={}, home=BrokerHome(Path("broker"), Path("jars")))  # type: ignore[arg-type]


def test_every_problem_of_a_configuration_is_one_finding() -> None:
    found = list(configuration(wrong()))
    assert [finding.severity for finding in found] == [ERROR, ERROR]
    assert "space" in found[0].what


def test_what_is_misconfigured_keeps_nobody_from_looking_at_the_rest() -> None:
    assert wrong().configuration.space == "backoffice"
    assert wrong().bootstrap is None


def test_without_a_broker_what_needs_one_is_not_looked_at() -> None:
    checks = [Check("a", lambda patient: iter([well("fine")])), Check("b", lambda patient: iter([]), True)]
    assert [(name, finding.severity) for name, finding in examine(wrong(), checks)] == [("a", OK), ("b", SKIPPED)]


@pytest.mark.parametrize("problem", [KafkaError("away"), OSError("gone"), TimeoutError()])
def test_a_check_that_cannot_go_on_says_why_and_the_next_is_done(problem: Exception) -> None:
    def look(patient: Patient) -> None:
        raise problem

    checks = [Check("a", look), Check("b", lambda patient: iter([well("fine")]))]  # type: ignore[arg-type]
    found = list(examine(wrong(), checks))
    assert [finding.severity for _, finding in found] == [ERROR, OK]
    assert "could not be looked at" in found[0][1].what


@pytest.mark.parametrize(
    ("seconds", "severity"), [(0, OK), (2.0, OK), (2.001, WARNING), (60.0, WARNING), (60.001, ERROR)]
)
def test_two_clocks(seconds: float, severity: Severity) -> None:
    assert apart(timedelta(seconds=seconds)).severity is severity


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [(0.0, OK), (9.999, OK), (10.0, WARNING), (59.999, WARNING), (60.0, ERROR), (None, WARNING)],
)
def test_records_that_wait(seconds: float | None, severity: Severity) -> None:
    assert behind("it", 7, seconds).severity is severity


def test_names_are_one_each() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_the_command_says_what_is_wrong_and_how_to_mend_it(folder: Path) -> None:
    (folder / "backoffice.yaml").write_text("space: NOT A NAME\n")
    done = CliRunner().invoke(app, ["doctor", "--by", "kim", "--only", "configuration", "--only", "topics"])
    assert done.exit_code == 1
    assert "space" in done.stdout
    assert "-> Correct it" in done.stdout
    assert "1 error, 0 warnings." in done.stdout
    done = CliRunner().invoke(app, ["doctor", "--only", "nonsense"])
    assert (done.exit_code, "there are configuration" in done.stderr) == (2, True)


def test_exit_codes_of_health_and_of_warnings(folder: Path) -> None:
    assert CliRunner().invoke(app, ["doctor", "--only", "configuration", "--by", "kim"]).exit_code == 0
    (folder / "backoffice.yaml").write_text(
        "alerting: {receivers: [{name: dana, channels: [{type: webhook, url: 'https://${NOT_HERE}/'}]}]}\n"
    )
    done = CliRunner().invoke(app, ["doctor", "--only", "configuration", "--by", "kim", "-o", "csv"])
    assert done.exit_code == 3
    assert done.stdout.splitlines()[0] == "severity,check,finding,mend"
    assert "NOT_HERE is not set" in done.stdout


def test_a_receiver_that_there_is_not(folder: Path) -> None:
    done = CliRunner().invoke(app, ["doctor", "--send-test", "nobody-here"])
    assert done.exit_code == 2
    assert "There is no receiver 'nobody-here'" in done.stderr

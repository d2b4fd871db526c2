"""What `backoffice broker` and `backoffice topics` say where there is no broker."""

import pytest
from typer import Typer
from typer.testing import CliRunner

from backoffice.cli import broker, topics
from backoffice.cli.options import UNUSABLE

from .conftest import Install

run = CliRunner().invoke


def test_without_a_broker_the_status_is_not_zero_and_says_how_to_start_one() -> None:
    result = run(broker.app, ["status"])
    assert result.exit_code == 1
    assert "`backoffice broker start` starts one" in result.output


def test_stopping_when_nothing_runs_is_no_error() -> None:
    result = run(broker.app, ["stop"])
    assert (result.exit_code, result.output.strip()) == (0, "No broker of ours runs.")


def test_there_is_no_log_of_a_broker_that_never_was() -> None:
    result = run(broker.app, ["logs"])
    assert result.exit_code == UNUSABLE
    assert "No broker of ours has been started" in result.output


@pytest.mark.parametrize(("app", "command"), [(broker.app, "start"), (topics.app, "plan"), (topics.app, "apply")])
def test_on_a_machine_that_has_nothing_the_ways_out_are_named(install: Install, app: Typer, command: str) -> None:
    result = run(app, [command])
    assert result.exit_code == UNUSABLE
    assert "neither docker nor podman is installed" in result.output
    assert "Any one of these helps" in result.output

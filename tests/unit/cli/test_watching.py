"""`--watch`: how it is written, and that it ends when somebody has seen enough."""

import pytest
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.cli.output import Output
from backoffice.cli.watching import watch, with_seconds


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("lag --watch", "lag --watch 2"),
        ("lag --watch 5", "lag --watch 5"),
        ("lag --watch 0.5 --partitions", "lag --watch 0.5 --partitions"),
        ("lag --watch --partitions", "lag --watch 2 --partitions"),
        ("lag --watch=7", "lag --watch=7"),
        ("show --watch first-line", "show --watch 2 first-line"),
        ("lag", "lag"),
    ],
)
def test_seconds_may_be_left_out(typed: str, read: str) -> None:
    assert with_seconds(typed.split()) == read.split()


@pytest.mark.parametrize(
    "command", ["lag", "workers", "alerts", "alerts list", "oncall who", "oncall show", "broker status"]
)
def test_each_command_that_can_be_watched_takes_it_without_seconds(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--watch", "--help"])
    assert done.exit_code == 0, done.output


def test_it_looks_until_it_is_interrupted() -> None:
    looks: list[int] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    watch(lambda: looks.append(1), 5.0, Output.json, sleep)
    assert (len(looks), slept) == (3, [5.0, 5.0, 5.0])


def test_without_it_one_look_is_all() -> None:
    looks: list[int] = []
    watch(lambda: looks.append(1), None, Output.table, lambda seconds: pytest.fail("nobody waits"))
    assert looks == [1]

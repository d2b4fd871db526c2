"""The list of commands: loaded when they are called, and each as the list says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from backoffice.cli import COMMANDS, app
from backoffice.cli.output import Output

PAGE = Path(__file__).parents[3] / "docs" / "command-line.md"


def commands(group: Any, *path: str) -> list[tuple[tuple[str, ...], Any]]:
    """Every command and group below one, with the words that name it."""
    found = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if hasattr(command, "commands"):
            found += commands(command, *path, name)
    return found


def help_of(command: Any) -> str:
    return " ".join((command.help or "").split("\n\n")[0].split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert command.name == name
    assert help_of(command) == COMMANDS[name].help


def test_help_loads_no_command() -> None:
    """So that it is there at once, and also where a department is broken."""
    program = (
        "import sys; from backoffice.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in "
        "('kafka', 'pydantic', 'fastapi', 'faust', 'nicegui', 'sqlalchemy', 'apprise', 'httpx', 'processors')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_page_names_every_command() -> None:
    named = set(re.findall(r"`backoffice ([a-z-]+(?: [a-z-]+)*)", PAGE.read_text()))
    said = {tuple(words.split()) for words in named}
    everything = {path for path, _ in commands(typer.main.get_command(app))}
    missing = [" ".join(path) for path in everything if not any(one[: len(path)] == path for one in said)]
    assert not sorted(missing)


def test_each_listing_speaks_to_people_and_to_programs() -> None:
    """`--output` has the same names and choices everywhere. A report is a page besides."""
    for path, command in commands(typer.main.get_command(app)):
        for option in command.params:
            if "--output" in option.opts:
                assert "-o" in option.opts, path
                assert set(Output) <= set(option.type_descriptor.annotation), path


def test_a_typing_error_is_answered_with_what_was_meant() -> None:
    done = CliRunner().invoke(app, ["alert"])
    assert done.exit_code == 2
    assert "'alerts'" in done.output


def test_the_version() -> None:
    assert re.fullmatch(r"backoffice \d+\.\d+\.\d+\n", CliRunner().invoke(app, ["--version"]).output)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_installs_itself(shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    done = subprocess.run(
        [Path(sys.executable).with_name("backoffice"), "--install-completion", shell], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert any("backoffice" in file.read_text() for file in tmp_path.rglob("*") if file.is_file())

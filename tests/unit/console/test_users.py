"""Users of the configuration: their hashes, from the command that makes them to the door that opens."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from backoffice.cli import app
from backoffice.config import Configuration, load
from backoffice.console import FIRST_USER, door_of
from backoffice.serving import ApiError
from consumers.console.signing_in.people import Person, Role

PASSWORD = "correct horse battery staple"


def written(folder: Path, console: str) -> Configuration:
    file = folder / "backoffice.yaml"
    file.write_text(f"console:\n{console}")
    return load(file, {})


def test_what_the_command_prints_is_what_the_configuration_wants(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["password", "dana", "--role", "administrator"], input=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    door, password = door_of(written(tmp_path, f"  users:\n{made.stdout}"), {})
    assert password is None
    assert door.users.check("dana", PASSWORD) == Person("dana", Role.ADMINISTRATOR)
    assert door.users.check("dana", PASSWORD[:-1]) is None
    assert door.users.check("kim", PASSWORD) is None


def test_a_short_password_is_refused() -> None:
    made = CliRunner().invoke(app, ["password", "dana"], input="short\n")
    assert made.exit_code == 1
    assert "12 characters" in made.stderr


def test_without_users_a_password_is_made_for_this_run() -> None:
    (door, password), (_, other) = door_of(Configuration(), {}), door_of(Configuration(), {})
    assert password
    assert password != other
    assert door.users.check(FIRST_USER, password) == Person(FIRST_USER, Role.ADMINISTRATOR)


def test_with_a_provider_alone_nobody_signs_in_with_a_password(tmp_path: Path) -> None:
    openid = "  openid: {issuer: 'https://login.example.com', client_id: desk, default_role: viewer}\n"
    door, password = door_of(written(tmp_path, openid), {})
    assert (password, bool(door.users)) == (None, False)
    assert door.openid is not None


@pytest.mark.parametrize(
    ("console", "said"),
    [
        ("  users: [{name: dana, role: viewer, password_file: missing}]\n", "console.users: dana: .*missing"),
        ("  users: [{name: dana, role: viewer, password_file: backoffice.yaml}]\n", "no argon2id hash"),
        (
            "  openid: {issuer: 'https://a.example', client_id: d, default_role: viewer, client_secret: '${NOT_SET}'}",
            "console.openid: .*NOT_SET",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_said(tmp_path: Path, console: str, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        door_of(written(tmp_path, console), {})

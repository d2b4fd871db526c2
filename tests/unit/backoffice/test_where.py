"""Which broker and which space a command works with: option, environment, file, built in, in that order."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from backoffice import process
from backoffice.cli import app, broker, options, topics
from backoffice.config import load
from infra.broker import Broker

CLUSTER = "kafka-1.example:9092"
OWN = Broker("127.0.0.1:1", "embedded", started_here=True)


class Reached(Exception):
    """A command has got as far as a broker: which, is said."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, nothing of the developer's own environment, and no real broker anywhere."""
    for name in ("BACKOFFICE_BOOTSTRAP_SERVERS", "BACKOFFICE_SPACE", "BACKOFFICE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "problem", lambda servers: None)
    monkeypatch.setattr(options, "ensure", lambda report: OWN)
    return tmp_path


def configure(folder: Path, name: str = "backoffice.yaml") -> Path:
    file = folder / name
    file.write_text(f"space: mine\nbroker: {{bootstrap_servers: '{CLUSTER}'}}\nrules: {{nonsense: {{}}}}\n")
    return file


def test_without_anything_it_is_a_broker_of_our_own_and_the_built_in_space() -> None:
    assert options.connect() == OWN.bootstrap_servers
    assert options.space_name(None) == "backoffice"


def test_the_file_of_the_working_folder_says_where(folder: Path) -> None:
    configure(folder)
    assert options.connect() == CLUSTER
    assert options.space_name(None) == "mine"


def test_so_does_the_file_that_the_environment_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_CONFIG", str(configure(folder, "elsewhere.yaml")))
    assert options.connect() == CLUSTER
    assert options.space_name(None) == "mine"


def test_a_command_with_a_configuration_of_its_own_goes_by_that(folder: Path) -> None:
    (folder / "other.yaml").write_text("broker: {bootstrap_servers: 'other:9092'}\n")
    configure(folder)
    assert options.connect(load(folder / "other.yaml", {})) == "other:9092"


def test_the_environments_broker_comes_before_the_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", "named:9092")  # `ensure`, a stand-in here, reads it
    configure(folder).write_text(f"broker: {{bootstrap_servers: '{CLUSTER}'}}\n")
    assert options.connect() == OWN.bootstrap_servers
    assert options.connect(load(folder / "backoffice.yaml", {})) == OWN.bootstrap_servers


def test_a_named_space_comes_before_the_files(folder: Path) -> None:
    configure(folder)
    assert options.space_name("other") == "other"


def test_a_cluster_of_the_file_that_does_not_answer_is_an_error_and_no_other_is_started(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(folder)
    monkeypatch.setattr(options, "problem", lambda servers: "nothing accepts connections")
    with pytest.raises(typer.Exit) as ended:
        options.connect()
    assert ended.value.exit_code == options.UNUSABLE


def reached(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[str, str]:
    """The broker that a command goes to, and the topic by which it looks for its space there."""

    @contextmanager
    def connected(bootstrap_servers: str) -> Iterator[str]:
        yield bootstrap_servers

    def looked_for(cluster: str, names: list[str]) -> None:
        raise Reached(cluster, *names)

    monkeypatch.setattr(options, "admin", connected)
    monkeypatch.setattr(options, "existing", looked_for)
    monkeypatch.setattr(process, "set_up", lambda verbose=False: None)
    result = CliRunner().invoke(app, list(arguments))
    assert isinstance(result.exception, Reached), result.output
    servers, topic = result.exception.args
    return servers, topic


COMMANDS = (
    ("alerts",),
    ("ack", "ab", "--by", "dana"),
    ("resolve", "ab", "--by", "dana"),
    ("emit", "--type", "it.service.down", "--subject", "service/mail"),
    ("tail",),
    ("measure",),
    ("worker",),
    ("rules", "apply"),
    ("notifier",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_every_command_goes_where_the_file_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    configure(folder).write_text(f"space: mine\nbroker: {{bootstrap_servers: '{CLUSTER}'}}\n")
    assert reached(monkeypatch, *command) == (CLUSTER, "mine.alerting")
    monkeypatch.setenv("BACKOFFICE_SPACE", "yours")
    assert reached(monkeypatch, *command) == (CLUSTER, "yours.alerting")
    assert reached(monkeypatch, *command, "--space", "ours") == (CLUSTER, "ours.alerting")


def test_topics_go_there_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(bootstrap_servers: str) -> None:
        raise Reached(bootstrap_servers)

    configure(folder)
    monkeypatch.setattr(topics, "admin", opened)
    result = CliRunner().invoke(app, ["topics", "apply"])
    assert isinstance(result.exception, Reached)
    assert result.exception.args == (CLUSTER,)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_starting_a_broker_starts_none_where_the_file_names_a_cluster(folder: Path) -> None:
    configure(folder)
    done = invoke("broker", "start")
    assert (done.exit_code, "nothing to start" in done.output, CLUSTER in done.output) == (0, True, True)


def test_the_status_is_that_of_the_cluster_that_the_file_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(folder)
    monkeypatch.setattr(broker, "problem", lambda servers, timeout: "nothing accepts connections")
    done = invoke("broker", "status")
    assert (done.exit_code, CLUSTER in done.output) == (1, True)

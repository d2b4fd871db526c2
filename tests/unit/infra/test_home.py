"""Where a broker keeps its things, who it is, and how the next command finds it."""

import socket
from pathlib import Path

import pytest

from infra.broker import Broker, BrokerHome, user_data
from infra.broker.identity import Identity, identity
from infra.broker.state import forget, last, recall, remember, set_aside

EMBEDDED = Broker(
    "127.0.0.1:20000", "embedded", started_here=True, pid=7, pid_created=1.5, data="data", logs=Path("broker.log")
)


def nobody(_: str) -> None:
    raise AssertionError("nothing to report")


def test_everything_is_in_the_folder_that_backoffice_home_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "elsewhere"))
    assert user_data() == tmp_path / "elsewhere"
    assert BrokerHome().path.is_relative_to(tmp_path / "elsewhere")


def test_a_home_means_the_same_from_every_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = BrokerHome(Path("here"))
    monkeypatch.chdir("..")
    assert home.properties == tmp_path / "here" / "server.properties"


def test_two_homes_have_two_containers_and_the_same_jars(tmp_path: Path) -> None:
    one, two = BrokerHome(tmp_path / "one"), BrokerHome(tmp_path / "two")
    assert one.container != two.container
    assert one.jars == two.jars


def test_ports_and_cluster_id_are_chosen_once(home: BrokerHome) -> None:
    assert identity(home, nobody) == identity(home, nobody)


def test_a_taken_port_is_replaced_and_said_and_the_cluster_stays_the_same(home: BrokerHome) -> None:
    before, said = identity(home, nobody), list[str]()
    with socket.create_server(("127.0.0.1", before.port)):
        after = identity(home, said.append)
    assert after.port != before.port
    assert after.cluster_id == before.cluster_id
    assert after.bootstrap_servers in said[0]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}'])
def test_an_unreadable_identity_is_chosen_anew(home: BrokerHome, text: str) -> None:
    home.path.mkdir(parents=True)
    home.identity.write_text(text)
    assert isinstance(identity(home, nobody), Identity)


def test_a_started_broker_is_found_again_by_somebody_who_did_not_start_it(home: BrokerHome) -> None:
    remember(home, EMBEDDED)
    found = recall(home)
    assert found is not None
    assert (found.pid, found.logs, found.started_here) == (7, Path("broker.log"), False)


def test_a_stopped_broker_is_not_running_but_its_data_are_known(home: BrokerHome) -> None:
    remember(home, EMBEDDED)
    set_aside(home)
    assert recall(home) is None
    stopped = last(home)
    assert stopped is not None
    assert stopped.data == "data"


def test_a_forgotten_broker_is_gone(home: BrokerHome) -> None:
    remember(home, EMBEDDED)
    forget(home)
    assert last(home) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"logs": null}', '{"logs": null, "speed": 9}'])
def test_an_unreadable_state_file_is_no_broker(home: BrokerHome, text: str) -> None:
    home.path.mkdir(parents=True)
    home.state.write_text(text)
    assert recall(home) is None

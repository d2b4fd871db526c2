"""This machine: folder, disk, ports, and what could start a broker."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from backoffice.config import Configuration
from backoffice.doctor import machine
from backoffice.doctor.finding import Finding, Severity
from backoffice.doctor.patient import Patient
from consumers.api.settings import ApiSettings
from infra.broker.home import BrokerHome

OK, WARNING, ERROR = Severity.OK, Severity.WARNING, Severity.ERROR


def patient(tmp_path: Path, port: int = 0, **environ: str) -> Patient:
    found = Configuration(api=ApiSettings(port=port))
    home = BrokerHome(tmp_path / "broker", tmp_path / "jars")
    return Patient(lambda: found, environ=environ, home=home, data=tmp_path)


def severities(found: Iterator[Finding]) -> list[Severity]:
    return [finding.severity for finding in found]


def test_a_folder_that_can_be_written(tmp_path: Path) -> None:
    assert severities(machine.folder(patient(tmp_path))) == [OK]
    assert severities(machine.folder(patient(tmp_path / "not" / "yet"))) == [OK]
    assert not list(tmp_path.iterdir()), "nothing is left behind"


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in ("file", "file/below"):
        (finding,) = machine.folder(patient(tmp_path / path))
        assert finding.severity is ERROR
        assert "BACKOFFICE_HOME" in finding.mend


def test_a_folder_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir(mode=0o755)
    found = list(machine.folder(patient(tmp_path)))
    assert [finding.severity for finding in found] == [OK, WARNING]
    assert found[1].mend == f"chmod 700 {tmp_path / 'broker'}"
    (tmp_path / "broker").chmod(0o700)
    assert severities(machine.folder(patient(tmp_path))) == [OK]


@pytest.mark.parametrize(
    ("left", "severity"),
    [
        (machine.LITTLE, OK),
        (machine.LITTLE - 1, WARNING),
        (machine.HARDLY_ANY, WARNING),
        (machine.HARDLY_ANY - 1, ERROR),
        (0, ERROR),
    ],
)
def test_room_on_the_disk(left: int, severity: Severity) -> None:
    assert machine.room(Path("/data"), left).severity is severity


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    (finding,) = machine.disk(patient(tmp_path / "a" / "b"))
    assert str(tmp_path) in finding.what


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_a_port_that_is_free_and_one_that_nobody_fixed(tmp_path: Path) -> None:
    assert severities(machine.ports(patient(tmp_path, free_port()))) == [OK]
    assert severities(machine.ports(patient(tmp_path, 0))) == [OK]


def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0.1)
        port = taken.getsockname()[1]
        threading.Thread(target=_hang_up, args=(taken,), daemon=True).start()
        (finding,) = machine.ports(patient(tmp_path, port))
    assert finding.severity is ERROR
    assert f"127.0.0.1:{port}" in finding.what


def _hang_up(server: socket.socket) -> None:
    try:
        server.settimeout(5)
        server.accept()[0].close()
    except OSError:
        return


@pytest.mark.parametrize(("status", "body", "severity"), [(200, b"ok\n", OK), (503, b"", OK), (404, b"", ERROR)])
def test_a_port_that_the_api_has(tmp_path: Path, status: int, body: bytes, severity: Severity) -> None:
    """Alertmanager, which has the same port, knows no `/readyz`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *of_it: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        assert severities(machine.ports(patient(tmp_path, server.server_port))) == [severity]
        server.shutdown()
        thread.join()


def test_nothing_is_needed_to_start_a_broker_that_is_elsewhere(tmp_path: Path) -> None:
    found = machine.starter(patient(tmp_path, BACKOFFICE_BOOTSTRAP_SERVERS="kafka.example:9092"))
    assert severities(found) == [OK]


def test_a_machine_without_java_and_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JAVA_HOME", "BACKOFFICE_BROKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = machine.starter(patient(tmp_path))
    assert finding.severity is ERROR
    assert "neither docker nor podman is installed" in finding.what
    assert "no `java` on the path" in finding.what
    assert "Install Java 17" in finding.mend


def test_a_machine_with_an_engine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JAVA_HOME", "BACKOFFICE_BROKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    engine = tmp_path / "docker"
    engine.write_text("#!/bin/sh\nexit 0\n")
    engine.chmod(0o755)
    (finding,) = machine.starter(patient(tmp_path))
    assert (finding.severity, finding.what) == (OK, "docker can start a broker")

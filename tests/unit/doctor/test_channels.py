"""Receivers: what can be known of a channel without sending, and a test that is sent."""

import json
import shlex
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from backoffice.config import Configuration
from backoffice.config.model import AlertingConfiguration
from backoffice.doctor.channels import Endpoint, channels, connected, send_test, trial
from backoffice.doctor.finding import Finding, Severity
from backoffice.doctor.patient import Patient
from consumers.notify.secrets import Secrets
from tests.unit.notify.mailbox import receiving

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

OK, WARNING, ERROR = Severity.OK, Severity.WARNING, Severity.ERROR
NOW = datetime.now(UTC)


def configured(**channel: Any) -> Configuration:
    receiver = {"name": "dana", "channels": [channel]}
    return Configuration(alerting=AlertingConfiguration.model_validate({"receivers": [receiver]}))


def look(**channel: Any) -> Finding:
    """What is found of dana's channel; the built-in receivers have nothing to connect to."""
    found = list(channels(Patient(lambda: configured(**channel), environ={"TOKEN": "s3cret"})))
    return next(finding for finding in found if finding.what.startswith("dana"))


@contextmanager
def answering(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A web server that takes everything; its port, and the bodies that came in."""
    bodies: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *of_it: object) -> None:
            """Nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # a client that looks at the certificate and hangs up
                return

    class Server(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that does not like the certificate."""

    with Server(("127.0.0.1", 0), Taking) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server.server_port, bodies
        server.shutdown()
        thread.join()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for localhost that ends in 20 days, and a client that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 20 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost"
    )
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=folder / "cert.pem")


def test_a_hook_that_answers_and_one_that_does_not() -> None:
    with answering() as (port, bodies):
        found = look(type="webhook", url=f"http://127.0.0.1:{port}/hook/${{TOKEN}}")
    assert found.severity is OK
    assert bodies == [], "nothing is sent"
    found = look(type="slack", url=f"http://127.0.0.1:{closed_port()}/hook/s3cret")
    assert found.severity is ERROR
    assert "does not answer" in found.what
    assert "s3cret" not in found.what + found.mend


def test_a_host_that_nobody_knows() -> None:
    found = look(type="webhook", url="https://hook.invalid/s3cret")  # RFC 2606: it never exists
    assert found.severity is ERROR
    assert "nobody knows a host hook.invalid" in found.what


def test_a_secret_that_is_not_here() -> None:
    found = look(type="webhook", url="https://${ELSEWHERE}/x")
    assert found.severity is WARNING
    assert "ELSEWHERE is not set" in found.what


@pytest.mark.parametrize(
    ("days_later", "severity"),
    [(0, OK), (5, OK), (7, WARNING)],
)
def test_a_certificate_that_ends_soon(
    certificate: tuple[ssl.SSLContext, ssl.SSLContext], days_later: int, severity: Severity
) -> None:
    server, client = certificate
    with answering(server) as (port, _):
        at = NOW + timedelta(days=days_later)
        assert connected("dana", Endpoint("localhost", port, True), at, client).severity is severity


def test_a_certificate_that_is_not_trusted(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with answering(certificate[0]) as (port, _):
        found = look(type="webhook", url=f"https://localhost:{port}/")
    assert found.severity is ERROR
    assert "self-signed certificate" in found.what


def mail(port: int, **more: Any) -> dict[str, Any]:
    return {"type": "email", "to": ["dana@test"], "from": "us@test", "smarthost": f"127.0.0.1:{port}", **more}


def test_a_mail_server_is_greeted_and_sent_nothing() -> None:
    with receiving() as box:
        found = look(**mail(box.port, tls="none"))
        assert found.severity is OK
        assert box.mails == []


def test_a_mail_server_that_cannot_encrypt_or_is_not_there() -> None:
    with receiving() as box:
        found = look(**mail(box.port))
    assert found.severity is ERROR
    assert "cannot do STARTTLS" in found.what
    assert look(**mail(closed_port(), tls="none")).severity is ERROR


def test_an_address_that_apprise_does_not_know() -> None:
    found = look(type="apprise", urls=["json://localhost", "nonsense://s3cret"])
    assert found.severity is ERROR
    assert "address 2 of 2" in found.what
    assert "s3cret" not in found.what
    assert look(type="apprise", url="json://localhost").severity is OK


def test_a_test_notice_is_sent_when_somebody_asks() -> None:
    with answering() as (port, bodies):
        found = configured(type="webhook", url=f"http://127.0.0.1:{port}/")
        (finding,) = send_test(found, Secrets(), "dana", "kim", NOW)
    assert finding.severity is OK
    (said,) = map(json.loads, bodies)
    assert said["receiver"] == "dana"
    assert "nothing has happened" in said["commonAnnotations"]["summary"]
    refused = configured(type="webhook", url=f"http://127.0.0.1:{closed_port()}/")
    (finding,) = send_test(refused, Secrets(), "dana", "kim", NOW)
    assert finding.severity is ERROR


def test_a_test_notice_can_be_told_by_mail_and_says_who_sent_it() -> None:
    with receiving() as box:
        (finding,) = send_test(configured(**mail(box.port, tls="none")), Secrets(), "dana", "kim", NOW)
        assert finding.severity is OK
        (came,) = box.mails
    assert "sent by kim" in str(came["subject"])
    assert trial("dana", "kim", NOW).severity == "info"


def test_a_key_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"http://127.0.0.1:{closed_port()}/")
    found = configured(type="webhook", url_file="url")
    at = Patient(lambda: Configuration(alerting=found.alerting, path=tmp_path / "backoffice.yaml"), environ={})
    said = next(finding for finding in channels(at) if finding.what.startswith("dana"))
    assert "does not answer" in said.what

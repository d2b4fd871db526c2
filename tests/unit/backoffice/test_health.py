"""The health port: what a supervisor and Prometheus are told, and what happens when the port is taken."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from backoffice.health import PortTaken, serving


class Process:
    """What is served, and what is wrong with it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        Counter("backoffice_records", "Records.", registry=self.registry).inc(3)
        self.dead: str | None = None
        self.busy: str | None = None
        self.alone: str | None = None

    @contextmanager
    def served(self, port: int = 0) -> Iterator[int]:
        with serving(
            "127.0.0.1", port, self.registry, lambda: self.dead, lambda: self.busy, lambda: self.alone
        ) as taken:
            yield taken


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
    """Status, content type and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["content-type"], answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_open_metrics_for_whoever_asks_for_them() -> None:
    with Process().served() as port:
        status, kind, body = ask(port, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert (status, kind.partition(";")[0]) == (200, "application/openmetrics-text")
    (family,) = text_string_to_metric_families(body)  # type: ignore[no-untyped-call]
    assert [(s.name, s.value) for s in family.samples if s.name.endswith("_total")] == [("backoffice_records_total", 3)]


def test_metrics_are_prometheus_text_for_a_browser() -> None:
    with Process().served() as port:
        status, kind, body = ask(port, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    assert "backoffice_records_total 3.0" in body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_is_ok_until_something_is_wrong_and_then_says_what(method: str) -> None:
    process = Process()
    with process.served() as port:
        assert ask(port, "/healthz", method)[0] == 200
        process.dead = "the event loop has not run for 20 s"
        status, kind, body = ask(port, "/healthz", method)
        assert (status, kind) == (503, "application/json")
        wanted = {"status": "unavailable", "reasons": ["the event loop has not run for 20 s"]}
        assert body == "" if method == "HEAD" else json.loads(body) == wanted
        assert ask(port, "/readyz", method)[0] == 200


def test_ready_is_a_question_of_its_own() -> None:
    process = Process()
    process.busy = "restoring backoffice.events.hr/1"
    process.alone = "no broker has answered for 20 s"
    with process.served() as port:
        status, _, body = ask(port, "/readyz")
        assert (status, json.loads(body)) == (503, {"status": "unavailable", "reasons": [process.busy, process.alone]})
        process.busy = None
        assert json.loads(ask(port, "/readyz")[2])["reasons"] == [process.alone]
        process.alone = None
        status, _, body = ask(port, "/readyz")
        assert (status, json.loads(body)) == (200, {"status": "ok", "reasons": []})
        assert ask(port, "/readyz?verbose")[0] == 200


def test_other_paths_and_methods_are_refused() -> None:
    with Process().served() as port:
        assert ask(port, "/")[0] == 404
        assert ask(port, "/metrics/../../etc/passwd")[0] == 404
        assert ask(port, "/metrics", "POST")[0] == 405
        assert ask(port, "/healthz", "DELETE")[0] == 405


def test_somebody_who_connects_and_says_nothing_keeps_nobody_else_waiting() -> None:
    with Process().served() as port, socket.create_connection(("127.0.0.1", port)):
        assert ask(port, "/healthz")[0] == 200


def test_a_port_that_is_taken_is_a_clean_error() -> None:
    with Process().served() as port:
        taken = rf"127\.0\.0\.1:{port}, cannot be opened: Address already in use"
        with pytest.raises(PortTaken, match=taken), Process().served(port):
            pytest.fail("served twice")
        assert ask(port, "/healthz")[0] == 200


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("no.such.host.invalid", 0), ("192.0.2.1", 0)])
def test_an_impossible_address_is_a_clean_error(host: str, port: int) -> None:
    process = Process()
    serve = serving(host, port, process.registry, lambda: None, lambda: None)
    with pytest.raises(PortTaken, match=f"{host}:{port}, cannot be opened"), serve:
        pytest.fail("served")


def test_the_port_is_free_again_afterwards() -> None:
    with Process().served() as port:
        pass
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/healthz")

"""The one small HTTP port of a process: /metrics for Prometheus, /healthz and /readyz for whoever starts it.

It answers from threads of its own, so also when the rest of the process hangs. It has no login and says
nothing about people: it is for the machine itself and the network that Prometheus is on.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

Check = Callable[[], str | None]
"""What is wrong, as a sentence; None when nothing is."""

Respond = Callable[[str, list[tuple[str, str]]], Any]


log = logging.getLogger(__name__)


class PortTaken(Exception):
    """The port cannot be opened; the text says which and why."""


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a scrape every few seconds is no news."""


@contextmanager
def serving(host: str, port: int, registry: CollectorRegistry, alive: Check, *ready: Check) -> Iterator[int]:
    """Serves while the block runs; gives the port, which is a free one where 0 is asked for. Raises PortTaken.

    It is ready when all of `ready` find nothing wrong.
    """
    try:
        server = make_server(host, port, application(registry, alive, *ready), ThreadingWSGIServer, _Quiet)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PortTaken(f"the port for metrics and health, {host}:{port}, cannot be opened: {reason}") from error
    thread = threading.Thread(target=server.serve_forever, name="health port", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def announced(host: str, port: int, registry: CollectorRegistry, alive: Check, *ready: Check) -> Iterator[None]:
    """The same; the log says where. Raises PortTaken."""
    with serving(host, port, registry, alive, *ready) as taken:
        log.info("metrics and health at http://%s:%d/metrics, /healthz, /readyz", host, taken, extra={"port": taken})
        yield


def application(
    registry: CollectorRegistry, alive: Check, *ready: Check
) -> Callable[[dict[str, Any], Respond], Iterable[bytes]]:
    """The WSGI application: GET and HEAD of three paths, 503 with the reasons when a check finds something."""
    metrics = make_wsgi_app(registry)
    asked: dict[str, tuple[Check, ...]] = {"/healthz": (alive,), "/readyz": ready}

    def answer(environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return text(respond, "405 Method Not Allowed", "only GET and HEAD", [("Allow", "GET, HEAD")])
        if path == "/metrics":
            body: Iterable[bytes] = metrics(environ, respond)
            return body
        if path in asked:
            return verdict(respond, [wrong for check in asked[path] if (wrong := check())])
        return text(respond, "404 Not Found", "there are /metrics, /healthz and /readyz")

    def verdict(respond: Respond, wrong: list[str]) -> Iterable[bytes]:
        respond(
            "503 Service Unavailable" if wrong else "200 OK",
            [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
        )
        return [json.dumps({"status": "unavailable" if wrong else "ok", "reasons": wrong}).encode() + b"\n"]

    def text(respond: Respond, status: str, says: str, more: Iterable[tuple[str, str]] = ()) -> Iterable[bytes]:
        respond(status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *more])
        return [f"{says}\n".encode()]

    return answer

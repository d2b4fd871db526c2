"""A real HTTP server in a thread that answers as told, and notices to send to it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from schemas.envelope import About
from schemas.notices import Notice, NoticeAlert

WHEN = datetime(2026, 1, 5, 8, tzinfo=UTC)
DOWN = NoticeAlert(
    fingerprint="0ad9ee6b2d72ce22",
    status="firing",
    labels={"alertname": "it.outage", "department": "it", "severity": "critical", "subject": "service/vpn"},
    annotations={"summary": "vpn is down", "downstream": "mail"},
    starts_at=WHEN,
)


def notice(id: str = "0-41-2", receiver: str = "it-manager", **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "receiver": receiver,
        "reason": "first notification",
        "status": "firing",
        "group": "04c6a1ffe29b6d10",
        "group_key": '{}:{alertname="it.outage"}',
        "group_labels": {"alertname": "it.outage"},
        "alerts": (DOWN,),
        "common_labels": DOWN.labels,
        "common_annotations": DOWN.annotations,
        "summary": "vpn is down",
        **changes,
    }
    said = Notice(**values)
    said.with_about(About(id, "/backoffice/processors/alerting", f"receiver/{receiver}", WHEN))
    return said


@dataclass(frozen=True)
class Answer:
    """How the server answers one request. `hangs`: not at all, until it is closed. `after`: once that is set."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    after: threading.Event | None = None


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes


class Hooks:
    """What was asked of the server, and what it will answer: `answers` in order, then 200."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.asked = threading.Semaphore(0)
        self.closing = threading.Event()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def wait_for(self, requests: int, seconds: float = 20) -> None:
        """Until so many more requests have come in."""
        for _ in range(requests):
            assert self.asked.acquire(timeout=seconds), f"{len(self.requests)} requests came in"

    @property
    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.requests]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else Answer()
        self.asked.release()
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def serving(kind: Callable[[int], Hooks] = Hooks) -> Iterator[Hooks]:
    """A server on a port of its own, of a kind that may answer in its own way."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = hooks.answer(Request(self.path, dict(self.headers), body))
            if answer.hangs:
                hooks.closing.wait()
                self.close_connection = True
                return
            if answer.after is not None:
                answer.after.wait()
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *arguments: Literal[""]) -> None:
            """Quiet."""

    server = _Server(("127.0.0.1", 0), Handler)
    hooks = kind(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        hooks.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()

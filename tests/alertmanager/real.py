"""A real Alertmanager with a receiver that writes down what it is told, and when."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.go_tools import go_tool

STARTS_WITHIN = 30.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Told:
    """One notification: when it came, by this machine's monotonic clock, and Alertmanager's webhook payload."""

    at: float
    payload: dict[str, Any]


@dataclass
class Hook:
    """Where notifications come in."""

    url: str
    told: list[Told] = field(default_factory=list)


@contextmanager
def hook() -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came = time.monotonic()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            known.told.append(Told(came, json.loads(body)))

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 1_024  # many groups tell at once; who is turned away tries again a second later

    server = Server(("127.0.0.1", 0), Handler)
    known = Hook(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Alertmanager:
    """Its API v2."""

    url: str
    pid: int
    client: httpx.Client

    def post(self, path: str, said: Any) -> Any:
        answer = self.client.post(f"{self.url}/api/v2/{path}", json=said)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def delete(self, path: str) -> None:
        self.client.delete(f"{self.url}/api/v2/{path}").raise_for_status()


@contextmanager
def alertmanager(configuration: dict[str, Any], folder: Path) -> Iterator[Alertmanager]:
    """Alertmanager under this configuration, until the block is left. Skips the test where there is none."""
    program = go_tool("alertmanager")
    file = folder / "alertmanager.json"
    file.write_text(json.dumps(configuration), encoding="utf-8")  # what is JSON is YAML
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(program),
        f"--config.file={file}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=warn",
    ]
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(timeout=60) as client:
            _ready(client, url, process, folder)
            yield Alertmanager(url, process.pid, client)
    finally:
        process.terminate()
        process.wait(30)


def _ready(client: httpx.Client, url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            if client.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"alertmanager did not start: {(folder / 'alertmanager.log').read_text()[-2_000:]}")

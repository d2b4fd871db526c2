"""A webhook that writes down what it is told: the other end of both Alertmanager and ours."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Told:
    """One notification: when, of which group, of how many alerts, and of which instance if of one only."""

    at: float
    group: str
    alerts: int
    instance: str


@dataclass
class Hook:
    """Where it is, and what it has been told so far, in order."""

    url: str
    told: list[Told] = field(default_factory=list)


@contextmanager
def hook() -> Iterator[Hook]:
    """A webhook of this process, while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at = time.monotonic()
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            alerts = len(said["alerts"]) + said["truncatedAlerts"]
            made.told.append(Told(at, said["groupKey"], alerts, said["commonLabels"].get("instance", "")))

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    made = Hook(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

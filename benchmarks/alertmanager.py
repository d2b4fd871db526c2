"""Prometheus Alertmanager as a peer: built once from the Go module proxy, run with a webhook that counts."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from benchmarks.build import MADE, BuildFailed
from benchmarks.cluster import BenchmarkFailed

VERSION = "v0.28.1"
MODULE = f"github.com/prometheus/alertmanager/cmd/alertmanager@{VERSION}"
READY_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """One notification: when, of which group, and of how many alerts."""

    at: float
    group: str
    alerts: int


@dataclass
class Real:
    """A running one."""

    url: str
    pid: int
    told: list[Told] = field(default_factory=list)

    def post(self, alerts: list[dict[str, Any]]) -> None:
        httpx.post(f"{self.url}/api/v2/alerts", json=alerts, timeout=60).raise_for_status()


def build() -> Path:
    """Builds it, unless that has been done. BACKOFFICE_GO_TOOLS names a folder that has it. Raises BuildFailed."""
    if given := os.environ.get("BACKOFFICE_GO_TOOLS"):
        return Path(given) / "alertmanager"
    folder = MADE / f"alertmanager-{VERSION}"
    if not (folder / "alertmanager").exists():
        if (go := shutil.which("go")) is None:
            raise BuildFailed("Alertmanager is built with Go, and there is none here")
        environment = {**os.environ, "GOBIN": str(folder.absolute())}
        done = subprocess.run([go, "install", MODULE], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildFailed(f"Alertmanager could not be built: {done.stderr[-2_000:]}")
    return folder / "alertmanager"


@contextmanager
def running(route: Mapping[str, Any], folder: Path) -> Iterator[Real]:
    """Alertmanager with this route, whose receiver writes down what comes."""
    with _hook() as (address, told), socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        receivers = [{"name": route["receiver"], "webhook_configs": [{"url": address}]}]
        file = folder / "alertmanager.json"
        file.write_text(json.dumps({"route": route, "receivers": receivers}), encoding="utf-8")
        command = [str(build()), f"--config.file={file}", f"--storage.path={folder / 'data'}"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn"]
        with (folder / "alertmanager.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _ready(f"http://127.0.0.1:{port}")
            yield Real(f"http://127.0.0.1:{port}", process.pid, told)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _hook() -> Iterator[tuple[str, list[Told]]]:
    told: list[Told] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            told.append(Told(time.monotonic(), said["groupKey"], len(said["alerts"])))

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _ready(url: str) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise BenchmarkFailed("alertmanager did not start")

"""Prometheus Alertmanager as a peer: built once from the Go module proxy, run with a webhook."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.build import MADE, BuildFailed
from benchmarks.cluster import BenchmarkFailed

VERSION = "v0.28.1"
MODULE = f"github.com/prometheus/alertmanager/cmd/alertmanager@{VERSION}"
READY_WITHIN = 30.0


@dataclass
class Real:
    """A running one."""

    url: str
    pid: int

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
def running(route: Mapping[str, Any], address: str, folder: Path) -> Iterator[Real]:
    """Alertmanager with this route, whose receiver is the webhook at this address."""
    with socket.socket() as free:
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
            yield Real(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            process.wait()


def _ready(url: str) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/-/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise BenchmarkFailed("alertmanager did not start")

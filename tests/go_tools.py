"""Programs of others, built from the Go module proxy to be held beside ours: Alertmanager, amtool and promtool.

They are built once and kept in the user's cache. Where Go is missing the tests that want them say so and are skipped;
in CI that is a failure. BACKOFFICE_GO_TOOLS names a folder that has them already.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple, NoReturn

import platformdirs
import pytest


class Tool(NamedTuple):
    """A program: its module, that module's version, and which of its sources are left out."""

    module: str
    version: str
    without: tuple[str, ...] = ()


ALERTMANAGER = "v0.28.1"
PROMETHEUS = "v0.305.0"
"""Prometheus 3.5: what is 3.x to its users is 0.3xx to Go."""

TOOLS = {
    "alertmanager": Tool("github.com/prometheus/alertmanager", ALERTMANAGER),
    "amtool": Tool("github.com/prometheus/alertmanager", ALERTMANAGER),
    "promtool": Tool("github.com/prometheus/prometheus", PROMETHEUS, ("plugins/plugins.go",)),
}

BUILD_TIMEOUT = 1_800
"""Seconds. The first build fetches and compiles a few hundred packages."""


def go_tool(name: str) -> Path:
    """The program, built if it is not there yet. Skips the test where it cannot be."""
    if given := os.environ.get("BACKOFFICE_GO_TOOLS"):
        return Path(given) / name
    folder = Path(platformdirs.user_cache_dir("backoffice-tests")) / "go" / TOOLS[name].version
    if not (folder / name).exists():
        _build(name, folder)
    return folder / name


def _build(name: str, folder: Path) -> None:
    """From a copy of its own module, which may replace and exclude others: `go install` takes none that does."""
    go = shutil.which("go")
    if go is None:
        _left_out(name, "there is no Go here")
    tool = TOOLS[name]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        fetched = _run(name, [go, "mod", "download", "-json", f"{tool.module}@{tool.version}"], Path(scratch))
        sources = Path(scratch) / "sources"
        shutil.copytree(json.loads(fetched)["Dir"], sources, copy_function=shutil.copyfile)
        _run(name, ["chmod", "-R", "u+w", "."], sources)
        for path in tool.without:
            (sources / path).unlink()
        _run(name, [go, "build", "-o", str(folder / name), f"./cmd/{name}"], sources)


def _run(name: str, command: list[str], where: Path) -> str:
    environment = {**os.environ, "GOFLAGS": "-p=1 -mod=mod -buildvcs=false"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=where, timeout=BUILD_TIMEOUT)
    if done.returncode:
        _left_out(name, f"it could not be built: {done.stderr[-500:]}")
    return done.stdout


def _left_out(name: str, why: str) -> NoReturn:
    reason = f"nothing is held beside the real {name}: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

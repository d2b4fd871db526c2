"""Programs of others that are built from the Go module proxy: Alertmanager and amtool, to be held beside ours.

They are built once and kept in the user's cache. Where Go is missing the tests that want them say so and are skipped;
in CI that is a failure. BACKOFFICE_GO_TOOLS names a folder that has them already.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import platformdirs
import pytest

ALERTMANAGER = "v0.28.1"
MODULES = {name: f"github.com/prometheus/alertmanager/cmd/{name}@{ALERTMANAGER}" for name in ("alertmanager", "amtool")}

BUILD_TIMEOUT = 1_200
"""Seconds. The first build fetches and compiles a few hundred packages."""


def go_tool(name: str) -> Path:
    """The program, built if it is not there yet. Skips the test where it cannot be."""
    if given := os.environ.get("BACKOFFICE_GO_TOOLS"):
        return Path(given) / name
    folder = Path(platformdirs.user_cache_dir("backoffice-tests")) / "go" / ALERTMANAGER
    if not (folder / name).exists():
        _build(name, folder)
    return folder / name


def _build(name: str, folder: Path) -> None:
    go = shutil.which("go")
    if go is None:
        _left_out(name, "there is no Go here")
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-p=1"}
    built = subprocess.run(
        [go, "install", MODULES[name]], env=environment, capture_output=True, text=True, timeout=BUILD_TIMEOUT
    )
    if built.returncode:
        _left_out(name, f"it could not be built: {built.stderr[-500:]}")


def _left_out(name: str, why: str) -> NoReturn:
    reason = f"nothing is held beside the real {name}: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)

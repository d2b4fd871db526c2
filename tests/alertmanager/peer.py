"""Prometheus Alertmanager's own packages, asked from here: a small Go program reads questions and answers them."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import platformdirs
import pytest

SOURCE = Path(__file__).parent / "peer"
BUILD_TIMEOUT = 580
"""Seconds. The first build fetches and compiles a few hundred packages."""


def peer() -> Path:
    """The program, built once and kept in the user's cache. Skips the test where that cannot be; in CI it fails."""
    sources = b"".join((SOURCE / name).read_bytes() for name in ("main.go", "go.mod", "go.sum"))
    folder = Path(platformdirs.user_cache_dir("backoffice-tests")) / "go"
    program = folder / f"peer-{hashlib.sha256(sources).hexdigest()[:12]}"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _build(program)
    return program


def examples() -> list[Path]:
    """The configuration files that Alertmanager comes with, as examples and for its own tests."""
    command = ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/prometheus/alertmanager"]
    folder = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    return sorted(Path(folder, "config", "testdata").glob("*.yml")) + sorted(Path(folder).glob("doc/examples/*.yml"))


def _build(program: Path) -> None:
    go = shutil.which("go")
    if go is None:
        _left_out("there is no Go here")
    beside = program.with_suffix(f".{os.getpid()}")
    command = [go, "build", "-trimpath", "-o", str(beside), "."]
    built = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, timeout=BUILD_TIMEOUT)
    if built.returncode:
        _left_out(f"it could not be built: {built.stderr[-500:]}")
    beside.replace(program)


def _left_out(why: str) -> NoReturn:
    reason = f"nothing is held beside the real Alertmanager: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def ask(program: Path, questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Alertmanager's answers, one for each question."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]

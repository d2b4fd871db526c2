"""Prometheus Alertmanager's own packages, asked from here: a small Go program reads questions and answers them."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path

SOURCE = Path(__file__).parent / "peer"
CACHE = user_cache_path("backoffice") / "go-tools"


def peer() -> Path:
    """The program, built once. Skips the test where Go is missing, and fails it there in CI."""
    sources = [SOURCE / name for name in ("main.go", "go.mod", "go.sum")]
    program = CACHE / f"peer-{hashlib.sha256(b''.join(source.read_bytes() for source in sources)).hexdigest()[:12]}"
    if program.exists():
        return program
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("Go is missing, and CI has it")
        pytest.skip("Go is missing: nothing is compared with Alertmanager itself")
    CACHE.mkdir(parents=True, exist_ok=True)
    beside = program.with_suffix(f".{os.getpid()}")
    subprocess.run(["go", "build", "-trimpath", "-o", beside, "."], cwd=SOURCE, check=True, timeout=600)
    beside.replace(program)
    return program


def ask(program: Path, questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Alertmanager's answers, one for each question."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]

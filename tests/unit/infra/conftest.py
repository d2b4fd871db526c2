"""Homes and executables of one test alone; nothing here starts a broker."""

import os
import stat
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python's own import, on Python 3.11 to 3.12
    import kafka  # noqa: F401

from infra.broker import BrokerHome

Install = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def own_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment, and nothing into it."""
    for name in ("BACKOFFICE_BOOTSTRAP_SERVERS", "BACKOFFICE_BROKER", "JAVA_HOME", "KAFKA_HEAP_OPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "backoffice"))


@pytest.fixture
def home() -> BrokerHome:
    return BrokerHome()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """A machine with only the executables that the test installs, each a few lines of shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "mkdir", "touch", "rm"):
        (folder / name).symlink_to(f"{os.sep}bin{os.sep}{name}")
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return put

"""What a shell offers: quickly, or not at all."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from backoffice.cli.completing import _receivers, alert_ids, offered, servers, space_names, topic_names


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, nothing of the developer's own environment, and no broker."""
    for name in ("BACKOFFICE_BOOTSTRAP_SERVERS", "BACKOFFICE_SPACE", "BACKOFFICE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BACKOFFICE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_that_begin_so_are_offered_in_order() -> None:
    assert offered(lambda: ["kim", "dana", "dan"], "da") == ["dan", "dana"]


def test_nothing_is_offered_by_whoever_takes_too_long() -> None:
    never = Event()

    def look() -> list[str]:
        never.wait()
        return ["late"]

    began = time.monotonic()
    assert offered(look, "", within=0.05) == []
    assert time.monotonic() - began < 1
    never.set()


@pytest.mark.parametrize("problem", [OSError("away"), SystemExit(2), RuntimeError("?")])
def test_whatever_goes_wrong_is_not_written_into_the_line(problem: BaseException) -> None:
    def look() -> list[str]:
        raise problem

    assert offered(look, "") == []


def test_without_a_broker_nothing_is_offered_and_none_is_started(folder: Path) -> None:
    assert servers() is None
    assert alert_ids("") == space_names("") == []
    assert not (folder / "home").exists()


def test_a_broker_that_does_not_answer_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKOFFICE_BOOTSTRAP_SERVERS", "192.0.2.1:9092")  # TEST-NET-1: nobody is there (RFC 5737)
    began = time.monotonic()
    assert alert_ids("") == []
    assert time.monotonic() - began < 2


def test_receivers_of_the_configuration_and_topics_of_the_table(folder: Path) -> None:
    (folder / "backoffice.yaml").write_text("alerting: {receivers: [{name: dana}]}\n")
    assert offered(_receivers, "da", within=60) == ["dana"]  # on a loaded machine, loading alone takes its second
    assert topic_names("events.h") == ["events.health", "events.hr"]
    assert "alerts" in topic_names("")


def test_a_shell_that_asks_is_answered(folder: Path) -> None:
    asked = {"_BACKOFFICE_COMPLETE": "complete_bash", "COMP_WORDS": "backoffice sil", "COMP_CWORD": "1"}
    done = subprocess.run(
        [Path(sys.executable).with_name("backoffice")], env=os.environ | asked, capture_output=True, text=True
    )
    assert done.stdout.split() == ["silence"]
    asked |= {"COMP_WORDS": "backoffice silence e", "COMP_CWORD": "2"}
    done = subprocess.run(
        [Path(sys.executable).with_name("backoffice")], env=os.environ | asked, capture_output=True, text=True
    )
    assert done.stdout.split() == ["expire"]

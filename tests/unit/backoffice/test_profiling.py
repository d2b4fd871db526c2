"""A profile can be read by the tools its ending names, and shows the function that was busy."""

import json
import logging
import pstats
import time
from pathlib import Path

import pytest

from backoffice.profiling import SUMMARY_LINES, ProfileError, profiled


def reckons() -> int:
    """Busy until a sampler must have seen it."""
    until = time.process_time() + 0.1
    total = 0
    while time.process_time() < until:
        total += 1
    return total


def fails() -> None:
    reckons()
    raise RuntimeError("a lane failed")


def frames(file: Path) -> set[str]:
    """The functions in the profile, as the reader of its format finds them."""
    match file.suffix:
        case ".pstats":
            return {function for _, _, function in pstats.Stats(str(file)).stats}  # type: ignore[attr-defined]
        case ".json":
            return {frame["name"] for frame in json.loads(file.read_text())["shared"]["frames"]}
        case _:
            return {name for name in ("reckons",) if name in file.read_text()}


@pytest.mark.parametrize("ending", [".html", ".json", ".pstats", ".txt"])
def test_the_busy_function_is_in_the_profile(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"worker{ending}"
    with profiled(file):
        reckons()
    assert "reckons" in frames(file)
    if ending == ".html":
        assert file.read_text().lstrip().lower().startswith("<!doctype html>")


def test_the_log_has_one_screen_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), profiled(tmp_path / "worker.html"):
        reckons()
    (line,) = caplog.messages
    assert "worker.html" in line
    assert "reckons" in line
    assert len(line.splitlines()) <= SUMMARY_LINES + 1


def test_the_profile_is_written_when_the_command_fails(tmp_path: Path) -> None:
    file = tmp_path / "worker.pstats"
    with pytest.raises(RuntimeError, match="a lane failed"), profiled(file):
        fails()
    assert "reckons" in frames(file)


@pytest.mark.parametrize("name", ["worker", "worker.prof", "worker.svg"])
def test_an_ending_that_names_no_format_is_refused_before_anything_runs(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(ProfileError, match=r"ends in one of \.html, \.json, \.pstats, \.txt"),
        profiled(tmp_path / name),
    ):
        pytest.fail("ran")


def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(tmp_path: Path) -> None:
    missing = tmp_path / "no such folder" / "worker.html"
    with pytest.raises(ProfileError, match="No such file or directory"), profiled(missing):
        pytest.fail("ran")

"""Following a log, also when it is turned over."""

from pathlib import Path

from infra.broker.logfile import last_lines, tail


def test_the_last_lines_of_a_log_that_may_not_be_there(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_lines(log, 2) == []
    log.write_text("one\ntwo\nthree\n")
    assert last_lines(log, 2) == ["two", "three"]


def test_following_goes_on_in_the_new_file_when_the_log_is_turned_over(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\n")
    lines = tail(log, 1)
    assert next(lines) == "two"
    with log.open("a") as file:
        file.write("three\n")
    assert next(lines) == "three"
    log.rename(tmp_path / "log.1")
    log.write_text("four\n")
    assert next(lines) == "four"
    lines.close()

"""Structured logs: each line is one JSON object, whatever is logged."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.logs import JsonFormatter, LogFormat, write_as


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of the test's own that writes JSON."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("processors.engine.lane")
    logger.addHandler(handler)
    yield logger, out
    handler.close()


def only_line(out: io.StringIO) -> dict[str, Any]:
    (line,) = out.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_when_how_bad_who_and_what(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.warning("%s/%d: %d dead letters", "backoffice.events.hr", 3, 2)
    line = only_line(out)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "processors.engine.lane",
        "message": "backoffice.events.hr/3: 2 dead letters",
    }


def test_time_is_rfc_3339_in_utc() -> None:
    record = logging.makeLogRecord({"created": 1_795_301_791.5, "msg": "x"})
    line = json.loads(JsonFormatter().format(record))
    assert line["time"] == "2026-11-21T22:56:31.500Z"
    assert datetime.fromisoformat(line["time"]).utcoffset() is not None


def test_fields_stand_beside_the_message(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    fields = {"processor": "hr", "topic": "backoffice.events.hr", "partition": 3, "offset": 17, "path": Path("/x")}
    logger.info("restored", extra=fields)
    line = only_line(out)
    assert [line[name] for name in fields] == ["hr", "backoffice.events.hr", 3, 17, "/x"]


def test_a_field_with_one_of_our_names_hides_nothing(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.info("restored", extra={"time": "noon", "level": 3})
    line = only_line(out)
    assert line["level"] == "info"
    assert (line["time_"], line["level_"]) == ("noon", 3)


def test_an_exception_is_a_field_with_its_lines_in_it(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    try:
        raise ValueError("no such key\nat all")
    except ValueError:
        logger.exception("failed", stack_info=True)
    line = only_line(out)
    assert line["message"] == "failed"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: no such key\nat all")
    assert "test_an_exception_is_a_field" in line["stack"]


def test_no_exception_is_no_field(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.error("failed", exc_info=sys.exc_info())
    assert "exception" not in only_line(out)


@given(st.text(), st.dictionaries(st.text(min_size=1), st.none() | st.integers() | st.text() | st.floats()))
def test_whatever_is_logged_is_one_line_of_json(message: str, fields: dict[str, Any]) -> None:
    taken = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
    given_fields = {name: value for name, value in fields.items() if name not in taken}
    record = logging.makeLogRecord({"msg": message, **given_fields})
    text = JsonFormatter().format(record)
    assert "\n" not in text
    text.encode()

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    line = json.loads(text, parse_constant=refuse)
    assert line["message"] == message
    assert len(line) == 4 + len(given_fields)


def test_every_handler_of_the_process_changes_its_format(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    root = logging.RootLogger(logging.INFO)
    root.addHandler(logging.StreamHandler(out))
    monkeypatch.setattr(logging, "getLogger", lambda name=None: root)
    write_as(LogFormat.JSON)
    root.info("as JSON")
    write_as(LogFormat.TEXT)
    root.info("as text")
    first, second = out.getvalue().splitlines()
    assert json.loads(first)["message"] == "as JSON"
    assert second.endswith("INFO root: as text")

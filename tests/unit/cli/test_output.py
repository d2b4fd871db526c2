"""Rows as people and programs read them."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.cli.options import out
from backoffice.cli.output import Column, Output, csv_rows, document, show, show_one, stream

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
ROWS = [
    {"name": "one", "count": 1234, "who": ["dana", "kim"], "at": AT, "more": {"a": 1}, "hidden": True},
    {"name": 'two, "or" more\nlines', "count": 0, "who": [], "at": None, "more": {}, "hidden": False},
]
COLUMNS = ("name", Column("count", right=True), "who", "at", Column("hidden", hidden=True))


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(out, "width", 60)
    return lambda: capsys.readouterr().out


def test_a_table_is_for_people_and_is_never_cut_for_a_file(said: Any) -> None:
    show([ROWS[0] | {"name": "n" * 90}], COLUMNS, Output.table)
    table = said()
    assert "n" * 90 in table
    assert "1,234" in table
    assert "dana, kim" in table
    assert "2026-01-05 08:00" in table
    assert "hidden" not in table


def test_json_is_one_document_with_whole_rows(said: Any) -> None:
    show(ROWS, COLUMNS, Output.json)
    text = said()
    assert text.count("\n") == 1
    found = json.loads(text)
    assert found[0]["more"] == {"a": 1}
    assert found[0]["at"] == "2026-01-05T08:00:00Z"


def test_csv_has_a_header_and_every_column(said: Any) -> None:
    show(ROWS, COLUMNS, Output.csv)
    header, *rows = csv.reader(io.StringIO(said()))
    assert header == ["name", "count", "who", "at", "hidden"]
    assert rows[0] == ["one", "1234", "dana,kim", "2026-01-05T08:00:00Z", "true"]
    assert rows[1] == ['two, "or" more\nlines', "0", "", "", "false"]


@pytest.mark.parametrize(("output", "text"), [(Output.table, "None.\n"), (Output.json, "[]\n"), (Output.csv, "name\n")])
def test_nothing_is_said_in_words_to_people_alone(said: Any, output: Output, text: str) -> None:
    show([], ("name",), output, "None.")
    assert said() == text


def test_one_thing_is_a_json_object_or_a_field_a_line(said: Any) -> None:
    show_one(ROWS[0], Output.json, lambda: pytest.fail("a program asked"))
    assert json.loads(said())["name"] == "one"
    show_one({"a": 1, "b": [{"c": None}]}, Output.csv, lambda: pytest.fail("a program asked"))
    assert said() == 'field,value\na,1\nb,"[{""c"": null}]"\n'
    show_one({}, Output.table, lambda: out.print("for people"))
    assert said() == "for people\n"


def test_a_stream_is_a_line_each_as_it_comes(said: Any) -> None:
    seen = []

    def rows() -> Any:
        for number in range(2):
            yield {"n": number}
            seen.append(said())

    stream(rows(), ("n",), Output.json, lambda row: None)
    assert seen == ['{"n": 0}\n', '{"n": 1}\n'], "each is there before the next is asked for"
    stream(rows(), ("n",), Output.csv, lambda row: None)
    assert seen[2:] == ["n\n0\n", "1\n"]


def test_what_json_does_not_know_is_written_as_text(said: Any) -> None:
    document({"cases": frozenset({"b", "a"}), "sum": Decimal("1.50")})
    assert json.loads(said()) == {"cases": ["a", "b"], "sum": "1.50"}


def test_control_characters_cannot_move_the_cursor(said: Any) -> None:
    show([{"name": "a\x1b[2Jb"}], ("name",), Output.table)
    assert "\x1b" not in said()


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(out, "_file", Gone())
    ended: list[bool] = []
    monkeypatch.setattr(type(out), "on_broken_pipe", lambda self: ended.append(True))
    document({})
    assert ended == [True]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])), min_size=2)))
def test_any_text_comes_back_from_csv_as_it_was(rows: list[list[str]]) -> None:
    text = io.StringIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(out, "_file", text)
        csv_rows(rows, ["a", "b"])
    assert list(csv.reader(io.StringIO(text.getvalue(), newline="")))[1:] == rows

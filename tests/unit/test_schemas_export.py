"""JSON Schemas of the events: what is exported, and what a change to one means."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model
from typer.testing import CliRunner

from backoffice.cli.schemas import app
from schemas.catalogue import event_types
from schemas.codec import Decoder, encode
from schemas.compatibility import Change, compare
from schemas.envelope import Frozen
from schemas.example import NoExample, example
from schemas.export import documents, read_documents, rendered, write_documents
from schemas.money import Money

ALL = event_types(packages=("schemas",))
DOCUMENTS = documents()


@pytest.mark.parametrize("name", ALL)
def test_every_event_type_has_an_example_that_upstream_could_send(name: str) -> None:
    cls = ALL[name]
    decoder = Decoder([cls])
    event = decoder.parse(example(cls))
    assert isinstance(event, cls)
    assert decoder.decode(encode(event, event.about)) == event


@pytest.mark.parametrize("name", ALL)
def test_every_event_type_and_field_says_what_it_is_for(name: str) -> None:
    schema = DOCUMENTS[name]
    assert schema["description"], name
    fields = schema["properties"]["data"].get("properties", {})
    silent = [field for field, of in fields.items() if "description" not in of]
    assert not silent, f"{name}: give {', '.join(silent)} a docstring"


def test_the_export_is_the_same_every_time_and_removes_what_is_gone(tmp_path: Path) -> None:
    assert len(write_documents(tmp_path)) == len(ALL)
    (tmp_path / "hr.employee.cloned.json").write_text("{}")
    assert write_documents(tmp_path) == ["hr.employee.cloned.json"]
    assert write_documents(tmp_path) == []
    assert {n: rendered(d) for n, d in read_documents(tmp_path).items()} == {
        n: rendered(d) for n, d in documents().items()
    }


# What a change means


class Line(Frozen):
    item: str
    quantity: int = Field(ge=0)


class Order(Frozen):
    number: str = Field(max_length=20)
    total: Money
    lines: tuple[Line, ...] = ()
    status: Literal["open", "closed"] = "open"
    note: str | None = None


def changed(**fields: Any) -> list[Change]:
    """What it means when these fields of an order are declared like this instead."""
    new = create_model("Order", __base__=Order, **fields)
    return compare(Order.model_json_schema(), new.model_json_schema())


def test_nothing_changed() -> None:
    assert changed() == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"buyer": (str | None, None)}, "compatible: buyer: field added, optional"),
        ({"buyer": (str, "acme")}, "compatible: buyer: field added, optional"),
        ({"buyer": (str, ...)}, "breaking: buyer: field added, required"),
        ({"note": (str | None, ...)}, "breaking: note: now required"),
        ({"total": (Money, Money(amount=Decimal(0)))}, "compatible: total: no longer required"),
        ({"number": (str, Field(max_length=10))}, "breaking: number: maxLength changed from 20 to 10"),
        ({"number": (str, Field(max_length=30))}, "compatible: number: maxLength changed from 20 to 30"),
        ({"number": (str, ...)}, "compatible: number: maxLength 20 removed"),
        ({"number": (int, ...)}, "breaking: number: type changed from string to integer"),
        ({"number": (str, Field(max_length=20, pattern="^N"))}, "breaking: number: pattern '^N' added"),
        ({"status": (Literal["open"], "open")}, "breaking: status: value 'closed' removed"),
        (
            {"status": (Literal["open", "closed", "lost"], "open")},
            "compatible: status: value 'lost' added",
        ),
        ({"status": (Literal["open", "closed"], "closed")}, "compatible: status: default changed"),
        ({"note": (str | int | None, None)}, "compatible: note: allows integer too"),
        ({"note": (str, "")}, "breaking: note: no longer allows null"),
        ({"note": (int | None, None)}, "breaking: note: no longer allows string"),
        ({"number": (str | None, Field(max_length=20))}, "compatible: number: allows null too"),
        ({"lines": (tuple[str, ...], ())}, "breaking: lines[]: type changed from object to string"),
        ({"total": (Decimal, ...)}, "breaking: total"),
    ],
)
def test_a_changed_field_is_said_in_words_and_classed(fields: dict[str, Any], says: str) -> None:
    said = [str(change) for change in changed(**fields)]
    assert any(line.startswith(says) for line in said), said
    if says.startswith("compatible"):
        assert not any(line.startswith("breaking") for line in said), said


def test_a_renamed_field_is_a_removed_one() -> None:
    class Renamed(BaseModel):
        identifier: str

    class Named(BaseModel):
        id: str

    assert {str(c) for c in compare(Named.model_json_schema(), Renamed.model_json_schema())} == {
        "breaking: id: field removed",
        "breaking: identifier: field added, required",
    }


def test_a_change_deep_inside_is_found_once_and_where() -> None:
    class Stricter(Frozen):
        item: str
        quantity: int = Field(ge=1)

    assert changed(lines=(tuple[Stricter, ...], ())) == [
        Change("lines[].quantity", "minimum changed from 0 to 1", breaking=True)
    ]


def test_a_type_that_contains_itself_comes_to_an_end() -> None:
    class Part(BaseModel):
        name: str
        parts: "list[Part]" = []
        of: "Part | None" = None

    class Other(BaseModel):
        name: str = Field(max_length=5)
        parts: "list[Other]" = []
        of: "Other | None" = None

    assert any(c.breaking for c in compare(Part.model_json_schema(), Other.model_json_schema()))


def test_an_event_type_that_goes_away_or_moves_is_breaking() -> None:
    name = next(iter(ALL))
    schema = DOCUMENTS[name]
    assert [c.breaking for c in compare(schema, None)] == [True]
    assert [c.breaking for c in compare(None, schema)] == [False]
    assert [str(c) for c in compare(schema, schema | {"x-topic": "events.elsewhere"})] == [
        f"breaking: topic changed from {schema['x-topic']} to events.elsewhere"
    ]


def test_another_description_changes_nothing() -> None:
    schema = DOCUMENTS["alerting.condition.fired"]
    assert compare(schema, schema | {"description": "in better words", "examples": []}) == []


# The commands


def test_check_says_what_is_stale_and_fails(tmp_path: Path) -> None:
    folder = ["--folder", str(tmp_path)]
    assert CliRunner().invoke(app, ["export", *folder]).exit_code == 0
    assert CliRunner().invoke(app, ["check", *folder]).exit_code == 0

    path = tmp_path / "alerting.condition.resolved.json"
    path.write_text(path.read_text().replace('"because"', '"why"'))
    outcome = CliRunner().invoke(app, ["check", *folder])
    assert outcome.exit_code == 1
    assert "breaking: data.why: field removed" in outcome.output
    assert "breaking: data.because: field added, required" in outcome.output
    assert "1 of the documents are stale" in outcome.output


def test_a_damaged_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "hr.employee.hired.json").write_text("{")
    outcome = CliRunner().invoke(app, ["check", "--folder", str(tmp_path)])
    assert outcome.exit_code == 1
    assert "hr.employee.hired.json: not JSON" in outcome.output


def test_the_committed_documents_are_current() -> None:
    outcome = CliRunner().invoke(app, ["check"])
    assert outcome.exit_code == 0, f"{outcome.output}\nrun `backoffice schemas export` and look at the difference"


def test_a_field_without_an_example_is_named() -> None:
    from schemas.envelope import Event

    class Weighed(Event, type="warehouse.pallet.weighed", kind="pallet", topic="events.warehouse"):
        """A pallet was weighed."""

        grams: Decimal
        """Its weight in grams."""

    with pytest.raises(NoExample, match=r"Weighed\.grams is required and has no example"):
        example(Weighed)

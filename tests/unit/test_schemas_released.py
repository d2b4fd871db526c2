"""What was released of the events: no later change may break it, whoever exports the schemas again."""

import gc
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import new_class
from typing import Any, Literal

import pytest
from pydantic import Field, field_validator, model_validator
from typer.testing import CliRunner

from backoffice.cli.schemas import app
from schemas.catalogue import event_types
from schemas.compatibility import compare
from schemas.envelope import Event
from schemas.export import document, write_documents
from schemas.released import breaches, read_released, release, write_released

GUIDE = Path(__file__).parents[2] / "docs" / "changing-an-event.md"


Fields = dict[str, Any]
"""Annotation and default of each field, by its name."""


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Event types are found by their classes: two that claim one name must not outlive a test."""
    yield
    gc.collect()


def booked(fields: Fields, version: int = 1, base: type[Event] = Event) -> type[Event]:
    """An event type of a training centre, with these fields; each call declares it anew."""
    said: dict[str, Any] = {name: default for name, (_, default) in fields.items()}
    said |= {"__module__": "training", "__annotations__": {name: kind for name, (kind, _) in fields.items()}}
    about = {"type": "training.course.booked", "kind": "person", "topic": "events.training", "version": version}
    made: type[Event] = new_class("CourseBooked", (base,), about, lambda names: names.update(said))
    return made


COURSE = (str, Field(max_length=40, pattern="^C", examples=["C-7"]))
DAYS = (int, Field(ge=1, le=30, examples=[2]))
FORM = (Literal["class", "video"], Field("class", examples=["video"]))
FIELDS = {"course": COURSE, "days": DAYS, "form": FORM}


def broken(now: type[Event] | None) -> list[str]:
    """What no longer holds when the type of today was released and the code now has this one."""
    released = release({}, [booked(FIELDS)])
    return [breach.what for breach in breaches(released, {} if now is None else {now.type: now})]


def test_an_event_type_as_it_was_released_breaks_nothing() -> None:
    assert broken(booked(FIELDS)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"note": (str, Field("", examples=["window seat"]))},
        {"course": (str, Field(max_length=80, pattern="^C", examples=["C-7"]))},
        {"days": (int | None, Field(None, ge=1, le=30))},
        {"form": (Literal["class", "video", "book"], Field("class"))},
    ],
    ids=["a further field", "a longer text", "no longer required", "a further value"],
)
def test_what_widens_an_event_is_compatible(change: dict[str, Any]) -> None:
    assert broken(booked({**FIELDS, **change})) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"form": None}, "breaking: data.form: field removed"),
        ({"form": (Literal["class", "video"], Field(examples=["video"]))}, "breaking: data.form: now required"),
        ({"note": (str, Field(examples=["x"]))}, "breaking: data.note: field added, required"),
        ({"form": (Literal["class"], Field("class"))}, "breaking: data.form: value 'video' removed"),
        ({"days": (str, Field(examples=["two"]))}, "breaking: data.days: type changed from integer to string"),
        ({"days": (int, Field(ge=1, le=29, examples=[2]))}, "breaking: data.days: maximum changed from 30 to 29"),
        ({"days": (int, Field(ge=2, le=30, examples=[2]))}, "breaking: data.days: minimum changed from 1 to 2"),
        (
            {"course": (str, Field(max_length=40, pattern="^CO", examples=["CO-7"]))},
            "breaking: data.course: pattern changed from '^C' to '^CO'",
        ),
        (
            {"course": (str, Field(max_length=39, pattern="^C", examples=["C-7"]))},
            "breaking: data.course: maxLength changed from 40 to 39",
        ),
    ],
)
def test_what_narrows_an_event_breaks_what_was_released(change: dict[str, Any], says: str) -> None:
    fields = {name: as_is for name, as_is in {**FIELDS, **change}.items() if as_is is not None}
    assert says in broken(booked(fields))


def test_an_event_type_that_is_gone_breaks_what_was_released() -> None:
    assert broken(None) == ["event type removed, but logs hold such events"]


def test_another_topic_breaks_what_was_released() -> None:
    class Elsewhere(Event, topic="events.school"):
        """An event of another inbox."""

    moved = booked(FIELDS, base=Elsewhere)
    moved.topic = "events.school"
    assert broken(moved) == ["breaking: topic changed from events.training to events.school"]


def test_a_validator_that_refuses_what_was_sent_is_found_although_the_schema_is_the_same() -> None:
    class Cautious(Event):
        """An event whose video courses are refused."""

        @field_validator("form", check_fields=False)
        @classmethod
        def _in_person(cls, form: str) -> str:
            if form == "video":
                raise ValueError("only in person")
            return form

    now = booked({**FIELDS, "form": (Literal["class", "video"], Field("class", examples=["class"]))}, base=Cautious)
    assert not [c for c in compare(document(booked(FIELDS)), document(now)) if c.breaking]
    assert broken(now) == ["an event of version 1 is not read any more: form: Value error, only in person"]


# Versions


HOURS = {"course": COURSE, "hours": (int, Field(ge=1, examples=[12])), "form": FORM}


def test_a_higher_version_alone_is_not_enough() -> None:
    assert broken(booked(HOURS, version=2)) == ["an event of version 1 is not read any more: hours: Field required"]


def test_a_higher_version_may_say_it_otherwise_when_it_reads_the_lower_one() -> None:
    class Upgraded(Event):
        """An event that said days."""

        @model_validator(mode="before")
        @classmethod
        def _days(cls, said: Any) -> Any:
            return {**said, "hours": said["days"] * 8} if "days" in said else said

    now = booked(HOURS, version=2, base=Upgraded)
    assert broken(now) == []

    both = release(release({}, [booked(FIELDS)]), [now])
    assert sorted(both[now.type]) == [1, 2]
    assert breaches(both, {now.type: now}) == []


def test_a_version_that_goes_back_breaks_what_was_released() -> None:
    released = release({}, [booked(FIELDS, version=2)])
    was = booked(FIELDS)
    assert [b.what for b in breaches(released, {was.type: was})] == ["version 1, but version 2 is released"]


def test_the_guide_shows_an_event_type_that_reads_its_older_version() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)

    class TrainingEvent(Event, topic="events.training"):
        """Anything that happens in a training centre."""

    names: dict[str, Any] = {
        "TrainingEvent": TrainingEvent,
        "Field": Field,
        "model_validator": model_validator,
        "Any": Any,
        "__name__": "training",
    }
    exec(code, names)
    now: type[Event] = names["CourseBooked"]
    assert now.model_validate({"days": 2}).model_dump() == {"hours": 16}
    released = release({}, [booked({"days": DAYS})])
    assert breaches(released, {now.type: now}) == []


# On file


def test_what_is_written_is_read_again_and_means_the_same(tmp_path: Path) -> None:
    types = event_types(packages=("schemas",))
    file = tmp_path / "released.jsonl"
    write_released(release({}, types.values()), file)
    first = file.read_text()
    released = read_released(file)
    assert released.keys() == types.keys()
    for name, versions in released.items():
        assert compare(versions[types[name].version], document(types[name])) == [], name
    write_released(released, file)
    assert file.read_text() == first


def test_a_field_that_is_called_description_is_kept(tmp_path: Path) -> None:
    described = booked({"description": (str, Field(description="What it is about.", examples=["Excel"]))})
    write_released(release({}, [described]), tmp_path / "released.jsonl")
    (versions,) = read_released(tmp_path / "released.jsonl").values()
    assert "description" in versions[1]["properties"]["data"]["properties"]
    assert "What it is about." not in json.dumps(versions)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options for documents and a release that belong to the code as it is."""
    folder, file = tmp_path / "json", tmp_path / "released.jsonl"
    write_documents(folder)
    assert CliRunner().invoke(app, ["release", "--released", str(file)]).exit_code == 0
    return ["--folder", str(folder), "--released", str(file)]


def narrowed(file: Path, name: str) -> None:
    """As if this type had been released with a further field, which the code has lost."""
    released = read_released(file)
    schema = released[name][1]
    schema["properties"]["data"]["properties"]["shoe_size"] = {"type": "integer"}
    write_released(released, file)


def test_check_fails_although_the_documents_are_those_of_the_code(files: list[str]) -> None:
    narrowed(Path(files[3]), "hr.employee.hired")
    assert CliRunner().invoke(app, ["export", *files[:2]]).exit_code == 0
    outcome = CliRunner().invoke(app, ["check", *files])
    assert outcome.exit_code == 1
    assert "all as committed" in outcome.output
    assert "hr.employee.hired: breaking: data.shoe_size: field removed" in outcome.output


def test_a_release_is_refused_while_something_is_broken(files: list[str]) -> None:
    file = Path(files[3])
    narrowed(file, "hr.employee.hired")
    before = file.read_text()
    outcome = CliRunner().invoke(app, ["release", *files[2:]])
    assert outcome.exit_code == 1
    assert "shoe_size" in outcome.output
    assert file.read_text() == before


def test_only_some_may_be_released_and_the_others_are_named(tmp_path: Path, files: list[str]) -> None:
    file = tmp_path / "some.jsonl"
    outcome = CliRunner().invoke(app, ["release", "hr.*", "it.*", "--released", str(file)])
    assert outcome.exit_code == 0
    assert {name.partition(".")[0] for name in read_released(file)} == {"hr", "it"}
    outcome = CliRunner().invoke(app, ["check", *files[:2], "--released", str(file)])
    assert outcome.exit_code == 0
    assert "accounting.audit.completed" in outcome.output


def test_a_type_that_nobody_knows_is_not_released(tmp_path: Path) -> None:
    file = tmp_path / "released.jsonl"
    outcome = CliRunner().invoke(app, ["release", "legal.*", "--released", str(file)])
    assert outcome.exit_code == 1
    assert "There is no event type legal.*" in outcome.output
    assert not file.exists()


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "released.jsonl"
    file.write_text('{"$id": "urn:backoffice:hr.employee.hired:1"}\n{"title": "nothing"}\n')
    outcome = CliRunner().invoke(app, ["check", "--released", str(file)])
    assert outcome.exit_code == 1
    assert "released.jsonl, line 2" in outcome.output


def test_no_department_breaks_what_was_released() -> None:
    released = read_released()
    assert released, "the baseline is committed"
    assert breaches(released) == []

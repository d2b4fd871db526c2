"""Every field that names a person, or tells of somebody's health, is marked as such where it is declared."""

import re

import pytest

from schemas.catalogue import event_types
from schemas.envelope import Event
from schemas.health import PatientEvent
from schemas.privacy import Kind, marks

SAID = {
    name: cls
    for name, cls in event_types(packages=("schemas",)).items()
    if cls.topic.startswith("events.") or cls.topic == "facts"
}
"""What departments say, and facts. Who acts on alerts is known to everybody who may act on them."""

ABOUT_PEOPLE = re.compile(r"\bwho(m|se)?\b|employee|\bperson\b|client's id|physician|clinician", re.IGNORECASE)
EMPLOYEE = re.compile(r"E-\d+|ID\d+|CU-\d+")

NO_PERSON = {
    ("*", "rule"),
    ("*", "identity"),
    ("*", "outcome"),  # the decision; who made it is `by`
    ("hr", "role"),
    ("hr", "steps"),
    ("hr", "position"),
    ("hr", "department"),
    ("hr", "site"),
    ("hr", "stage"),
    ("hr", "opened_on"),
    ("hr", "start_on"),
    ("hr", "last_day"),
    ("hr", "until"),
    ("hr", "file"),
    ("hr", "shift"),
    ("management", "by"),  # of declarations: a role, no person
    ("accounting", "order"),
    ("it", "vendor"),  # a company
    ("manufacturing", "vendor"),
    ("facts", "department"),
    ("facts", "vendor"),
    ("facts", "why"),  # words of a rule, without a name
    ("facts", "role"),
}
"""Fields whose words are about people and which name none."""

NOT_CLINICAL = {
    "visit",
    "triage",
    "appointment",
    "takes_place_at",
    "result",
    "record",
    "valid",
    "request",
    "needs_service",
    "access",
    "role",
    "incident",
}
"""What of a patient's events is an id of a case or a time, and tells nothing of their health by itself."""


@pytest.mark.parametrize("name", SAID)
def test_a_field_that_names_a_person_is_marked(name: str) -> None:
    cls = SAID[name]
    for field, info in cls.model_fields.items():
        if field in marks(cls) or {(name.partition(".")[0], field), ("*", field)} & NO_PERSON:
            continue
        said = [text for example in info.examples or () for text in _strings(example)]
        assert not any(EMPLOYEE.fullmatch(text) for text in said), f"{name}.{field}: {said} are people"
        if _is_text(cls, field):
            assert not ABOUT_PEOPLE.search(info.description or ""), f"{name}.{field}: {info.description}"


@pytest.mark.parametrize("name", [name for name, cls in SAID.items() if issubclass(cls, PatientEvent)])
def test_what_is_said_of_a_patient_is_private_unless_it_is_only_an_id(name: str) -> None:
    unmarked = SAID[name].model_fields.keys() - marks(SAID[name]).keys()
    assert unmarked <= NOT_CLINICAL


def test_health_marks_both_kinds() -> None:
    from schemas.health import ResultReceived, TreatmentGiven

    assert marks(TreatmentGiven) == {"treatment": Kind.MEDICAL, "by": Kind.PERSONAL}
    assert set(marks(ResultReceived).values()) == {Kind.MEDICAL}


def _is_text(cls: type[Event], field: str) -> bool:
    return "str" in str(cls.model_fields[field].annotation)


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for inner in value.values() for text in _strings(inner)]
        case list() | tuple():
            return [text for inner in value for text in _strings(inner)]
    return []

"""What is private is not shown: where its field is marked, and wherever else it turns up."""

from datetime import UTC, datetime

import pytest

from backoffice.registry import event_types
from consumers.lookup.masking import Mask, Privacy
from schemas.alerts import Alert, Note
from schemas.privacy import Kind

PRIVACY = Privacy.of(event_types())
BOTH = frozenset(Kind)


def mask(*hidden: Kind, own: frozenset[str] = frozenset()) -> Mask:
    return Mask(PRIVACY, frozenset(hidden), own)


def alert(summary: str, **labels: str) -> Alert:
    return Alert(
        fingerprint="ba18c9f2a1f2e3d4",
        status="firing",
        rule="accounting.segregation_of_duties",
        subject="vendor/acme",
        labels={"subject": "vendor/acme", **labels},
        annotations={"summary": summary},
        starts_at=datetime(2026, 1, 5, tzinfo=UTC),
        notes=(Note("dana", datetime(2026, 1, 5, tzinfo=UTC), f"asked {summary}"),),
    )


def test_a_person_is_hidden_and_what_is_nobodys_business_but_the_companys_is_not() -> None:
    approved = {"invoice": "RE-1", "approver": "hugo", "approver_limit": None}
    assert mask(Kind.PERSONAL).event("accounting.invoice.approved", approved) == {
        "invoice": "RE-1",
        "approver": "[personal]",
        "approver_limit": None,
    }


def test_who_may_see_everything_sees_it_as_it_is() -> None:
    told = {"test": "hiv", "value": "1.0", "anything": {"else": 1}}
    assert mask().event("health.result.received", told) == told
    assert mask().event("nobody.knows.this", told) == told


def test_findings_are_medical_and_people_are_not() -> None:
    told = {"result": "RES-1", "test": "lactic_acid", "value": "4.2", "unit_of_measure": "mmol/l", "critical": True}
    shown = mask(Kind.MEDICAL).event("health.result.received", told)
    assert shown == {"result": "RES-1", **dict.fromkeys(("test", "value", "unit_of_measure", "critical"), "[medical]")}
    assert mask(Kind.PERSONAL).event("health.result.received", told) == told


def test_of_a_type_that_nobody_knows_nothing_is_shown() -> None:
    assert mask(Kind.PERSONAL).event("theirs.thing.done", {"by": "hugo", "what": "x"}) == {
        "by": "[personal]",
        "what": "[personal]",
    }


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("hugo approved it", "[personal] approved it"),
        ("Approved by HUGO.", "Approved by [personal]."),
        ("hugos mistake, and hugo-two's", "hugos mistake, and hugo-two's"),
        ("(hugo)", "([personal])"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_a_sentence_that_repeats_it_is_masked_too(summary: str, shown: str) -> None:
    used = mask(Kind.PERSONAL)
    used.learn("accounting.invoice.approved", {"approver": "hugo"})
    masked = used.alert(alert(summary))
    assert masked.annotations["summary"] == shown
    assert masked.notes[0].text == f"asked {shown}"


def test_a_label_that_names_a_person_is_masked_and_so_is_the_sentence_beside_it() -> None:
    masked = mask(Kind.PERSONAL).alert(alert("gina recorded and paid it", person="gina", purchase="PO-1"))
    assert masked.labels == {"subject": "vendor/acme", "person": "[personal]", "purchase": "PO-1"}
    assert masked.annotations["summary"] == "[personal] recorded and paid it"


def test_what_cannot_be_judged_is_not_shown() -> None:
    masked = mask(Kind.PERSONAL).alert(alert("gina did it"), texts=False)
    assert "gina" not in masked.model_dump_json()


def test_the_settings_of_an_alert_could_tell_what_is_in_a_record() -> None:
    told = alert("x").model_copy(update={"settings": {"critical_limits": {"hiv": 1}}})
    assert mask(Kind.MEDICAL).alert(told).settings == {}


def test_rows_that_are_named_after_somebody_lose_the_name_and_stay_apart() -> None:
    used = mask(Kind.PERSONAL)
    used.learn("accounting.invoice.approved", {"approver": "hugo"})
    used.learn("accounting.invoice.approved", {"approver": "gina"})
    shown = used.state("vendor/acme", "events.accounting", {"acts": {"hugo": {"by": "hugo"}, "gina": {"n": 1}}})
    assert shown == {"acts": {"[personal]": {"by": "[personal]"}, "[personal] 2": {"n": 1}}}


def test_of_a_patient_only_how_much_is_known_is_told() -> None:
    state = {"unit": "ICU", "results": {"RES-1": {"critical": True}}, "merged_into": None}
    assert mask(Kind.MEDICAL).state("patient/P-1", "events.health", state) == {
        "unit": "[medical]",
        "results": "[medical: 1]",
        "merged_into": None,
    }


def test_the_id_that_was_asked_for_is_no_secret() -> None:
    used = mask(Kind.PERSONAL, own=frozenset({"E-17"}))
    used.learn("accounting.invoice.approved", {"approver": "E-17"})
    assert used.text("E-17 approved it") == "E-17 approved it"


def test_where_a_record_stands_is_no_secret() -> None:
    place = {"topic": "events.hr", "partition": 0, "offset": 1, "id": "E-17"}
    shown = mask(*BOTH).state("person/E-17", "facts", {"record": place})
    assert shown == {"record": place}

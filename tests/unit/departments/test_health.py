"""Health: treated in time, seen in time, filed and there when needed; and a patient's identity and visits."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from processors.departments.health import department
from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import DeadlineDepends, IdentitySeen
from schemas.health import (
    FindingReviewed,
    PatientAdmitted,
    PatientDischarged,
    PatientDischargeRevoked,
    PatientMerged,
    PatientRegistered,
    PatientReturned,
    PatientTriaged,
    RecordAmended,
    RecordFiled,
    RecordRequestCancelled,
    RecordRequested,
    RecordRetrieved,
    ResultAcknowledged,
    ResultReceived,
    TreatmentGiven,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

TREATMENT, RESULT, RETRIEVAL = "health.treatment_overdue", "health.critical_result", "health.retrieval_overdue"
FIRST = "#2026-03-02T09:00:00"
"""A visit that nobody named is called by when it began."""
SUMMARY, INCOMPLETE, RETURN = "health.discharge_summary_missing", "health.record_incomplete", "health.return"


def patient(*events: Event) -> list[Emission]:
    return [Emission("patient/P-1", event) for event in events]


def hospital(at: str = "2026-03-02T09:00", **told: Any) -> Office:
    return Office(processors=[department], partitions=1, settings={"health": told} if told else None).at(at)


def triage(protocol: str | None = "sepsis", name: str | None = "TRI-1") -> PatientTriaged:
    return PatientTriaged(protocol=protocol, triage=name)


def result(value: str | None, **told: Any) -> ResultReceived:
    return ResultReceived.model_validate({"result": "RES-1", "test": "lactic_acid", "value": value, **told})


def filed(*parts: str) -> list[Emission]:
    return patient(*(RecordFiled(record=f"REC-{part}", part=part) for part in parts))


def reviewed(rule: str, outcome: Any = "justified", **identity: str) -> list[Emission]:
    return patient(FindingReviewed(rule=rule, identity=identity, by="medical-director", outcome=outcome))


ANTIBIOTICS = TreatmentGiven(treatment="antibiotics")
WHOLE = ("admission_note", "medication_list", "discharge_summary")

# Treatment


def test_antibiotics_not_given_within_an_hour_of_triage() -> None:
    office = hospital().receives(*patient(triage()))
    assert office.at("2026-03-02T10:00").firing() == set()
    office.at("2026-03-02T10:00:01")
    assert office.one(TREATMENT).due == instant("2026-03-02T10:00")
    assert office.one(TREATMENT).labels == {"visit": FIRST, "triage": "TRI-1"}
    assert office.receives(*patient(ANTIBIOTICS)).firing() == set()
    assert department.measures["sepsis_treated_late"].over([("patient/P-1", office.state("patient/P-1"))]) == {"P-1"}


def test_antibiotics_at_the_very_end_of_the_hour_are_in_time() -> None:
    office = hospital().receives(*patient(triage())).at("2026-03-02T10:00").receives(*patient(ANTIBIOTICS))
    assert office.at("2026-03-09").signals() == []
    assert department.measures["sepsis_treated_late"].over([("patient/P-1", office.state("patient/P-1"))]) == set()


def test_antibiotics_given_before_the_triage_count() -> None:
    office = hospital().receives(*patient(ANTIBIOTICS)).at("2026-03-02T09:20").receives(*patient(triage()))
    assert office.at("2026-03-09").signals() == []


def test_of_several_triages_the_first_one_starts_the_clock_also_when_it_is_told_last() -> None:
    office = hospital("2026-03-02T09:30").receives(*patient(triage()))
    office.receives(*patient(triage(name="TRI-0")), time="2026-03-02T09:10")
    assert office.at("2026-03-02T10:10").firing() == set()
    assert office.at("2026-03-02T10:10:01").firing() == {TREATMENT}


def test_a_triage_without_a_protocol_or_for_one_that_requires_nothing() -> None:
    office = hospital().receives(*patient(triage(None), triage("fracture")))
    assert office.at("2026-03-09").signals() == []


def test_another_treatment_does_not_help_and_each_required_one_has_its_own_time() -> None:
    office = hospital(required_treatments={"sepsis": {"antibiotics": 60, "fluids": 180}})
    office.receives(*patient(triage(), TreatmentGiven(treatment="oxygen")))
    office.at("2026-03-02T10:30").receives(*patient(ANTIBIOTICS))
    assert [type(s) for s in office.signals(TREATMENT)] == [ConditionFired, ConditionResolved]
    assert office.at("2026-03-02T12:00").firing() == set()
    assert office.at("2026-03-02T12:00:01").firing() == {TREATMENT}


def test_a_treatment_that_was_given_in_time_and_told_late_ends_it_and_was_not_late() -> None:
    office = hospital().receives(*patient(triage())).at("2026-03-02T11:00")
    office.receives(*patient(ANTIBIOTICS), time="2026-03-02T09:40")
    assert office.firing() == set()
    assert department.measures["sepsis_treated_late"].over([("patient/P-1", office.state("patient/P-1"))]) == set()


def test_a_patient_for_whom_it_was_not_right_is_reviewed_and_stays_so() -> None:
    office = hospital().receives(*patient(triage())).at("2026-03-02T11:00")
    office.receives(*reviewed(TREATMENT, visit=FIRST, triage="TRI-1")).receives(*patient(triage(name="TRI-2")))
    assert office.at("2026-03-09").firing() == set()


# Results


@pytest.mark.parametrize(
    ("value", "told", "is_critical"),
    [
        ("4", {}, True),
        ("3.999", {}, False),
        (None, {}, False),
        ("99", {"test": "sodium"}, False),
        ("6.5", {"test": "potassium"}, False),
        ("6.501", {"test": "potassium"}, True),
        ("2.5", {"test": "potassium"}, False),
        ("2.499", {"test": "potassium"}, True),
        ("1", {"critical": True}, True),
        ("9", {"critical": False}, False),
    ],
)
def test_which_results_are_critical(value: str | None, told: dict[str, Any], is_critical: bool) -> None:
    office = hospital().receives(*patient(result(value, **told)))
    assert office.at("2026-03-02T10:00").firing() == set()
    assert office.at("2026-03-02T10:00:01").firing() == ({RESULT} if is_critical else set())


def test_a_critical_result_seen_at_the_end_of_its_hour_and_one_seen_later() -> None:
    office = hospital().receives(*patient(result("5"), result("5", result="RES-2"))).at("2026-03-02T10:00")
    office.receives(*patient(ResultAcknowledged(result="RES-1", by="E-1"))).at("2026-03-02T10:30")
    assert office.one(RESULT).labels == {"result": "RES-2"}
    assert office.receives(*patient(ResultAcknowledged(result="RES-2", by="E-1"))).firing() == set()


def test_a_result_that_is_corrected() -> None:
    office = hospital().receives(*patient(result("5"))).at("2026-03-02T11:00")
    assert office.firing() == {RESULT}
    assert office.receives(*patient(result("1.2"))).firing() == set()
    office.at("2026-03-02T12:00").receives(*patient(result("6")))
    assert office.at("2026-03-02T13:00").firing() == set()
    assert office.at("2026-03-02T13:00:01").firing() == {RESULT}


def test_a_correction_of_what_was_seen_is_to_be_seen_again_but_an_unseen_one_keeps_its_clock() -> None:
    seen = ResultAcknowledged(result="RES-1", by="E-1")
    office = hospital().receives(*patient(result("5"))).at("2026-03-02T09:10").receives(*patient(seen))
    office.at("2026-03-02T09:20").receives(*patient(result("7")))
    office.at("2026-03-02T09:50").receives(*patient(result("8")))
    assert office.at("2026-03-02T10:20").firing() == set()
    assert office.at("2026-03-02T10:20:01").firing() == {RESULT}


def test_an_acknowledgement_that_is_told_before_its_result_and_an_old_value_told_last() -> None:
    office = hospital().receives(*patient(ResultAcknowledged(result="RES-1", by="E-1")))
    office.receives(*patient(result("5")), time="2026-03-02T08:50")
    office.receives(*patient(result("9")), time="2026-03-02T08:40")
    assert office.at("2026-03-03").signals() == []


# Retrieval


def requested(**told: Any) -> RecordRequested:
    return RecordRequested.model_validate({"request": "REQ-1", "by": "E-1", "needs_service": "archive", **told})


def test_a_record_that_is_not_there_in_half_an_hour() -> None:
    office = hospital().receives(*patient(requested()))
    assert office.at("2026-03-02T09:30").firing() == set()
    assert office.at("2026-03-02T09:30:01").firing() == {RETRIEVAL}
    assert office.state("patient/P-1").requests["REQ-1"].needs_service == "archive"
    read = RecordRetrieved(access="ACC-1", by="E-1", request="REQ-1", purpose="audit", role="auditor")
    assert office.receives(*patient(read)).firing() == set()
    assert office.receives(*patient(requested()), time="2026-03-02T09:00").passes("2026-03-09").firing() == set()


def needs(office: Office) -> list[tuple[str, bool]]:
    said = [e for e in office.said(DeadlineDepends) if isinstance(e, DeadlineDepends)]
    return [(e.about.subject, e.withdrawn) for e in said]


def test_a_record_that_is_there_needs_its_service_no_more() -> None:
    office = hospital().receives(*patient(requested()))
    assert needs(office) == [("service/archive", False)]
    office.receives(*patient(RecordRequestCancelled(request="REQ-1")))
    assert needs(office) == [("service/archive", False), ("service/archive", True)]


def test_a_record_that_is_not_needed_any_more() -> None:
    office = hospital().receives(*patient(requested(), RecordRequestCancelled(request="REQ-1")))
    assert office.passes("2026-03-09").signals() == []


# Filing


def test_a_discharge_with_a_whole_record() -> None:
    office = hospital().receives(*filed(*WHOLE)).receives(*patient(PatientDischarged()))
    assert office.at("2026-03-09").signals() == []


def test_a_discharge_summary_is_due_a_day_later() -> None:
    office = hospital().receives(*filed(*WHOLE[:2])).receives(*patient(PatientDischarged()))
    assert office.at("2026-03-03T09:00").firing() == set()
    assert office.at("2026-03-03T09:00:01").firing() == {SUMMARY}
    assert office.receives(*filed(WHOLE[2])).firing() == set()


def test_parts_missing_at_discharge_are_said_at_once_until_all_are_filed() -> None:
    office = hospital().receives(*filed("discharge_summary")).receives(*patient(PatientDischarged()))
    assert "admission_note, medication_list" in office.one(INCOMPLETE).summary
    assert office.receives(*filed("admission_note")).firing() == {INCOMPLETE}
    assert office.receives(*filed("medication_list")).firing() == set()


def test_a_part_that_was_filed_in_error_is_missing_also_when_that_is_told_first() -> None:
    amended = RecordAmended(record="REC-discharge_summary", part="discharge_summary", valid=False)
    office = hospital().receives(*filed(*WHOLE)).receives(*patient(PatientDischarged(), amended))
    assert office.at("2026-03-04").firing() == {SUMMARY}
    other = hospital().receives(*patient(amended)).receives(*filed(*WHOLE)).receives(*patient(PatientDischarged()))
    assert other.at("2026-03-04").firing() == {SUMMARY}


def test_a_discharge_that_is_revoked_owes_nothing_until_the_next_one() -> None:
    office = hospital().receives(*patient(PatientAdmitted(), PatientDischarged())).at("2026-03-04")
    assert office.firing() == {SUMMARY, INCOMPLETE}
    assert office.receives(*patient(PatientDischargeRevoked())).firing() == set()
    office.at("2026-03-05").receives(*filed(*WHOLE[:2])).receives(*patient(PatientDischarged()))
    assert office.at("2026-03-06T00:00").firing() == set()
    assert office.at("2026-03-06T00:00:01").firing() == {SUMMARY}


def test_a_waived_summary_stays_waived() -> None:
    office = hospital().receives(*filed(*WHOLE[:2])).receives(*patient(PatientDischarged())).at("2026-03-04")
    office.receives(*reviewed(SUMMARY, "waived", visit=FIRST)).receives(*filed("admission_note"))
    assert office.at("2026-04-04").firing() == set()


# Returns


@pytest.mark.parametrize("event", [PatientReturned(), PatientRegistered(), PatientAdmitted(), triage(None)])
def test_back_within_four_weeks_of_a_discharge(event: Event) -> None:
    office = hospital().receives(*filed(*WHOLE)).receives(*patient(PatientDischarged()))
    assert office.at("2026-03-30T09:00").receives(*patient(event)).firing() == {RETURN}
    assert office.one(RETURN).labels == {"visit": "#2026-03-30T09:00:00"}
    later = hospital().receives(*filed(*WHOLE)).receives(*patient(PatientDischarged()))
    assert later.at("2026-03-30T09:00:01").receives(*patient(event)).firing() == set()


def test_a_return_is_said_once_and_ends_with_the_visit() -> None:
    office = hospital(required_parts=[]).receives(*filed(*WHOLE)).receives(*patient(PatientDischarged()))
    office.at("2026-03-05").receives(*patient(PatientReturned(), triage(None), PatientAdmitted()))
    assert [type(s) for s in office.signals(RETURN)] == [ConditionFired]
    assert office.at("2026-03-06").receives(*patient(PatientDischarged())).firing() == set()


def test_a_discharge_that_is_told_after_the_return() -> None:
    office = hospital().receives(*filed(*WHOLE)).at("2026-03-05").receives(*patient(PatientReturned()))
    assert office.firing() == set()
    assert office.receives(*patient(PatientDischarged()), time="2026-03-02T12:00").firing() == {RETURN}


def test_a_discharge_that_was_a_mistake_makes_nobody_return() -> None:
    office = hospital().receives(*filed(*WHOLE)).receives(*patient(PatientDischarged())).at("2026-03-03")
    office.receives(*patient(triage(None)))
    assert office.firing() == {RETURN}
    assert office.receives(*patient(PatientDischargeRevoked())).firing() == set()


# Identity


def identities(office: Office) -> list[tuple[str, str, bool, int]]:
    said = [e for e in office.said(IdentitySeen) if isinstance(e, IdentitySeen)]
    return [(e.about.subject, e.id, e.holds, e.revision) for e in said]


def test_an_identity_is_published_once_withdrawn_when_merged_and_moved_when_corrected() -> None:
    office = hospital().receives(*patient(PatientRegistered(identity_hash="h1")))
    office.receives(*patient(PatientRegistered(identity_hash="h1"), PatientRegistered()))
    assert identities(office) == [("identity/h1", "P-1", True, 1)]
    office.at("2026-03-03").receives(*patient(PatientRegistered(identity_hash="h2")))
    office.receives(*patient(PatientRegistered(identity_hash="h0")), time="2026-03-01")
    office.receives(*patient(PatientMerged(into="P-2"), PatientMerged(into="P-2")))
    assert identities(office)[1:] == [
        ("identity/h1", "P-1", False, 2),
        ("identity/h2", "P-1", True, 3),
        ("identity/h2", "P-1", False, 4),
    ]


def test_an_id_that_was_merged_before_it_was_registered_stands_for_nobody() -> None:
    office = hospital().receives(*patient(PatientMerged(into="P-2"), PatientRegistered(identity_hash="h1")))
    assert identities(office) == []


# Visits


def test_visits_that_the_source_counts_are_told_apart_whenever_something_is_told_of_them() -> None:
    office = hospital(required_parts=[])
    office.receives(*patient(PatientDischarged(visit="V-1")))
    office.at("2026-05-02").receives(*patient(PatientDischarged(visit="V-2")))
    office.receives(*patient(RecordFiled(record="R", part="discharge_summary", visit="V-1")))
    assert office.at("2026-05-09").one(SUMMARY).labels == {"visit": "V-2"}


def test_a_duplicate_changes_nothing() -> None:
    office = hospital().receives(*patient(triage()), id="t").receives(*patient(triage()), id="t")
    assert office.state("patient/P-1").events == 1


def test_alerts_say_nothing_of_what_is_in_the_record() -> None:
    office = hospital().receives(*patient(triage(), result("5.5"))).at("2026-03-04")
    assert office.firing() == {TREATMENT, RESULT}
    said = " ".join(f"{c.summary} {c.labels} {c.annotations}" for c in office.conditions().values())
    assert not [word for word in ("sepsis", "antibiotics", "lactic", "5.5") if word in said]


def test_settings_say_how_long_everything_may_take() -> None:
    office = hospital(critical_result_minutes=10, critical_limits={"crp": {"above": 200}})
    office.receives(*patient(result("200", test="crp"), result("200.1", test="crp", result="RES-2")))
    assert office.at(instant("2026-03-02T09:10") + timedelta(seconds=1)).one(RESULT).labels == {"result": "RES-2"}
    assert office.state("patient/P-1").tests["crp"].last == Decimal("200.1")

"""Health: who may read a record, with whose consent, and who broke the glass."""

from itertools import permutations
from typing import Any

import pytest

from processors.departments.health import department
from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import EmergencyAccessUsed
from schemas.health import (
    AppointmentCancelled,
    AppointmentMade,
    ConsentGiven,
    ConsentWithdrawn,
    EmergencyAccessStarted,
    FindingReviewed,
    PatientAdmitted,
    PatientCareTeamChanged,
    PatientDischarged,
    PatientTransferred,
    RecordRetrieved,
)
from schemas.signals import ConditionFired
from tests.office import Office, instant

UNRELATED, EMERGENCY, BREACH = "health.unrelated_access", "health.emergency_access", "health.consent_breach"


def patient(*events: Event) -> list[Emission]:
    return [Emission("patient/P-1", event) for event in events]


def hospital(at: str = "2026-03-02T09:00", **told: Any) -> Office:
    told = {"required_parts": [], "discharge_summary_hours": 8_000, **told}
    return Office(processors=[department], partitions=1, settings={"health": told}).at(at)


def read(access: str = "ACC-1", by: str = "E-1", **told: Any) -> RecordRetrieved:
    return RecordRetrieved.model_validate({"access": access, "by": by, "purpose": "treatment", **told})


def reviewed(rule: str, outcome: Any = "justified", access: str = "ACC-1") -> list[Emission]:
    return patient(FindingReviewed(rule=rule, identity={"access": access}, by="privacy-officer", outcome=outcome))


# Links


def test_somebody_whom_nothing_links_to_the_patient() -> None:
    office = hospital().receives(*patient(read()))
    assert office.one(UNRELATED).labels == {"access": "ACC-1", "reader": "E-1"}
    assert office.receives(*reviewed(UNRELATED, "confirmed")).firing() == {UNRELATED}
    assert office.receives(*reviewed(UNRELATED)).firing() == set()
    assert office.receives(*patient(read())).firing() == set()
    assert office.receives(*patient(read("ACC-2"))).firing() == {UNRELATED}


@pytest.mark.parametrize(
    ("link", "who", "related"),
    [
        (PatientAdmitted(unit="W-3"), {"unit": "W-3"}, True),
        (PatientAdmitted(unit="W-3"), {"unit": "W-4"}, False),
        (PatientAdmitted(unit="W-3"), {}, False),
        (PatientAdmitted(attending="E-1"), {}, True),
        (PatientAdmitted(attending="E-2"), {}, False),
        (PatientAdmitted(unit="E-1"), {}, False),
        (PatientCareTeamChanged(joined=("E-2", "E-1")), {}, True),
        (PatientCareTeamChanged(left=("E-1",)), {}, False),
        (EmergencyAccessStarted(access="EMG-1", by="E-1"), {}, True),
        (EmergencyAccessStarted(access="EMG-1", by="E-2"), {}, False),
    ],
)
def test_what_links_a_reader_to_the_patient(link: Event, who: dict[str, str], related: bool) -> None:
    office = hospital().receives(*patient(link)).at("2026-03-02T12:00").receives(*patient(read(**who)))
    assert (UNRELATED in office.firing()) is not related


@pytest.mark.parametrize(
    ("role", "purpose", "allowed"),
    [
        ("coder", "billing", True),
        ("coder", "treatment", False),
        ("physician", "billing", False),
        (None, "billing", False),
        ("coder", None, False),
    ],
)
def test_purposes_for_which_a_role_needs_no_link(role: str | None, purpose: str | None, allowed: bool) -> None:
    office = hospital().receives(*patient(read(role=role, purpose=purpose)))
    assert office.firing() == (set() if allowed else {UNRELATED})


def test_a_purpose_for_everybody_is_a_setting() -> None:
    office = hospital(purposes_without_relation={"*": ["research"]})
    assert office.receives(*patient(read(purpose="research"))).firing() == set()


@pytest.mark.parametrize(
    ("at", "related"),
    [
        ("2026-03-03T09:59:59", False),
        ("2026-03-03T10:00", True),
        ("2026-03-05T10:00", True),
        ("2026-03-05T10:00:01", False),
    ],
)
def test_an_appointment_links_for_a_day_before_and_after_it(at: str, related: bool) -> None:
    made = AppointmentMade(appointment="APT-1", takes_place_at=instant("2026-03-04T10:00"), clinician="E-1")
    office = hospital().receives(*patient(made)).at(at).receives(*patient(read()))
    assert office.firing() == (set() if related else {UNRELATED})


def test_an_appointment_that_is_moved_or_cancelled_links_nobody_to_its_old_day() -> None:
    first, second = (
        AppointmentMade(appointment="APT-1", takes_place_at=instant(day), clinician="E-1")
        for day in ("2026-03-04T10:00", "2026-03-20T10:00")
    )
    office = hospital().receives(*patient(first)).at("2026-03-03").receives(*patient(second))
    assert office.at("2026-03-04T10:00").receives(*patient(read())).firing() == {UNRELATED}
    assert office.at("2026-03-20").receives(*patient(read("ACC-2"))).one(UNRELATED).labels["access"] == "ACC-1"
    office.receives(*patient(AppointmentCancelled(appointment="APT-1"), read("ACC-3")))
    assert {c.labels["access"] for c in office.conditions().values()} == {"ACC-1", "ACC-3"}


def test_the_ward_may_read_for_a_month_after_the_discharge() -> None:
    stay = [PatientAdmitted(unit="W-3"), PatientDischarged()]
    office = hospital().receives(*patient(*stay)).at("2026-04-01T09:00").receives(*patient(read(unit="W-3")))
    assert office.firing() == set()
    assert office.at("2026-04-01T09:00:01").receives(*patient(read("ACC-2", unit="W-3"))).firing() == {UNRELATED}


def test_a_transfer_links_the_new_ward_and_in_time_unlinks_the_old_one() -> None:
    office = hospital(relation_days_after=2).receives(*patient(PatientAdmitted(unit="W-3", attending="E-9")))
    office.at("2026-03-03").receives(*patient(PatientTransferred(unit="ICU")))
    office.at("2026-03-05").receives(*patient(read(unit="ICU"), read("ACC-2", unit="W-3"), read("ACC-3", "E-9")))
    assert office.firing() == set()
    assert office.at("2026-03-05T00:01").receives(*patient(read("ACC-4", unit="W-3"))).firing() == {UNRELATED}


def test_a_link_that_is_told_after_the_reading_explains_it_if_it_held_then() -> None:
    office = hospital("2026-03-02T12:00").receives(*patient(read()))
    office.receives(*patient(PatientAdmitted(attending="E-1")), time="2026-03-02T12:01")
    assert office.firing() == {UNRELATED}
    office.receives(*patient(PatientCareTeamChanged(joined=("E-1",))), time="2026-03-02T11:00")
    assert office.firing() == set()


@pytest.mark.parametrize(("at", "related"), [("2026-03-03T12:00", True), ("2026-03-03T12:00:01", False)])
def test_a_move_that_is_told_late_links_until_the_one_after_it(at: str, related: bool) -> None:
    office = hospital("2026-03-02T12:00", relation_days_after=1).receives(*patient(PatientTransferred(unit="W-3")))
    office.receives(*patient(PatientTransferred(unit="ICU")), time="2026-03-02T10:00")
    office.at(at).receives(*patient(read(unit="ICU")))
    assert office.firing() == (set() if related else {UNRELATED})


def test_a_reading_whose_purpose_is_corrected_is_judged_anew() -> None:
    office = hospital().receives(*patient(read(role="coder"), read("ACC-2")))
    office.receives(*patient(read(role="coder", purpose="billing")))
    assert office.one(UNRELATED).labels["access"] == "ACC-2"
    assert office.receives(*patient(read(role="coder"))).firing() == {UNRELATED}
    assert [a.access for a in office.state("patient/P-1").unexplained] == ["ACC-2", "ACC-1"]


def test_who_has_left_the_care_team_for_long() -> None:
    office = hospital().receives(*patient(PatientCareTeamChanged(joined=("E-1",))))
    office.at("2026-03-10").receives(*patient(PatientCareTeamChanged(left=("E-1",))))
    assert office.at("2026-04-09").receives(*patient(read())).firing() == set()
    assert office.at("2026-04-09T00:01").receives(*patient(read("ACC-2"))).firing() == {UNRELATED}


# Emergency access


def used(office: Office) -> list[tuple[str, bool, int]]:
    said = [e for e in office.said(EmergencyAccessUsed) if isinstance(e, EmergencyAccessUsed)]
    return [(e.about.subject, e.admitted, e.revision) for e in said]


GLASS = EmergencyAccessStarted(access="EMG-1", by="E-1", incident="INC-7")


def test_breaking_the_glass_is_said_at_once_and_is_an_error_after_a_day_without_review() -> None:
    office = hospital().receives(*patient(GLASS))
    assert office.one(EMERGENCY).severity == "warning"
    assert office.at("2026-03-03T09:00").one(EMERGENCY).severity == "warning"
    assert office.at("2026-03-03T09:00:01").one(EMERGENCY).severity == "error"
    assert office.one(EMERGENCY).due == instant("2026-03-03T09:00")
    assert office.receives(*reviewed(EMERGENCY, access="EMG-1")).firing() == set()


def test_a_reviewed_emergency_stays_reviewed() -> None:
    office = hospital().receives(*patient(GLASS)).receives(*reviewed(EMERGENCY, access="EMG-1"))
    assert office.receives(*patient(GLASS)).at("2026-04-02").firing() == set()


def test_broken_glass_opens_the_record_for_a_day() -> None:
    office = hospital().receives(*patient(GLASS)).receives(*reviewed(EMERGENCY, access="EMG-1"))
    assert office.at("2026-03-03T09:00").receives(*patient(read())).firing() == set()
    assert office.at("2026-03-03T09:00:01").receives(*patient(read("ACC-2"))).firing() == {UNRELATED}


def test_correlation_hears_of_it_and_of_an_admission_that_is_told_later() -> None:
    office = hospital().receives(*patient(GLASS))
    assert used(office) == [("person/E-1", False, 1)]
    office.receives(*patient(PatientAdmitted()), time="2026-03-02T08:00")
    office.at("2026-03-03").receives(*patient(PatientDischarged()))
    assert used(office) == [("person/E-1", False, 1), ("person/E-1", True, 2)]


def test_the_wrong_person_is_told_to_be_out_of_it() -> None:
    office = hospital().receives(*patient(GLASS, GLASS.model_copy(update={"by": "E-2"})))
    assert used(office) == [("person/E-1", False, 1), ("person/E-1", True, 2), ("person/E-2", False, 3)]


# Consent

RESEARCH = read(purpose="research", role="auditor")


def test_reading_for_a_purpose_that_the_patient_has_withdrawn() -> None:
    settings: dict[str, Any] = {"purposes_without_relation": {"*": ["research", "treatment"]}}
    office = hospital(**settings).receives(*patient(ConsentGiven(purpose="research"), read(purpose="research")))
    assert office.firing() == set()
    office.at("2026-03-03").receives(*patient(ConsentWithdrawn(purpose="research"), read("ACC-2")))
    assert office.firing() == set()
    assert office.receives(*patient(read("ACC-3", purpose="research"))).one(BREACH).labels["access"] == "ACC-3"
    office.receives(*reviewed(BREACH, access="ACC-3"))
    office.at("2026-03-04").receives(*patient(ConsentGiven(purpose="research"), read("ACC-4", purpose="research")))
    assert office.firing() == set()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_reading_is_judged_by_what_held_then_whatever_is_told_first(order: tuple[int, ...]) -> None:
    story: list[tuple[str, Event]] = [
        ("2026-03-01T08:00", ConsentGiven(purpose="research")),
        ("2026-03-01T09:00", ConsentWithdrawn(purpose="research")),
        ("2026-03-01T10:00", RESEARCH),
    ]
    office = hospital(purposes_without_relation={"*": ["research"]})
    for n in order:
        office.receives(*patient(story[n][1]), time=story[n][0])
    assert office.firing() == {BREACH}
    assert office.receives(*patient(ConsentGiven(purpose="research")), time="2026-03-01T09:30").firing() == set()
    assert [type(s) for s in office.signals(BREACH)].count(ConditionFired) == 1

"""One person under two ids, and one patient: said until merged, or until somebody says that they are two."""

from datetime import date
from typing import Any, Literal

import pytest

from processors.correlation import correlation
from processors.departments.hr import department as hr
from schemas.envelope import Event
from schemas.facts import FindingReviewed, IdentitySeen
from schemas.hr import EmployeeHired, EmployeeMerged
from schemas.hr import FindingReviewed as HrFindingReviewed
from schemas.reviews import Outcome
from tests.office import Office
from tests.unit.correlation.orders import ANY_ORDER, holding, interleaved, layout, shuffled

PERSON, PATIENT = "hr.duplicate_person", "health.duplicate_patient"

Said = tuple[str, Event]


def hired(who: str, identity: str | None = "5f2b") -> Said:
    said = EmployeeHired(role="clerk", start_on=date(2025, 1, 7), manager="E-1", identity_hash=identity)
    return f"employee/{who}", said


def merged(who: str, into: str | None) -> Said:
    return f"employee/{who}", EmployeeMerged(into=into, by="E-1")


def reviewed(outcome: Outcome, rule: str = PERSON, until: str | None = None) -> Said:
    return "identity/5f2b", HrFindingReviewed(rule=rule, by="E-1", outcome=outcome, until=until)


def seen(id: str, revision: int = 1, of: Literal["employee", "patient"] = "patient", holds: bool = True) -> Said:
    return "identity/5f2b", IdentitySeen(of=of, id=id, holds=holds, revision=revision)


def office(*said: Said, partitions: int = 3) -> Office:
    settings: dict[str, dict[str, Any]] = {"hr": {"required_documents": {}, "onboarding_checklist": {}}}
    return Office(partitions=partitions, processors=[hr, correlation], settings=settings).receives(*said)


def test_two_employee_ids_with_one_identity_are_a_duplicate_person() -> None:
    found = office(hired("E-7"), hired("E-8")).one(PERSON)
    assert (found.severity, found.about.subject) == ("error", "identity/5f2b")
    assert found.summary == "One employee has several ids: E-7, E-8"
    assert [record.topic for record in found.evidence] == ["events.hr"] * 2


def test_two_patient_ids_are_a_warning_of_health() -> None:
    firm = Office(processors=[correlation]).receives(seen("P-1"), seen("P-2"))
    assert (firm.firing(), firm.one(PATIENT).severity) == ({PATIENT}, "warning")


@pytest.mark.parametrize(
    "said",
    [
        [hired("E-7"), hired("E-8", "77aa")],
        [hired("E-7", None), hired("E-8", None)],
        [hired("E-7", ""), hired("E-8", "")],
        [hired("E-7", "a\nb"), hired("E-8", "a\nb")],
        [hired("E-7"), hired("E-7")],
        [hired("E-7"), seen("P-1")],
        [hired("E-7"), hired("E-8"), hired("E-8", "77aa")],
    ],
)
def test_what_is_no_duplicate(said: list[Said]) -> None:
    firm = office(*said)
    assert PERSON not in firm.firing()
    assert firm.dead_letters == []


def test_a_merge_resolves_it_and_can_be_taken_back() -> None:
    firm = office(hired("E-7"), hired("E-8"), merged("E-8", into="E-7"))
    assert firm.firing() == set()
    assert firm.receives(merged("E-8", into=None)).firing() == {PERSON}


def test_of_three_ids_two_are_left_after_one_merge() -> None:
    firm = office(hired("E-7"), hired("E-8"), hired("E-9"), merged("E-8", into="E-7"))
    assert firm.one(PERSON).summary == "One employee has several ids: E-7, E-9"
    assert firm.receives(merged("E-9", into="E-7")).firing() == set()


def test_an_id_merged_into_itself_is_not_merged() -> None:
    assert office(hired("E-7"), hired("E-8"), merged("E-8", into="E-8")).firing() == {PERSON}


def test_a_merged_id_owes_nothing_any_more() -> None:
    firm = Office(processors=[hr, correlation]).receives(hired("E-7")).at("2026-01-06")
    assert {"hr.document_missing", "hr.onboarding_overdue"} <= firm.firing()
    assert firm.receives(merged("E-7", into="E-8")).firing() == set()
    assert firm.receives(merged("E-7", into=None)).at("2026-01-07").firing() == {
        "hr.document_missing",
        "hr.onboarding_overdue",
    }


def test_ids_that_are_reviewed_as_distinct_stay_quiet_until_a_third_one_appears() -> None:
    firm = office(hired("E-7"), hired("E-8"), reviewed("distinct"))
    assert firm.firing() == set()
    assert firm.receives(hired("E-7")).firing() <= {"hr.record_inconsistent"}
    assert PERSON in firm.receives(hired("E-9")).firing()


@pytest.mark.parametrize("outcome", ["accepted", "justified", "confirmed"])
def test_only_distinct_ends_it(outcome: Outcome) -> None:
    firm = office(hired("E-7"), hired("E-8"), reviewed(outcome))
    assert firm.firing() == {PERSON}
    assert firm.receives(reviewed("distinct"), reviewed(outcome)).firing() == {PERSON}


def test_a_review_of_another_rule_or_one_that_has_lapsed_changes_nothing() -> None:
    firm = office(hired("E-7"), hired("E-8"), reviewed("distinct", rule="hr.something_else"))
    assert firm.receives(reviewed("distinct", until="2026-01-05T07:00:00Z")).firing() == {PERSON}
    assert firm.dead_letters == []


def test_a_hash_that_everybody_has_is_one_alert_that_says_so() -> None:
    firm = Office(processors=[correlation]).receives(*(seen(f"P-{n}") for n in range(21)))
    assert firm.one(PATIENT).summary == "One patient has several ids: 21 ids: the hash itself must be wrong"
    assert (
        firm.receives(seen("P-3", 2, holds=False)).one(PATIENT).summary.startswith("One patient has several ids: P-0,")
    )
    distinct = FindingReviewed(rule=PATIENT, by="E-1", outcome="distinct")
    assert firm.receives(("identity/5f2b", distinct)).firing() == set()
    firm.receives(seen("P-30"), seen("P-31"), ("identity/5f2b", distinct))
    assert firm.firing() == set()
    assert firm.receives(seen("P-32")).firing() == {PATIENT}


@ANY_ORDER
def test_ids_in_any_order_give_the_same_duplicates(seed: int) -> None:
    stories = [
        [hired("E-7"), merged("E-7", into="E-8")],
        [hired("E-8")],
        [hired("E-9", "77aa"), hired("E-9")],
        [hired("E-10"), hired("E-10", "77aa")],
        [hired("E-11"), merged("E-11", into="E-9"), merged("E-11", into=None)],
    ]
    firm = office(*interleaved(seed, *stories), partitions=layout(seed))
    found = {where: said for where, said in holding(firm).items() if where[0] == PERSON}
    assert found == {(PERSON, "identity/5f2b", ()): ("error", "One employee has several ids: E-11, E-8, E-9", {})}


@ANY_ORDER
def test_facts_in_any_order_give_the_same_duplicates(seed: int) -> None:
    facts = [
        seen("P-1"),
        seen("P-1", 2, holds=False),
        seen("P-1", 3),
        seen("P-2"),
        seen("P-3", 1),
        seen("P-3", 2, holds=False),
        seen("E-1", of="employee"),
        seen("E-2", 2, of="employee", holds=False),
        seen("E-2", of="employee"),
    ]
    firm = Office(partitions=layout(seed), processors=[correlation]).receives(*shuffled(facts, seed))
    assert holding(firm) == {
        (PATIENT, "identity/5f2b", ()): ("warning", "One patient has several ids: P-1, P-2", {}),
    }

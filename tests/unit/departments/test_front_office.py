"""The front office: complaints answered and settled in time, escalated where they must be, and clients told."""

from typing import Any

import pytest

from processors.correlation import correlation
from processors.departments.front_office import department
from processors.departments.it import department as it
from processors.step import Emission
from producers.simulator import front_office as simulated
from producers.simulator import it as simulated_it
from producers.simulator.office import SimulatedOffice, simulate
from schemas.facts import ComplaintNamedService
from schemas.front_office import (
    ClientInformed,
    ComplaintAnswered,
    ComplaintAssigned,
    ComplaintAwaitingCustomer,
    ComplaintCustomerReplied,
    ComplaintDisputed,
    ComplaintReceived,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintWithdrawn,
    FindingReviewed,
    FrontOfficeEvent,
    RepresentativeGaveUp,
)
from schemas.signals import ConditionFired, ConditionResolved
from tests.office import Office, instant

RECEIVED = "2026-01-05T10:00"
"""A Monday; working hours are 9 to 17, UTC."""


def complaint(*events: FrontOfficeEvent) -> list[Emission]:
    return [Emission("complaint/C-1", event) for event in events]


def received(**fields: Any) -> ComplaintReceived:
    return ComplaintReceived.model_validate({"customer": "CU-1", "received_at": instant(RECEIVED), **fields})


def front_office(**fields: Any) -> Office:
    """The front office alone; complaint C-1 has just come."""
    return Office(processors=[department], partitions=1).at(RECEIVED).receives(*complaint(received(**fields)))


ANSWER = ComplaintAnswered(by="R-1")
GAVE_UP = RepresentativeGaveUp(representative="R-1")


def severities(office: Office, rule: str) -> list[str]:
    return [s.severity for s in office.signals(rule) if isinstance(s, ConditionFired)]


# First response


def test_a_complaint_without_an_answer_within_a_working_day() -> None:
    office = front_office()
    assert office.at("2026-01-06T10:00").firing() == set()
    office.at("2026-01-06T10:01")
    assert office.one("front_office.first_response").due == instant("2026-01-06T10:00")
    assert office.receives(*complaint(ANSWER)).firing() == set()
    assert office.state("complaint/C-1").missed == ("front_office.first_response",)


def test_an_answer_at_the_very_end_of_its_time_is_in_time() -> None:
    office = front_office().at("2026-01-06T10:00").receives(*complaint(ANSWER))
    assert office.at("2026-01-07").signals() == []


def test_at_twice_the_target_it_is_an_error_within_the_same_alert() -> None:
    office = front_office().at("2026-01-07T10:00")
    assert severities(office, "front_office.first_response") == ["warning"]
    office.at("2026-01-07T10:01")
    assert severities(office, "front_office.first_response") == ["warning", "error"]
    assert office.one("front_office.first_response").due == instant("2026-01-07T10:00")


def test_waiting_for_the_client_pauses_the_clock() -> None:
    office = front_office().at("2026-01-05T12:00").receives(*complaint(ComplaintAwaitingCustomer()))
    office.at("2026-01-08T09:00").receives(*complaint(ComplaintCustomerReplied()))
    assert office.at("2026-01-08T15:00").firing() == set()
    assert office.at("2026-01-08T15:01").firing() == {"front_office.first_response"}


def test_a_settled_complaint_needs_no_first_answer() -> None:
    office = front_office().receives(*complaint(ComplaintResolved()))
    assert office.passes("2026-04-01").signals() == []


# Next response


def test_a_client_who_writes_again_has_an_answer_within_a_working_day() -> None:
    office = front_office().receives(*complaint(ANSWER))
    office.at("2026-01-05T14:00").receives(*complaint(ComplaintCustomerReplied()))
    assert office.at("2026-01-06T14:00").firing() == set()
    assert office.at("2026-01-06T14:01").firing() == {"front_office.next_response"}
    assert office.receives(*complaint(ANSWER)).firing() == set()


def test_the_next_response_counts_from_the_first_of_several_letters_and_each_time_anew() -> None:
    office = front_office().receives(*complaint(ANSWER))
    for day, clock in (("05", "14:00"), ("06", "10:00")):
        office.at(f"2026-01-{day}T{clock}").receives(*complaint(ComplaintCustomerReplied()))
    assert office.at("2026-01-06T14:01").firing() == {"front_office.next_response"}
    office.receives(*complaint(ANSWER))
    office.at("2026-01-07T09:00").receives(*complaint(ComplaintCustomerReplied()))
    assert office.at("2026-01-07T17:00").firing() == set()
    assert "front_office.next_response" in office.at("2026-01-08T09:01").firing()


def test_waiting_for_the_client_pauses_the_next_response_too() -> None:
    office = front_office().receives(*complaint(ANSWER))
    office.at("2026-01-05T14:00").receives(*complaint(ComplaintCustomerReplied()))
    office.at("2026-01-05T16:00").receives(*complaint(ComplaintAwaitingCustomer()))
    office.at("2026-01-08T09:00").receives(*complaint(ComplaintCustomerReplied()))
    assert office.at("2026-01-08T15:00").firing() == set()
    assert office.at("2026-01-08T15:01").firing() == {"front_office.next_response"}


def test_a_letter_that_is_told_after_its_answer_owes_nothing() -> None:
    office = front_office().at("2026-01-05T15:00").receives(*complaint(ANSWER))
    office.receives(*complaint(ComplaintCustomerReplied()), time="2026-01-05T14:00")
    assert "front_office.next_response" not in office.at("2026-01-09").firing()


def test_an_answer_older_than_the_letter_does_not_answer_it() -> None:
    office = front_office().receives(*complaint(ANSWER))
    office.at("2026-01-05T14:00").receives(*complaint(ComplaintCustomerReplied()))
    office.receives(*complaint(ANSWER), time="2026-01-05T13:00")
    assert office.at("2026-01-06T14:01").firing() == {"front_office.next_response"}


# Resolution


def test_a_complaint_is_settled_within_five_working_days() -> None:
    office = front_office().receives(*complaint(ANSWER))
    assert office.at("2026-01-12T10:00").firing() == set()
    assert office.at("2026-01-12T10:01").firing() == {"front_office.resolution"}
    assert office.receives(*complaint(ComplaintResolved())).firing() == set()


def test_a_complaint_resolved_and_reopened_goes_on_with_the_time_it_had_left() -> None:
    office = front_office().receives(*complaint(ANSWER))
    office.at("2026-01-06T10:00").receives(*complaint(ComplaintResolved()))
    office.at("2026-01-20T10:00").receives(*complaint(ComplaintReopened(), ClientInformed()))
    assert office.at("2026-01-26T10:00").firing() == {"front_office.escalated"}
    assert office.at("2026-01-26T10:01").firing() == {"front_office.escalated", "front_office.resolution"}


def test_a_complaint_that_is_withdrawn_asks_for_nothing_any_more() -> None:
    office = front_office(regulated=True).receives(*complaint(GAVE_UP)).at("2026-03-20")
    assert len(office.conditions()) == 6
    assert office.receives(*complaint(ComplaintWithdrawn())).firing() == set()
    assert office.at("2026-06-01").firing() == set()


# Escalation


@pytest.mark.parametrize("trouble", [GAVE_UP, ComplaintDisputed()])
def test_what_a_representative_could_not_solve_goes_to_the_manager_and_then_to_an_executive(
    trouble: FrontOfficeEvent,
) -> None:
    office = front_office().receives(*complaint(trouble))
    escalated = office.one("front_office.escalated")
    assert (escalated.severity, escalated.labels["role"]) == ("error", "manager")
    again = office.receives(*complaint(ComplaintDisputed())).one("front_office.escalated")
    assert (again.labels["role"], again.identity) == ("executive", escalated.identity)
    assert office.receives(*complaint(ComplaintResolved())).firing() == set()


def test_a_reopened_complaint_that_was_escalated_before_goes_to_an_executive() -> None:
    office = front_office().receives(*complaint(GAVE_UP, ComplaintResolved(), ComplaintReopened()))
    assert office.one("front_office.escalated").labels["role"] == "executive"


def test_a_dispute_told_after_the_settlement_it_led_to_is_no_escalation() -> None:
    office = front_office().at("2026-01-05T15:00").receives(*complaint(ComplaintResolved()))
    office.receives(*complaint(ComplaintDisputed()), time="2026-01-05T14:00")
    assert office.firing() == set()


# The client is told


def test_the_client_of_an_escalated_complaint_is_told_within_a_business_day() -> None:
    office = front_office().receives(*complaint(ANSWER, GAVE_UP))
    assert office.at("2026-01-06T17:00").firing() == {"front_office.escalated"}
    assert "front_office.client_uninformed" in office.at("2026-01-06T17:01").firing()
    assert office.receives(*complaint(ClientInformed())).firing() == {"front_office.escalated"}


def test_a_client_told_in_time_is_not_mentioned_and_one_told_before_the_escalation_is() -> None:
    told = front_office().receives(*complaint(ANSWER, GAVE_UP))
    told.at("2026-01-06T16:59").receives(*complaint(ClientInformed()))
    assert told.at("2026-01-08").firing() == {"front_office.escalated"}
    before = front_office().receives(*complaint(ANSWER, ClientInformed())).at("2026-01-05T12:00")
    before.receives(*complaint(GAVE_UP))
    assert "front_office.client_uninformed" in before.at("2026-01-08").firing()


def test_word_of_informing_the_client_that_is_older_than_the_escalation_does_not_count() -> None:
    office = front_office().receives(*complaint(ANSWER)).at("2026-01-05T12:00").receives(*complaint(GAVE_UP))
    office.receives(*complaint(ClientInformed()), time="2026-01-05T11:00")
    assert "front_office.client_uninformed" in office.at("2026-01-08").firing()


def test_a_client_who_need_not_be_told_is_waived() -> None:
    review = FindingReviewed(rule="front_office.client_uninformed", by="E-1", outcome="waived")
    office = front_office().receives(*complaint(ANSWER, GAVE_UP)).at("2026-01-08").receives(*complaint(review))
    assert office.firing() == {"front_office.escalated"}
    office.receives(*complaint(GAVE_UP))
    assert office.at("2026-01-12").firing() == {"front_office.escalated"}


# Regulators


def test_a_regulated_complaint_is_answered_in_15_days_and_for_good_in_60() -> None:
    office = front_office(regulated=True)
    stages = [office.at(day) and _stages(office) for day in ("2026-01-20T10:00", "2026-01-20T10:01")]
    assert stages == [set(), {"answer"}]
    office.receives(*complaint(ANSWER))
    assert _stages(office) == set()
    stages = [office.at(day) and _stages(office) for day in ("2026-03-06T10:00", "2026-03-06T10:01")]
    assert stages == [set(), {"final"}]
    office.receives(*complaint(ComplaintAnswered(by="R-1", final=True)))
    assert _stages(office) == set()


def _stages(office: Office) -> set[str]:
    rule = "front_office.regulator_deadline"
    return {c.identity["stage"] for c in office.conditions().values() if c.rule == rule and c.severity == "critical"}


def test_waiting_for_the_client_does_not_stop_the_regulators_calendar() -> None:
    office = front_office(regulated=True).receives(*complaint(ComplaintAwaitingCustomer()))
    assert office.at("2026-01-21").firing() == {"front_office.regulator_deadline"}


def test_a_complaint_that_no_regulator_watches_has_no_such_deadline() -> None:
    office = front_office().receives(*complaint(ComplaintAwaitingCustomer()))
    assert office.at("2026-06-01").firing() == set()


# What other departments hear


def test_the_service_a_complaint_names_is_published_and_a_mistake_is_taken_back() -> None:
    office = front_office(service="vpn").receives(
        *complaint(ComplaintAssigned(representative="R-1", service="mail")),
        *complaint(ComplaintAssigned(representative="R-2")),
    )
    facts = [f for f in office.said(ComplaintNamedService) if isinstance(f, ComplaintNamedService)]
    assert [(f.about.subject, f.names, f.revision) for f in facts] == [
        ("service/vpn", True, 1),
        ("service/vpn", False, 2),
        ("service/mail", True, 2),
    ]


def test_a_service_named_before_the_complaint_itself_is_told_is_published_then() -> None:
    office = Office(processors=[department]).at(RECEIVED)
    office.receives(*complaint(ComplaintAssigned(representative="R-1", service="vpn")))
    assert office.said(ComplaintNamedService) == []
    office.receives(*complaint(received()))
    assert [f.about.subject for f in office.said(ComplaintNamedService)] == ["service/vpn"]


# The simulated office


@pytest.mark.parametrize(("seed", "days"), [(1, 5), (2, 1), (3, 8)])
def test_the_simulated_weeks_raise_the_alerts_they_promise_and_no_others(seed: int, days: int) -> None:
    simulation = simulate(SimulatedOffice(seed=seed, days=days), [simulated_it.life, simulated.life])
    office = Office(processors=[department, it, correlation])
    for said in simulation.said:
        office.at(said.at).receives((said.subject, said.event), id=said.id)
    office.at(simulation.office.end)
    raised = {
        (s.rule, s.about.subject, tuple(sorted(s.identity.items()))): isinstance(s, ConditionResolved)
        for s in office.signals()
    }
    promised = {(e.rule, e.subject, tuple(sorted(e.identity.items()))): e.resolved for e in simulation.expected}
    assert raised == promised
    assert office.dead_letters == []


# Settings by label


@pytest.mark.parametrize(
    ("matcher", "fields"),
    [('product="Home internet"', {"product": "Home internet"}), ('regulated="true"', {"regulated": True})],
)
def test_a_complaint_is_answered_within_the_target_of_its_label(matcher: str, fields: dict[str, Any]) -> None:
    told = {"front_office": {"overrides": [{"matchers": [matcher], "set": {"first_response_minutes": 60}}]}}
    office = Office(processors=[department], partitions=1, settings=told).at(RECEIVED)
    office.receives(*complaint(received(**fields)), Emission("complaint/C-2", received()))
    assert office.at("2026-01-05T11:00").firing() == set()
    office.at("2026-01-05T11:00:01")
    assert office.ever_fired("front_office.first_response") == {"C-1"}

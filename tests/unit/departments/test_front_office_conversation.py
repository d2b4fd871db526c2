"""Complaints as they are told: the client's turn, and what is heard late, twice or corrected."""

import pytest

from schemas.front_office import ComplaintAnswered, ComplaintAssigned, FrontOfficeEvent
from tests.office import instant
from tests.unit.departments.telling_front_office import (
    ANSWER,
    ASKED,
    ESCALATED,
    FINAL,
    FIRST,
    GAVE_UP,
    INFORMED,
    NEXT,
    RECEIVED,
    REGULATOR,
    REOPENED,
    REPLIED,
    RESOLVED,
    WITHDRAWN,
    complaint,
    front_office,
    received,
)

# The client's turn


def test_a_reply_at_the_very_instant_of_the_answer_owes_nothing() -> None:
    office = front_office(received(), ANSWER, REPLIED)
    assert NEXT not in office.at("2026-01-09").firing()


def test_what_a_client_writes_when_all_is_settled_owes_nothing() -> None:
    office = front_office(received(), ANSWER).at("2026-01-05T12:00").receives(*complaint(RESOLVED))
    office.at("2026-01-05T13:00").receives(*complaint(REPLIED))
    assert office.passes("2026-03-01").signals() == []


def test_an_answer_at_the_very_instant_of_the_letter_answers_it() -> None:
    office = front_office(received(), ANSWER).at("2026-01-05T14:00").receives(*complaint(REPLIED, ANSWER))
    assert NEXT not in office.at("2026-01-09").firing()


def test_a_letter_before_the_first_answer_owes_no_next_one() -> None:
    office = front_office(received()).at("2026-01-05T14:00").receives(*complaint(REPLIED))
    assert office.at("2026-01-06T10:01").firing() == {FIRST}


def test_a_question_asked_before_the_complaint_was_received_does_not_stop_its_clock() -> None:
    early = front_office().receives(*complaint(received())).receives(*complaint(ASKED), time="2026-01-05T09:59")
    before = front_office().receives(*complaint(ASKED), time="2026-01-05T09:59").receives(*complaint(received()))
    for office in (early, before):
        assert office.at("2026-01-06T10:01").firing() == {FIRST}


def test_a_question_heard_before_its_complaint_stops_the_clock_when_it_was_asked() -> None:
    office = front_office().at("2026-01-05T13:00").receives(*complaint(ASKED), time="2026-01-05T12:00")
    office.receives(*complaint(received())).at("2026-01-06T09:00").receives(*complaint(REPLIED))
    assert office.at("2026-01-06T15:00").firing() == set()
    assert office.at("2026-01-06T15:00:01").firing() == {FIRST}


# Heard late, twice, or corrected


def test_a_complaint_said_again_keeps_its_first_date_and_is_corrected_otherwise() -> None:
    office = front_office(received(product="TV")).receives(
        *complaint(received(received_at=instant("2026-01-07T10:00"), product="Radio", regulated=True))
    )
    office.at("2026-01-06T10:01")
    assert (office.one(FIRST).due, office.one(FIRST).labels) == (instant("2026-01-06T10:00"), {"product": "Radio"})
    office.receives(*complaint(received(regulated=False)))
    assert REGULATOR not in office.at("2026-02-01").firing()


def test_the_earliest_answer_is_the_first_and_the_latest_one_the_last() -> None:
    office = front_office(received()).at("2026-01-07").receives(*complaint(ANSWER), time="2026-01-06T09:00")
    office.receives(*complaint(ANSWER), time="2026-01-05T12:00").receives(*complaint(REPLIED), time="2026-01-05T15:00")
    state = office.state("complaint/C-1")
    assert (state.answered_at, state.last_answered_at) == (instant("2026-01-05T12:00"), instant("2026-01-06T09:00"))
    assert not state.next_clock.started


def test_the_first_final_answer_is_the_final_one_and_a_settlement_is_one_too() -> None:
    for said in ([FINAL, FINAL], [RESOLVED], [FINAL, ANSWER, RESOLVED]):
        office = front_office(received(regulated=True), said[0]).at("2026-01-06").receives(*complaint(*said[1:]))
        assert office.state("complaint/C-1").final_at == instant(RECEIVED)
        assert REGULATOR not in office.at("2026-06-01").firing()


def test_what_the_client_got_is_what_the_latest_answer_says_of_it() -> None:
    said: tuple[dict[str, str], ...] = ({"outcome": "closed"}, {}, {"outcome": "explanation"}, {})
    got = [ComplaintAnswered.model_validate({"by": "R-1", **fields}) for fields in said]
    assert front_office(received(), *got).state("complaint/C-1").outcome == "explanation"


@pytest.mark.parametrize(("again", "settled"), [("12:00", False), ("11:59", True)])
@pytest.mark.parametrize("end", [RESOLVED, WITHDRAWN])
def test_only_what_is_said_after_a_settlement_takes_it_back(end: FrontOfficeEvent, again: str, settled: bool) -> None:
    office = front_office(received()).at("2026-01-05T12:00").receives(*complaint(end)).at("2026-01-05T15:00")
    office.receives(*complaint(REOPENED), time=f"2026-01-05T{again}")
    assert office.state("complaint/C-1").over is settled
    assert (ESCALATED in office.firing()) is not settled


def test_the_later_of_a_settlement_and_a_withdrawal_is_what_a_reopening_must_follow() -> None:
    office = front_office(received()).at("2026-01-05T12:00").receives(*complaint(RESOLVED))
    office.at("2026-01-05T14:00").receives(*complaint(WITHDRAWN))
    assert office.receives(*complaint(REOPENED), time="2026-01-05T13:00").state("complaint/C-1").over
    assert not office.receives(*complaint(REOPENED)).state("complaint/C-1").over


def test_a_client_who_is_told_at_the_very_instant_of_the_escalation_is_told() -> None:
    assert front_office(received(), ANSWER, GAVE_UP, INFORMED).at("2026-01-08").firing() == {ESCALATED}


def test_whoever_takes_care_last_is_known() -> None:
    said = [ComplaintAssigned(representative=who) for who in ("R-1", "R-2")]
    assert front_office(received(), *said).state("complaint/C-1").representative == "R-2"


def test_one_withdrawn_while_its_client_was_asked_runs_again_once_it_is_reopened() -> None:
    office = front_office(received(), ASKED).at("2026-01-05T12:00").receives(*complaint(WITHDRAWN))
    office.at("2026-01-06T09:00").receives(*complaint(REOPENED))
    assert FIRST not in office.at("2026-01-06T17:00").firing()
    assert len(office.at("2026-01-06T17:00:01").one(FIRST).evidence) == 4, "without the withdrawal nothing is reopened"

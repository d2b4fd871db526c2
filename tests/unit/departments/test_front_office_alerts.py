"""Alerts of complaints: what they say, several at once, those of forwarding, and what is switched off meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.front_office import ComplaintAssigned, ComplaintDisputed, ComplaintSent, FrontOfficeEvent
from tests.office import instant
from tests.unit.departments.telling_front_office import (
    ANSWER,
    ESCALATED,
    FIRST,
    FORWARDED_LATE,
    GAVE_UP,
    INFORMED,
    NEXT,
    RECEIVED,
    REGULATOR,
    REPLIED,
    RESOLUTION,
    RESOLVED,
    UNINFORMED,
    WITHDRAWN,
    complaint,
    fired,
    front_office,
    received,
    why_resolved,
)

# What alerts say

NAMED = {"product": "TV", "service": "vpn", "company": "Acme"}


@pytest.mark.parametrize(
    ("rule", "said", "due", "severity", "more"),
    [
        (FIRST, [], "2026-01-06T10:00", "warning", {}),
        (FIRST, [], "2026-01-07T10:00", "error", {}),
        (RESOLUTION, [ANSWER], "2026-01-12T10:00", "warning", {}),
        (RESOLUTION, [ANSWER], "2026-01-19T10:00", "error", {}),
        (UNINFORMED, [GAVE_UP], "2026-01-06T17:00", "warning", {}),
        (REGULATOR, [], "2026-01-20T10:00", "critical", {"stage": "answer"}),
        (REGULATOR, [ANSWER], "2026-03-06T10:00", "critical", {"stage": "final"}),
        (FORWARDED_LATE, [], "2026-01-11T00:00", "warning", {}),
    ],
)
def test_an_alert_says_when_it_was_due_and_carries_what_it_is_routed_by(
    rule: str, said: list[FrontOfficeEvent], due: str, severity: str, more: dict[str, str]
) -> None:
    office = front_office(received(regulated=True, **NAMED), *said, forward_days=5)
    before = len(fired(office.at(due), rule))
    office.at(instant(due) + timedelta(seconds=1))
    assert len(fired(office, rule)) == before + 1, "and not earlier"
    alert = office.one(rule)
    assert (alert.due, alert.severity, alert.labels) == (instant(due), severity, {**NAMED, **more})


def test_an_escalation_carries_what_it_is_routed_by() -> None:
    alert = front_office(received(product="TV"), GAVE_UP).one(ESCALATED)
    assert (alert.due, alert.labels) == (None, {"role": "manager", "product": "TV"})


def test_a_regulators_alert_says_which_answer_is_missing_and_for_how_long() -> None:
    office = front_office(received(regulated=True), regulator_answer_days=3, regulator_final_days=9)
    assert office.at("2026-01-08T10:01").one(REGULATOR).summary.endswith("has no answer after 3 days")
    office.receives(*complaint(ANSWER))
    assert office.at("2026-01-14T10:01").one(REGULATOR).summary.endswith("has no final answer after 9 days")


def test_at_twice_the_target_an_alert_says_so() -> None:
    office = front_office(received()).at("2026-01-07T10:01")
    assert [s.summary.rpartition(" in ")[2] for s in fired(office, FIRST)] == [
        "its target time",
        "twice its target time",
    ]


@pytest.mark.parametrize(("end", "says"), [(RESOLVED, "it is resolved"), (WITHDRAWN, "it is withdrawn")])
def test_an_escalation_ends_as_the_complaint_does(end: FrontOfficeEvent, says: str) -> None:
    assert why_resolved(front_office(received(), GAVE_UP).receives(*complaint(end)), ESCALATED) == [says]


@pytest.mark.parametrize(("end", "says"), [(INFORMED, "the client is informed"), (WITHDRAWN, "the client withdrew it")])
def test_a_client_who_was_not_told_is_told_or_withdraws(end: FrontOfficeEvent, says: str) -> None:
    office = front_office(received(), GAVE_UP).at("2026-01-07").receives(*complaint(end))
    assert why_resolved(office, UNINFORMED) == [says]


# Several alerts at once


def test_telling_the_client_says_nothing_of_what_else_is_late() -> None:
    office = front_office(received(), GAVE_UP).at("2026-01-08")
    assert office.one(FIRST).severity == "error"
    said = len(office.signals(FIRST))
    office.receives(*complaint(INFORMED)).at("2026-01-09")
    assert (office.one(FIRST).severity, len(office.signals(FIRST))) == ("error", said)


def test_a_late_answer_ends_its_own_alert_and_no_other() -> None:
    office = front_office(received(), GAVE_UP).at("2026-01-20")
    office.receives(*complaint(ANSWER)).at("2026-01-21")
    assert office.firing() == {ESCALATED, UNINFORMED, RESOLUTION}
    assert (office.one(RESOLUTION).severity, len(fired(office, UNINFORMED))) == ("error", 1)
    assert office.state("complaint/C-1").missed == (FIRST, RESOLUTION)


def test_a_client_is_told_of_each_escalation() -> None:
    office = front_office(received(), ANSWER, GAVE_UP).at("2026-01-07").receives(*complaint(INFORMED))
    office.receives(*complaint(ComplaintDisputed()))
    assert office.at("2026-01-08T17:00").firing() == {ESCALATED}
    assert office.at("2026-01-08T17:00:01").firing() == {ESCALATED, UNINFORMED}


def test_of_two_escalations_the_first_says_by_when_the_client_is_told() -> None:
    office = front_office(received(), ANSWER, GAVE_UP).at("2026-01-06T12:00").receives(*complaint(ComplaintDisputed()))
    assert office.at("2026-01-06T17:01").one(UNINFORMED).due == instant("2026-01-06T17:00")


def test_a_third_escalation_stays_with_the_executive() -> None:
    office = front_office(received(), GAVE_UP, GAVE_UP, GAVE_UP)
    assert [alert.labels["role"] for alert in fired(office, ESCALATED)] == ["manager", "executive"]


def test_once_everything_is_late_or_done_nothing_more_is_waited_for() -> None:
    office = front_office(received(regulated=True), GAVE_UP, forward_days=5).at("2026-04-01")
    office.receives(*complaint(ComplaintAssigned(representative="R-2")))
    assert dict(office.state("complaint/C-1").deadlines) == {}
    done = front_office(received(regulated=True), GAVE_UP, forward_days=5)
    done.receives(*complaint(ComplaintSent(sent_on=instant(RECEIVED).date()), INFORMED, RESOLVED))
    assert dict(done.state("complaint/C-1").deadlines) == {}


# Sent on to its company


def test_a_complaint_whose_company_is_not_known_is_sent_on_late_too() -> None:
    office = front_office(received(), forward_days=5).at("2026-01-11T00:01")
    assert (office.one(FORWARDED_LATE).labels, len(office.one(FORWARDED_LATE).evidence)) == ({}, 1)


def test_the_day_of_receipt_is_that_of_the_front_offices_time_zone() -> None:
    office = front_office(calendar={"time_zone": "Asia/Tokyo"}, forward_days=1).at("2026-01-05T16:00")
    office.receives(*complaint(received(received_at=instant("2026-01-05T16:00"))))
    assert FORWARDED_LATE not in office.at("2026-01-07T15:00").firing(), "the 8th begins in Tokyo"
    assert FORWARDED_LATE in office.at("2026-01-07T15:00:01").firing()


def test_a_complaint_dated_at_the_end_of_all_days_is_waited_for() -> None:
    office = front_office(received(received_at=instant("9999-12-30T10:00")), forward_days=5)
    assert (office.firing(), office.dead_letters) == (set(), [])


# Switched off meanwhile

OFF: dict[str, dict[str, Any]] = {
    FIRST: {"first_response_minutes": None},
    NEXT: {"next_response_minutes": None},
    RESOLUTION: {"resolution_minutes": None},
    UNINFORMED: {"inform_business_days": None},
    REGULATOR: {"regulator": "reported"},
    FORWARDED_LATE: {"forward_days": None},
}


@pytest.mark.parametrize("rule", OFF)
def test_what_is_no_longer_watched_when_its_time_is_up_is_not_said(rule: str) -> None:
    office = front_office(received(regulated=True), forward_days=5).at("2026-01-05T11:00")
    office.receives(*complaint(GAVE_UP, *([ANSWER] if rule == NEXT else [])))
    office.at("2026-01-05T12:00").receives(*complaint(REPLIED))
    office.told("front_office", {"forward_days": 5, **OFF[rule]}).at("2026-01-30")
    assert office.firing() == (OFF.keys() | {ESCALATED}) - {rule, *({FIRST, REGULATOR} if rule == NEXT else {NEXT})}
    assert office.dead_letters == []

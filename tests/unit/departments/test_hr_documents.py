"""Documents at the edges: by when each is to be filed, what puts that off, and when a copy runs out."""

from datetime import date
from typing import Any

import pytest

from schemas.hr import DocumentRequested, EmployeeTransferred
from tests.office import Office, instant
from tests.unit.departments.telling_hr import (
    STAYS,
    Said,
    corrected,
    day,
    e7,
    filed,
    fired,
    hired,
    merged,
    office,
    rejected,
    terminated,
    waived,
    why_resolved,
)

MISSING, EXPIRING, EXPIRED = "hr.document_missing", "hr.document_expiring", "hr.document_expired"


def asked(document: str = "permit", due: str | None = None) -> Said:
    return e7(DocumentRequested(document=document, due_on=day(due) if due else None))


def moved(**fields: Any) -> Said:
    return e7(EmployeeTransferred(effective_on=day("2026-02-02"), **fields))


def is_due(firm: Office, when: str) -> None:
    """Nothing is missing up to this closing time, and something a second later."""
    assert firm.at(when).firing() == set()
    assert firm.at(f"{when}:01").one(MISSING).due == instant(when)


# By when


def test_a_missing_document_says_its_day_and_gets_worse_in_the_same_alert() -> None:
    firm = office().receives(hired())
    is_due(firm, "2026-01-08T17:00")
    assert firm.one(MISSING).summary == "Employee E-7: contract was to be filed by 2026-01-08"
    worse = firm.at("2026-01-19T17:00:01").one(MISSING)
    assert (worse.severity, worse.due, worse.starts_at) == (
        "error",
        instant("2026-01-19T17:00"),
        instant("2026-01-08T17:00"),
    )


def test_where_the_error_comes_no_later_than_the_warning_it_is_an_error_at_once() -> None:
    firm = office(document_due_business_days=5, document_error_business_days=3).receives(hired())
    is_due(firm, "2026-01-12T17:00")
    assert firm.one(MISSING).severity == "error"


def test_what_is_asked_for_by_hand_without_a_day_has_three_business_days() -> None:
    is_due(office(required_documents={}).at("2026-02-02T10:00").receives(asked()), "2026-02-05T17:00")


def test_the_day_of_asking_is_that_of_hrs_time_zone() -> None:
    firm = office(required_documents={}, calendar={"time_zone": "Asia/Tokyo"}).at("2026-02-02T16:00")
    is_due(firm.receives(asked()), "2026-02-06T08:00")  # asked on the 3rd in Tokyo


def test_of_two_requests_the_later_one_says_the_day_and_an_older_copy_answers_neither() -> None:
    firm = office(required_documents={}).at("2026-02-03").receives(asked(due="2026-02-10"))
    firm.receives(asked(due="2026-02-12"), time="2026-02-01").receives(filed("permit"), time="2026-02-02")
    is_due(firm, "2026-02-12T17:00")


def test_a_copy_filed_at_the_very_instant_of_the_request_answers_it() -> None:
    firm = office(required_documents={}).receives(filed("permit"), asked(due="2026-01-06"))
    assert firm.at("2026-03-01").firing() == set()


def test_a_transfer_leaves_the_day_of_what_was_needed_before() -> None:
    firm = office(required_documents={"*": ["contract"], "nurse": ["licence"]}).receives(hired("2026-02-02"))
    firm.receives(moved(role="nurse")).receives(moved(role="nurse"))
    firm.at("2026-02-05T17:00:01")
    assert [alert.identity["document"] for alert in fired(firm, MISSING)] == ["contract", "licence"]


def test_a_transfer_without_a_role_asks_for_nothing_more() -> None:
    firm = office().receives(hired(), filed(), moved(department="sales", position="P-2"))
    assert firm.at("2026-04-01").firing() == set()
    assert firm.state("employee/E-7").department == "sales"


def test_a_corrected_first_day_moves_what_the_role_needs_and_not_what_was_asked_for_by_hand() -> None:
    firm = office(required_documents={"*": ["contract", "permit"]})
    firm.receives(hired(), asked(due="2026-01-14"), corrected(start_on=day("2026-02-02")))
    is_due(firm, "2026-01-14T17:00")
    assert firm.at("2026-02-05T17:00:01").ever_fired(MISSING) == {"E-7"}
    assert [alert.identity["document"] for alert in fired(firm, MISSING)] == ["permit", "permit", "contract"]


def test_a_correction_before_the_hiring_asks_for_nothing() -> None:
    assert office().receives(corrected(start_on=day("2026-01-05"))).at("2026-03-01").firing() == set()


def test_who_works_elsewhere_by_then_is_judged_by_the_time_there() -> None:
    there = {"matchers": ['site="tokyo"'], "set": {"calendar": {"time_zone": "Asia/Tokyo"}}}
    firm = office(overrides=[there]).receives(hired("2026-02-02"), moved(site="tokyo"))
    alert = firm.at("2026-02-05T17:00:01").one(MISSING)
    assert (alert.due, len(alert.evidence)) == (instant("2026-02-05T08:00"), 2)


# What puts it off


@pytest.mark.parametrize(
    ("until", "due", "named"),
    [("2026-01-07", "2026-01-08", 1), ("2026-01-08", "2026-01-08", 1), ("2026-01-09", "2026-01-09", 2)],
)
def test_a_waiver_puts_a_document_off_until_its_day_but_never_brings_it_forward(
    until: str, due: str, named: int
) -> None:
    firm = office().receives(hired(), waived(until))
    is_due(firm, f"{due}T17:00")
    assert len(firm.one(MISSING).evidence) == named


def test_a_waiver_that_comes_late_ends_the_alert_until_its_day() -> None:
    firm = office().receives(hired()).at("2026-01-12").receives(waived("2026-01-16"))
    assert why_resolved(firm, MISSING) == ["it is due later"]
    is_due(firm, "2026-01-16T17:00")


@pytest.mark.parametrize(
    ("cure", "says"),
    [
        (filed(), "it was filed"),
        (waived(), "it was waived"),
        (terminated(), "the employment ends"),
        (merged("E-8"), "the employment ends"),
    ],
)
def test_a_missing_document_ends_by_what_ended_it(cure: Said, says: str) -> None:
    assert why_resolved(office().receives(hired()).at("2026-01-12").receives(cure), MISSING) == [says]


@pytest.mark.parametrize(("gone", "again"), [(terminated("2026-01-30"), STAYS), (merged("E-8"), merged(None))])
def test_who_stays_after_all_still_owes_it(gone: Said, again: Said) -> None:
    firm = office().receives(hired(), gone)
    assert firm.at("2026-01-08T12:00").receives(again).firing() == set()
    is_due(firm, "2026-01-08T17:00")


def test_a_corrected_last_day_is_one() -> None:
    firm = office().receives(hired()).at("2026-01-12").receives(corrected(last_day=day("2026-01-30")))
    assert firm.firing() == set()


# Rejected copies


def test_only_the_rejection_of_the_copy_filed_last_gives_more_time() -> None:
    firm = office().receives(hired(), rejected("F-0"), filed(file="F-1")).at("2026-01-06T10:00")
    firm.receives(rejected("F-0"))
    assert firm.at("2026-02-01").firing() == set()
    late = firm.at("2026-02-02T10:00").receives(rejected("F-1"))
    is_due(late, "2026-02-05T17:00")


def test_a_rejection_on_the_first_day_gives_no_more_time_than_there_was() -> None:
    firm = office().receives(hired(), filed(), rejected())
    is_due(firm, "2026-01-08T17:00")
    assert len(firm.one(MISSING).evidence) == 1


def test_each_rejected_copy_stays_rejected() -> None:
    firm = office().receives(hired(), filed(), rejected("F-1"), filed(file="F-2"), rejected("F-2"), filed(file="F-1"))
    assert MISSING in firm.at("2026-01-09").firing()


# Documents that run out


@pytest.mark.parametrize(
    ("rule", "due", "says"),
    [(EXPIRING, "2026-03-01T00:00", "is valid until"), (EXPIRED, "2026-04-01T00:00", "was valid until")],
)
def test_an_expiry_says_when_it_is(rule: str, due: str, says: str) -> None:
    firm = office().receives(filed("permit", until="2026-03-31")).at(f"{due}:01")
    alert = firm.one(rule)
    assert (alert.due, alert.identity, alert.labels) == (instant(due), {"document": "permit"}, {"document": "permit"})
    assert alert.summary == f"Employee E-7: permit {says} 2026-03-31"


def test_a_copy_that_is_valid_a_little_longer_expires_soon_too() -> None:
    firm = office().receives(filed("permit", until="2026-03-31")).at("2026-03-15")
    firm.receives(filed("permit", "F-2", until="2026-04-05")).at("2026-03-15T00:01")
    assert firm.one(EXPIRING).summary.endswith("2026-04-05")
    assert firm.at("2026-04-06T00:00").firing() == {EXPIRING}
    assert firm.at("2026-04-06T00:00:01").firing() == {EXPIRED}


@pytest.mark.parametrize(
    "end", [rejected(document="permit"), waived(document="permit"), terminated(), merged("E-8"), filed("permit", "F-2")]
)
def test_what_does_not_count_does_not_run_out(end: Said) -> None:
    for when in ("2026-01-05T08:00", "2026-03-15", "2026-04-15"):
        firm = office().receives(filed("permit", until="2026-03-31")).at(when).receives(end)
        assert firm.firing() == set()
        assert firm.at("2026-06-01").firing() == set()


@pytest.mark.parametrize(("gone", "again"), [(terminated("2026-01-30"), STAYS), (merged("E-8"), merged(None))])
def test_the_documents_of_who_stays_after_all_run_out(gone: Said, again: Said) -> None:
    firm = office(required_documents={}).receives(hired(), filed("permit", until="2026-03-31"), gone).at("2026-03-15")
    assert firm.receives(again).at("2026-03-15T00:01").firing() == {EXPIRING}
    assert firm.at("2026-04-02").firing() == {EXPIRED}


def test_a_waiver_for_a_time_does_not_make_a_copy_valid() -> None:
    firm = office().receives(filed("permit", until="2026-03-31"), waived("2026-06-30", document="permit"))
    assert firm.at("2026-04-02").firing() == {EXPIRED}


@pytest.mark.parametrize("until", [date.min, date.max])
def test_a_mistyped_year_stops_nothing(until: date) -> None:
    firm = office().receives(filed("permit", until=until.isoformat())).at("2026-02-01")
    assert (firm.firing(), firm.dead_letters) == ({EXPIRED} if until == date.min else set(), [])


def test_how_many_days_before_is_a_setting() -> None:
    firm = office(document_expiring_days=1).receives(filed("permit", until="2026-03-31"))
    assert firm.at("2026-03-30T00:00").firing() == set()
    assert firm.at("2026-03-30T00:00:01").firing() == {EXPIRING}

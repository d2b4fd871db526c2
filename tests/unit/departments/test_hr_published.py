"""What HR tells others of its people: employments, managers, identities, leaves, shifts; and alerting, who is away."""

from typing import Any

import pytest

from schemas.envelope import Event
from schemas.facts import EmploymentStated, IdentitySeen, LeaveStated, ReportStated, ShiftStated
from schemas.hr import (
    EmployeeManagerChanged,
    EmployeeTransferred,
    LeaveCancelled,
    LeaveEnded,
    LeaveStarted,
    ShiftCancelled,
    ShiftPlanned,
)
from schemas.oncall import PersonAway, PersonBack
from tests.office import Office, instant
from tests.unit.departments.telling_hr import Said, corrected, day, done, e7, hired, merged, office, terminated

Told = list[tuple[str, Event, str]]


def told(firm: Office, *types: type[Event]) -> Told:
    """What was told: the subject, the fact without its record, and the id of that record."""
    facts: list[Any] = firm.said(*types)
    return [(fact.about.subject, fact.model_copy(update={"record": None}), fact.record.id) for fact in facts]


# Employments


def test_an_employment_is_told_whole_and_again_when_something_of_it_changes() -> None:
    firm = office().receives(hired(manager="E-1"), id="hired")
    firm.receives(e7(EmployeeTransferred(role="nurse", effective_on=day("2026-02-02"))), id="transferred")
    firm.receives(terminated("2026-06-30"), id="terminated")
    about = {"start_on": day("2026-01-05"), "manager": "E-1", "manager_since": day("2026-01-05"), "onboarded": True}
    assert told(firm, EmploymentStated) == [
        ("person/E-7", EmploymentStated(**about, role="clerk", revision=1), "hired"),
        ("person/E-7", EmploymentStated(**about, role="nurse", revision=3), "transferred"),
        ("person/E-7", EmploymentStated(**about, role="nurse", last_day=day("2026-06-30"), revision=4), "terminated"),
    ]


def test_onboarding_is_over_when_the_last_step_was_done_whichever_is_told_last() -> None:
    firm = office(onboarding_checklist={"desk": 1, "badge": 1}).receives(hired()).at("2026-01-08")
    firm.receives(done("desk"), time="2026-01-07T10:00").receives(done("badge"), time="2026-01-06T10:00")
    assert employment(firm).onboarded_at == instant("2026-01-07T10:00")
    firm.receives(done("desk"), time="2026-01-07T12:00")
    assert employment(firm).onboarded_at == instant("2026-01-07T10:00"), "done twice is done the first time"
    firm.receives(done("desk"), time="2026-01-05T12:00")
    assert employment(firm).onboarded_at == instant("2026-01-07T10:00"), "nor is what was told of it taken back"


def employment(firm: Office) -> Any:
    return firm.said(EmploymentStated)[-1]


def test_who_has_nothing_to_do_is_onboarded_at_no_time() -> None:
    said = employment(office().receives(hired()))
    assert (said.onboarded, said.onboarded_at) == (True, None)


def test_a_step_outside_the_checklist_does_not_count() -> None:
    firm = office(onboarding_checklist={"desk": 1}).receives(hired(), done("juggling"))
    assert employment(firm).onboarded is False
    assert firm.receives(done("desk"), time="2026-01-05T09:00").state("employee/E-7").open_steps == ()
    assert employment(firm).onboarded_at == instant("2026-01-05T09:00")


# Managers


def test_a_manager_hears_since_when_somebody_reports() -> None:
    firm = office().receives(hired(manager="E-1"), id="hired")
    firm.receives(e7(EmployeeManagerChanged(manager="E-2", effective_on=day("2026-03-02"))), id="changed")
    assert told(firm, ReportStated) == [
        ("person/E-1", ReportStated(employee="E-7", since=day("2026-01-05"), holds=True, revision=2), "hired"),
        ("person/E-1", ReportStated(employee="E-7", holds=False, revision=4), "changed"),
        ("person/E-2", ReportStated(employee="E-7", since=day("2026-03-02"), holds=True, revision=5), "changed"),
    ]


def test_a_change_of_manager_without_a_day_holds_from_the_day_it_was_said_where_hr_works() -> None:
    firm = office(calendar={"time_zone": "Asia/Tokyo"}).receives(hired(manager="E-1")).at("2026-02-02T16:00")
    firm.receives(e7(EmployeeManagerChanged(manager="E-2")))
    assert employment(firm).manager_since == day("2026-02-03")


@pytest.mark.parametrize("gone", [terminated("2026-02-27"), merged("E-8"), e7(EmployeeManagerChanged(manager=None))])
def test_a_manager_has_a_report_less_when_somebody_goes(gone: Said) -> None:
    firm = office().receives(hired(manager="E-1"), gone)
    assert [(s, f.holds) for s, f, _ in reports(firm)] == [("person/E-1", True), ("person/E-1", False)]


def reports(firm: Office) -> list[tuple[str, Any, str]]:
    return told(firm, ReportStated)


def test_nobody_reports_to_themselves() -> None:
    firm = office().receives(hired(manager="E-7"))
    assert reports(firm) == []
    firm.receives(corrected(manager="E-1"))
    assert [(subject, fact.holds) for subject, fact, _ in reports(firm)] == [("person/E-1", True)]


# Identities


def test_an_identity_is_told_until_it_is_another_one_or_the_id_is_merged() -> None:
    firm = office().receives(hired(identity_hash="h1"), id="first").receives(hired(identity_hash="h2"), id="second")
    firm.receives(hired(), id="third").receives(merged("E-8"), id="merged")
    seen = [(s, f.of, f.id, f.holds, r) for s, f, r in identities(firm)]
    assert seen == [
        ("identity/h1", "employee", "E-7", True, "first"),
        ("identity/h1", "employee", "E-7", False, "second"),
        ("identity/h2", "employee", "E-7", True, "second"),
        ("identity/h2", "employee", "E-7", False, "merged"),
    ]
    assert [f.revision for _, f, _ in identities(firm)] == sorted({f.revision for _, f, _ in identities(firm)})


def identities(firm: Office) -> list[tuple[str, Any, str]]:
    return told(firm, IdentitySeen)


@pytest.mark.parametrize("hash", ["", "  ", "a\nb"])
def test_what_cannot_be_a_key_is_no_identity(hash: str) -> None:
    assert identities(office().receives(hired(identity_hash=hash))) == []


def test_a_merge_that_is_taken_back_and_one_with_oneself_are_none() -> None:
    firm = office().receives(hired(identity_hash="h1"), merged("E-7"))
    assert [f.holds for _, f, _ in identities(firm)] == [True]
    firm.receives(merged("E-8"), merged(None))
    assert [f.holds for _, f, _ in identities(firm)] == [True, False, True]
    assert employment(firm).merged_into is None


# Leaves


def leave(starts: str, ends: str | None = None, **more: Any) -> Said:
    return e7(LeaveStarted(leave="L-1", starts_on=day(starts), ends_on=day(ends) if ends else None, **more))


def back(on: str) -> Said:
    return e7(LeaveEnded(leave="L-1", ended_on=day(on)))


CANCELLED = e7(LeaveCancelled(leave="L-1"))


def test_a_leave_is_told_with_its_delegate_and_again_when_it_ends_or_is_cancelled() -> None:
    firm = office().receives(leave("2026-02-02", "2026-02-13", delegate="E-9"), id="on leave")
    firm.at("2026-02-10").receives(back("2026-02-09"), id="back").receives(CANCELLED, id="cancelled")
    about: dict[str, Any] = {"leave": "L-1", "starts_on": day("2026-02-02"), "delegate": "E-9"}
    assert told(firm, LeaveStated) == [
        ("person/E-7", LeaveStated(**about, ends_on=day("2026-02-13"), holds=True, revision=1), "on leave"),
        ("person/E-7", LeaveStated(**about, ends_on=day("2026-02-09"), holds=True, revision=2), "back"),
        ("person/E-7", LeaveStated(**about, ends_on=day("2026-02-09"), holds=False, revision=3), "cancelled"),
    ]


def test_an_end_or_a_cancellation_that_is_heard_before_the_leave_is_told_with_it() -> None:
    firm = office().receives(back("2026-02-09"), CANCELLED)
    assert firm.said(LeaveStated, PersonAway, PersonBack) == []
    firm.receives(leave("2026-02-02"), time="2026-01-05T07:59")
    assert [(f.ends_on, f.holds) for _, f, _ in leaves(firm)] == [(day("2026-02-09"), False)]
    firm.at("2026-01-06").receives(leave("2026-02-02"))
    assert [f.holds for _, f, _ in leaves(firm)] == [False, True], "it is planned again"


def leaves(firm: Office) -> list[tuple[str, Any, str]]:
    return told(firm, LeaveStated)


def whereabouts(firm: Office) -> list[tuple[str, Event]]:
    return [(said.about.subject, said) for said in firm.said(PersonAway, PersonBack)]


def test_alerting_hears_when_somebody_is_away_in_hrs_time_zone() -> None:
    firm = office(calendar={"time_zone": "Asia/Tokyo"}).receives(leave("2026-02-02", "2026-02-13"), leave("2026-02-03"))
    firm.receives(back("2026-02-06"), CANCELLED)
    subject = "employee/E-7"
    assert whereabouts(firm) == [
        (
            subject,
            PersonAway(leave="L-1", starts_at=instant("2026-02-01T15:00"), ends_at=instant("2026-02-13T15:00")),
        ),
        (subject, PersonAway(leave="L-1", starts_at=instant("2026-02-02T15:00"))),
        (subject, PersonBack(leave="L-1", since=instant("2026-02-06T15:00"))),
        (subject, PersonBack(leave="L-1")),
    ]


# Shifts


def shift(starts: str, ends: str) -> Said:
    return e7(ShiftPlanned(shift="S-1", starts_at=instant(starts), ends_at=instant(ends)))


DROPPED = e7(ShiftCancelled(shift="S-1"))


def shifts(firm: Office) -> list[tuple[str, Any, str]]:
    return told(firm, ShiftStated)


def test_a_shift_is_told_as_it_is_planned_and_when_it_is_cancelled() -> None:
    firm = office().receives(shift("2026-01-06T20:00", "2026-01-07T06:00"), id="planned")
    firm.receives(DROPPED, id="cancelled")
    about: dict[str, Any] = {
        "shift": "S-1",
        "starts_at": instant("2026-01-06T20:00"),
        "ends_at": instant("2026-01-07T06:00"),
    }
    assert told(firm, ShiftStated) == [
        ("person/E-7", ShiftStated(**about, holds=True, revision=1), "planned"),
        ("person/E-7", ShiftStated(**about, holds=False, revision=2), "cancelled"),
    ]


def test_a_shift_that_is_cancelled_first_is_told_once_it_is_planned_and_holds_when_planned_again() -> None:
    firm = office().receives(DROPPED)
    assert shifts(firm) == []
    firm.receives(shift("2026-01-06T20:00", "2026-01-07T06:00"))
    assert [f.holds for _, f, _ in shifts(firm)] == [False], "of one instant, the cancellation counts"
    firm.at("2026-01-05T08:01").receives(shift("2026-01-06T20:00", "2026-01-07T06:00"))
    assert [f.holds for _, f, _ in shifts(firm)] == [False, True]


@pytest.mark.parametrize(("again", "known"), [("2026-03-08T06:00", True), ("2026-03-08T06:01", False)])
def test_a_shift_is_remembered_for_sixty_days_after_its_end(again: str, known: bool) -> None:
    firm = office().receives(shift("2026-01-06T20:00", "2026-01-07T06:00")).at(again).receives(DROPPED)
    assert len(shifts(firm)) == (2 if known else 1)


def test_a_shift_that_ends_as_it_begins_cannot_be_until_it_is_cancelled() -> None:
    firm = office().receives(shift("2026-01-06T20:00", "2026-01-06T20:00"))
    assert firm.one("hr.record_inconsistent").summary == "Employee E-7: shift S-1 ends before it begins"
    assert firm.at("2026-01-05T09:00").receives(DROPPED).firing() == set()
    assert office().receives(shift("2026-01-06T20:00", "2026-01-06T20:01")).firing() == set()

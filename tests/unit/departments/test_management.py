"""Management's other rules: training, reviews, goals, expectations, consultations and declarations of expenses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from processors.departments.management import department
from schemas.envelope import Event
from schemas.management import (
    ConsultationAnswered,
    ConsultationRequested,
    ConsultationWithdrawn,
    DeclarationApproved,
    DeclarationPaid,
    DeclarationRejected,
    DeclarationSaved,
    DeclarationSubmitted,
    ExpectationStated,
    ExpectationWithdrawn,
    FindingReviewed,
    GoalDropped,
    GoalProgressed,
    GoalSet,
    MeasureReported,
    ReviewDue,
    ReviewHeld,
    TrainingAssigned,
    TrainingCompleted,
    TrainingExpired,
)
from schemas.money import Money
from tests.office import Office

Said = tuple[str, Event]


def office(**told: Any) -> Office:
    """Management alone, from Monday, 5 January 2026 at 8:00; working hours 9 to 17, UTC."""
    return Office(partitions=1, processors=[department], settings={"management": told} if told else None)


def day(text: str) -> date:
    return date.fromisoformat(text)


def reviewed(subject: str, rule: str, outcome: str = "waived", until: str | None = None, **identity: str) -> Said:
    told = {"rule": rule, "identity": identity, "by": "E-1", "outcome": outcome, "until": until}
    return subject, FindingReviewed.model_validate(told)


# Training.

LAPSED = "management.training_lapsed"


def e7(event: Event) -> Said:
    return "person/E-7", event


def assigned(due: str | None = "2026-01-30", required: bool = True) -> Said:
    return e7(TrainingAssigned(training="fire", due_on=day(due) if due else None, required=required))


def trained(on: str = "2026-01-20", until: str | None = None) -> Said:
    return e7(TrainingCompleted(training="fire", completed_on=day(on), valid_until=day(until) if until else None))


def test_a_training_lapses_when_its_day_is_over() -> None:
    firm = office().receives(assigned())
    assert firm.passes("2026-01-31T00:00").firing() == set()
    found = firm.passes("2026-01-31T00:01").one(LAPSED)
    assert (found.severity, found.identity) == ("error", {"training": "fire"})
    assert found.summary == "Training fire of person E-7 was to be completed by 2026-01-30"


TRAINED = {
    "completed": trained(),
    "moved": assigned("2026-12-31"),
    "not required": assigned(required=False),
    "reviewed": reviewed("person/E-7", LAPSED, training="fire"),
}


@pytest.mark.parametrize("cure", TRAINED.values(), ids=TRAINED)
def test_what_ends_a_lapsed_training(cure: Said) -> None:
    firm = office().receives(assigned()).at("2026-02-02")
    assert firm.firing() == {LAPSED}
    assert firm.receives(cure).firing() == set()


def test_a_completed_training_expires_and_is_renewed() -> None:
    firm = office().receives(assigned(), trained(until="2026-06-30"))
    assert firm.passes("2026-07-01T00:00").firing() == set()
    assert "has expired on 2026-06-30" in firm.passes("2026-07-01T00:01").one(LAPSED).summary
    assert firm.receives(trained("2026-07-02", "2027-06-30")).firing() == set()


def test_a_training_said_to_have_expired_has_whatever_was_said_of_its_validity() -> None:
    expired = e7(TrainingExpired(training="fire", expired_on=day("2026-03-31")))
    firm = office().receives(assigned(), trained(), expired)
    assert firm.at("2026-04-01T00:01").firing() == {LAPSED}
    assert firm.receives(trained("2026-04-02")).firing() == set()


def test_a_completion_may_be_told_before_the_training_is_required_and_an_old_one_after_a_new_one() -> None:
    firm = office().receives(trained("2026-01-04"), assigned(), trained("2020-01-01", "2021-01-01"))
    assert firm.at("2027-01-01").firing() == set()


def test_a_training_that_has_lapsed_stays_so_whatever_old_certificate_turns_up() -> None:
    firm = office().receives(assigned()).at("2026-02-02").receives(trained("2020-01-01", "2021-01-01"))
    assert firm.one(LAPSED).summary == "Training fire of person E-7 has expired on 2021-01-01"


def test_a_training_that_is_put_off_at_the_moment_it_was_required_is_put_off() -> None:
    firm = office().receives(assigned(), assigned("2026-06-30"), assigned("2026-03-01")).at("2026-02-02")
    assert firm.firing() == set()
    assert firm.at("2026-03-02T00:01").firing() == {LAPSED}
    assert firm.receives(assigned("2027-01-01"), time="2026-01-01").firing() == {LAPSED}, "an older word on it"


def test_a_review_of_a_training_that_nobody_heard_of_changes_nothing() -> None:
    firm = office().receives(reviewed("person/E-7", LAPSED, "confirmed", training="fire"))
    assert (firm.signals(), firm.dead_letters) == ([], [])


def test_a_training_that_nobody_requires_may_expire() -> None:
    assert office().receives(trained(until="2026-01-31")).at("2027-01-01").firing() == set()


# Reviews of employees.

REVIEW = "management.review_overdue"


def appraisal(due: str) -> Said:
    return e7(ReviewDue(review="2026", due_on=day(due)))


HELD = e7(ReviewHeld(review="2026"))


def test_a_review_is_overdue_when_its_day_is_over() -> None:
    firm = office().receives(appraisal("2026-01-30"))
    assert firm.passes("2026-01-31T00:00").firing() == set()
    assert firm.passes("2026-01-31T00:01").one(REVIEW).severity == "info"


@pytest.mark.parametrize("end", [HELD, appraisal("2026-06-30"), reviewed("person/E-7", REVIEW, review="2026")])
def test_what_ends_an_overdue_review(end: Said) -> None:
    firm = office().receives(appraisal("2026-01-30")).at("2026-02-02").receives(end)
    assert firm.firing() == set()


def test_a_review_held_before_it_was_due_is_held_and_an_older_date_that_comes_late_is_not_the_date() -> None:
    assert office().receives(HELD, appraisal("2026-01-30")).at("2026-03-01").firing() == set()
    firm = office().at("2026-01-06").receives(appraisal("2026-06-30"))
    assert firm.receives(appraisal("2026-01-30"), time="2026-01-01").at("2026-03-01").firing() == set()


# Goals.

OFF_TRACK = "management.goal_off_track"


def g1(event: Event) -> Said:
    return "goal/G-1", event


def goal(starts: str = "2026-01-06", due: str = "2026-04-15", baseline: int = 0) -> Said:
    """By default a hundred days, a point a day."""
    return g1(GoalSet(starts_on=day(starts), due_on=day(due), baseline_percent=Decimal(baseline)))


def progress(percent: int) -> Said:
    return g1(GoalProgressed(percent=Decimal(percent)))


def test_a_goal_fifteen_points_behind_its_line_is_off_track() -> None:
    firm = office().receives(goal())
    assert firm.passes("2026-01-21T00:00").firing() == set()
    assert firm.passes("2026-01-21T00:01").one(OFF_TRACK).severity == "warning"
    assert firm.receives(progress(1)).firing() == set()
    assert firm.passes("2026-01-22T00:00").firing() == set()
    assert firm.passes("2026-01-22T00:01").firing() == {OFF_TRACK}


def test_the_line_begins_at_the_baseline() -> None:
    firm = office().receives(goal(baseline=50))
    assert firm.passes("2026-02-05T00:00").firing() == set(), "15 of 50 points take 30 days"
    assert firm.passes("2026-02-05T00:01").firing() == {OFF_TRACK}


def test_a_goal_that_is_not_reached_at_its_date_is_off_track_however_close() -> None:
    firm = office().receives(goal(), progress(99))
    assert firm.passes("2026-04-16T00:00").firing() == set()
    assert firm.passes("2026-04-16T00:01").firing() == {OFF_TRACK}
    assert firm.receives(progress(100)).firing() == set()


@pytest.mark.parametrize(
    "end", [goal(due="2027-04-15"), g1(GoalDropped()), progress(100), reviewed("goal/G-1", OFF_TRACK)]
)
def test_what_ends_a_goal_that_is_off_track(end: Said) -> None:
    firm = office().receives(goal()).at("2026-01-22")
    assert firm.firing() == {OFF_TRACK}
    assert firm.receives(end).firing() == set()


def test_an_older_progress_that_comes_late_is_not_the_latest() -> None:
    firm = office().at("2026-01-20").receives(goal(), progress(50))
    assert firm.receives(progress(1), time="2026-01-10").at("2026-02-20").firing() == set()


def test_a_goal_whose_end_is_before_its_beginning_is_judged_at_its_end() -> None:
    assert office().receives(goal("2026-04-15", "2026-01-06")).at("2026-01-07T00:01").firing() == {OFF_TRACK}


# What others expect.

UNMET = "management.expectation_unmet"


def m1(event: Event) -> Said:
    return "measure/answered", event


def expected(target: int = 95, due: str = "2026-01-30", direction: str = "at_least") -> Said:
    told = {"expectation": "X", "stated_by": "executive", "target": target, "due_on": due, "direction": direction}
    return m1(ExpectationStated.model_validate(told))


def value(number: str) -> Said:
    return m1(MeasureReported(value=Decimal(number)))


@pytest.mark.parametrize(
    ("direction", "number", "fires"),
    [("at_least", "94.99", True), ("at_least", "95", False), ("at_most", "95", False), ("at_most", "95.01", True)],
)
def test_an_expectation_is_met_at_its_date_or_not(direction: str, number: str, fires: bool) -> None:
    firm = office().receives(expected(direction=direction), value(number))
    assert firm.passes("2026-01-31T00:00").firing() == set()
    firm.passes("2026-01-31T00:01")
    assert firm.firing() == ({UNMET} if fires else set())


def test_where_no_value_came_since_it_was_stated_it_is_unmet() -> None:
    firm = office().receives(value("99")).at("2026-01-06").receives(expected()).at("2026-02-02")
    assert "no value came" in firm.one(UNMET).summary
    assert firm.one(UNMET).identity == {"expectation": "X"}


@pytest.mark.parametrize(
    "end",
    [
        value("95"),
        expected(due="2026-06-30"),
        m1(ExpectationWithdrawn(expectation="X")),
        reviewed("measure/answered", UNMET, expectation="X"),
    ],
)
def test_what_ends_an_unmet_expectation(end: Said) -> None:
    firm = office().receives(expected(), value("90")).at("2026-02-02")
    assert firm.firing() == {UNMET}
    assert firm.receives(end).firing() == set()


def test_a_restated_target_is_the_one_that_counts() -> None:
    firm = office().receives(expected(), value("90")).at("2026-02-02").receives(expected(target=90))
    assert firm.firing() == set()
    assert firm.receives(expected(target=99), time="2026-01-01").firing() == set(), "an older one that comes late"


def test_what_was_withdrawn_before_it_was_stated_nobody_expects() -> None:
    withdrawn = m1(ExpectationWithdrawn(expectation="X"))
    firm = office().at("2026-01-06").receives(withdrawn).receives(expected(), time="2026-01-05").at("2026-02-02")
    assert firm.firing() == set()
    assert firm.receives(expected()).firing() == {UNMET}


def test_a_corrected_value_counts_and_an_older_one_does_not() -> None:
    firm = office().at("2026-01-20").receives(expected(), value("99")).at("2026-02-02")
    assert firm.firing() == set()
    firm.receives(m1(MeasureReported.model_validate({"value": "10", "as_of": "2026-01-02T00:00:00Z"})))
    assert firm.firing() == set()
    firm.receives(m1(MeasureReported.model_validate({"value": "10", "as_of": "2026-01-20T00:00:00Z"})))
    assert firm.firing() == {UNMET}


# Consultations.

UNANSWERED = "management.consultation_unanswered"


def q1(event: Event) -> Said:
    return "consultation/Q-1", event


def asked(by: str = "front_office") -> Said:
    return q1(ConsultationRequested.model_validate({"asked_by": by}))


ANSWERED = q1(ConsultationAnswered())


@pytest.mark.parametrize("by", ["front_office", "executive"])
def test_a_question_is_answered_within_two_business_days(by: str) -> None:
    firm = office().at("2026-01-08T10:00").receives(asked(by))
    assert firm.passes("2026-01-12T17:00").firing() == set(), "over a weekend"
    assert firm.passes("2026-01-12T17:00:01").one(UNANSWERED).labels == {"asked_by": by}


def test_an_employees_question_is_watched_where_that_is_wanted() -> None:
    assert office().receives(asked("employee")).at("2026-02-01").firing() == set()
    firm = office(consultations_watched=["employee"]).receives(asked("employee")).at("2026-02-01")
    assert firm.firing() == {UNANSWERED}


@pytest.mark.parametrize("end", [ANSWERED, q1(ConsultationWithdrawn()), reviewed("consultation/Q-1", UNANSWERED)])
def test_what_ends_an_unanswered_question(end: Said) -> None:
    assert office().receives(asked()).at("2026-01-09").receives(end).firing() == set()


def test_an_answer_may_be_told_before_the_question() -> None:
    firm = office().at("2026-01-06T10:00").receives(ANSWERED)
    assert firm.receives(asked(), time="2026-01-05T10:00").at("2026-02-01").firing() == set()


def test_a_question_asked_again_is_open_again_and_one_that_is_repeated_stays_open_since_the_first_time() -> None:
    firm = office().receives(asked(), ANSWERED).at("2026-01-12T10:00").receives(asked())
    firm.at("2026-01-13T10:00").receives(asked())
    assert firm.at("2026-01-14T17:00").firing() == set()
    assert firm.at("2026-01-14T17:01").firing() == {UNANSWERED}


# Declarations of expenses.

LATE, UNAPPROVED, AGAIN, AMOUNT = (
    f"management.declaration_{name}" for name in ("late", "paid_unapproved", "resubmitted", "amount")
)


def d1(event: Event) -> Said:
    return "declaration/D-1", event


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount))


SUBMITTED = d1(DeclarationSubmitted(amount=euros("120")))
REJECTED = d1(DeclarationRejected(by="SUPERVISOR"))
APPROVED = d1(DeclarationApproved(by="SUPERVISOR", final=True))
PAID = d1(DeclarationPaid())


def test_a_declaration_is_paid_within_fourteen_days() -> None:
    firm = office().receives(SUBMITTED, APPROVED)
    assert firm.passes("2026-01-19T08:00").firing() == set()
    assert firm.passes("2026-01-19T08:00:01").one(LATE).severity == "warning"
    assert firm.passes("2026-02-04T08:00").one(LATE).severity == "warning"
    assert firm.passes("2026-02-04T08:00:01").one(LATE).severity == "error"
    assert firm.passes("2026-03-06T08:00:01").one(LATE).severity == "critical"
    assert firm.receives(PAID).firing() == set()


def test_while_it_is_sent_back_nobody_owes_it_and_its_first_day_still_counts() -> None:
    firm = office().receives(SUBMITTED).at("2026-01-06").receives(REJECTED).at("2026-01-25")
    assert firm.firing() == set()
    assert firm.receives(SUBMITTED).firing() == {AGAIN, LATE}
    assert firm.at("2026-01-26").receives(REJECTED).firing() == {AGAIN}


@pytest.mark.parametrize(
    ("paid", "severity"),
    [
        ("2026-01-19T08:00", None),
        ("2026-01-19T08:00:01", "warning"),
        ("2026-02-04T08:00", "warning"),
        ("2026-02-04T08:00:01", "error"),
        ("2026-03-06T08:00:01", "critical"),
    ],
)
def test_where_only_payments_are_judged_a_late_one_says_how_late(paid: str, severity: str | None) -> None:
    firm = office(payment_clock="at_payment").receives(SUBMITTED, APPROVED).at(paid)
    assert firm.firing() == set()
    found = [c.severity for c in firm.receives(PAID).conditions().values()]
    assert found == ([severity] if severity else [])


def test_a_submission_told_after_the_payment_counts_from_its_own_time() -> None:
    firm = office(payment_clock="at_payment").at("2026-02-02").receives(APPROVED, PAID)
    assert firm.receives(SUBMITTED, time="2026-01-05").firing() == {LATE}


def test_a_declaration_is_paid_only_when_it_is_finally_approved() -> None:
    firm = office().receives(SUBMITTED, d1(DeclarationApproved(by="ADMINISTRATION")), PAID)
    assert firm.one(UNAPPROVED).severity == "critical"
    assert firm.receives(APPROVED).firing() == set()
    assert office().receives(SUBMITTED, APPROVED, PAID).signals(UNAPPROVED) == []
    settled = reviewed("declaration/D-1", UNAPPROVED, "justified")
    assert office().receives(SUBMITTED, PAID, settled, PAID).firing() == set()


def test_a_declaration_handed_in_again_is_said_until_it_is_paid() -> None:
    firm = office().receives(SUBMITTED).receives(REJECTED).at("2026-01-06").receives(SUBMITTED)
    assert firm.one(AGAIN).severity == "info"
    assert firm.receives(APPROVED, PAID).firing() == set()


@pytest.mark.parametrize(("amount", "fires"), [("0.01", False), ("0", True), ("-5", True)])
def test_an_amount_is_more_than_nothing(amount: str, fires: bool) -> None:
    firm = office().receives(d1(DeclarationSaved(amount=euros(amount))))
    assert firm.firing() == ({AMOUNT} if fires else set())
    assert firm.receives(d1(DeclarationSaved(amount=euros("5")))).firing() == set()

"""Audits at the edges: what alerts say, what a new plan keeps, and deadlines that need a service."""

from typing import Any

import pytest

from schemas.accounting import (
    AuditFindingClosed,
    AuditFindingRecorded,
    AuditPlanned,
    AuditStep,
    AuditStepCompleted,
    DeadlineCredited,
)
from schemas.envelope import Event
from schemas.facts import DeadlineDepends
from tests.office import Office, instant
from tests.unit.departments.telling_accounting import Said, day, fired, office, why_resolved

STEP_OVERDUE, OUT_OF_ORDER = "accounting.audit_step_overdue", "accounting.audit_out_of_order"
FINDING_OPEN = "accounting.audit_finding_open"


def audit(event: Event) -> Said:
    return "audit/A-1", event


def step(name: str, due: str = "2026-01-07", *needs: str, service: str | None = None) -> AuditStep:
    return AuditStep(step=name, due_on=day(due), needs=needs, needs_service=service)


def plan(*steps: AuditStep) -> Said:
    return audit(AuditPlanned(steps=steps))


def done(name: str) -> Said:
    return audit(AuditStepCompleted(step=name))


def finding(due: str = "2026-01-09") -> Said:
    return audit(AuditFindingRecorded(finding="F-1", due_on=day(due)))


CLOSED = audit(AuditFindingClosed(finding="F-1"))


def deadlines(firm: Office) -> dict[str, Any]:
    return dict(firm.state("audit/A-1").deadlines)


# Steps


def test_an_overdue_step_says_by_when_it_was_to_be_done() -> None:
    alert = office().receives(plan(step("count"))).at("2026-01-07T17:00:01").one(STEP_OVERDUE)
    assert (alert.due, alert.labels, len(alert.evidence)) == (instant("2026-01-07T17:00"), {"step": "count"}, 1)
    assert alert.summary == "Audit A-1: count was to be done by 2026-01-07"


@pytest.mark.parametrize(
    ("cure", "says"), [(done("count"), "it is done"), (plan(step("count", "2026-01-20")), "it was planned anew")]
)
def test_an_overdue_step_ends_as_it_does(cure: Said, says: str) -> None:
    firm = office().receives(plan(step("count"))).at("2026-01-08").receives(cure)
    assert why_resolved(firm, STEP_OVERDUE) == [says]


def test_a_new_plan_whose_date_is_over_too_ends_nothing() -> None:
    firm = office().receives(plan(step("count"))).at("2026-01-10").receives(plan(step("count", "2026-01-08")))
    assert firm.at("2026-01-10T00:01").one(STEP_OVERDUE).summary.endswith("by 2026-01-08")
    assert why_resolved(firm, STEP_OVERDUE) == []


def test_a_new_plan_keeps_what_is_done_and_forgets_what_is_not() -> None:
    firm = office().receives(plan(step("a"), step("b"), step("c")), done("a"), plan(step("c", "2026-01-09")))
    steps = firm.state("audit/A-1").steps
    assert {name: each.due_on for name, each in steps.items()} == {"a": None, "c": day("2026-01-09")}
    assert deadlines(firm) == {"step/c": instant("2026-01-09T17:00")}
    firm.receives(plan(step("a", "2026-01-06"), step("c", "2026-01-09")))
    assert firm.at("2026-01-08").firing() == set(), "it was done before"


def test_a_step_counts_from_when_it_was_first_done() -> None:
    firm = office().at("2026-01-06").receives(plan(step("a")), done("a")).receives(done("a"), time="2026-01-05")
    firm.at("2026-01-07").receives(done("a"))
    assert firm.state("audit/A-1").steps["a"].done_at == instant("2026-01-05")


def test_a_step_out_of_order_names_what_is_missing_until_it_is_done() -> None:
    firm = office().receives(plan(step("a"), step("b"), step("c", "2026-01-08", "a", "b", "z")), done("c"))
    alert = firm.one(OUT_OF_ORDER)
    assert (alert.labels, len(alert.evidence)) == ({"step": "c"}, 2)
    assert alert.summary == "Audit A-1: c was done before a, b, z"
    firm.receives(done("a"), done("z"))
    assert firm.one(OUT_OF_ORDER).summary == "Audit A-1: c was done before b"
    assert why_resolved(firm.receives(done("b")), OUT_OF_ORDER) == ["what it needs is done"]


def test_of_two_words_that_a_step_was_done_at_one_instant_the_first_is_named() -> None:
    firm = office().receives(done("b"), id="first").receives(done("b"), id="second")
    firm.receives(plan(step("a"), step("b", "2026-01-08", "a")), id="plan")
    assert {record.id for record in firm.one(OUT_OF_ORDER).evidence} == {"plan", "first"}


def test_a_plan_by_which_it_needs_nothing_ends_it_and_one_by_which_it_does_begins_it() -> None:
    needy, free = plan(step("a"), step("b", "2026-01-08", "a")), plan(step("a"), step("b", "2026-01-08"))
    firm = office().receives(needy, done("b"), free)
    assert firm.firing() == set()
    assert firm.receives(needy).firing() == {OUT_OF_ORDER}


# Steps that need a service


def credit(since: str, until: str | None, revision: int = 1, name: str = "step/count") -> Said:
    told = {"deadline": name, "service": "erp", "outage": "O-1", "since": instant(since), "revision": revision}
    return audit(DeadlineCredited.model_validate({**told, "until": instant(until) if until else None}))


def test_an_outage_of_the_service_it_needs_gives_a_step_the_time_that_it_took() -> None:
    firm = office().receives(plan(step("count", service="erp"))).at("2026-01-07T12:00")
    firm.receives(credit("2026-01-07T10:00", "2026-01-07T11:30"))
    assert firm.at("2026-01-08T10:30").firing() == set()
    assert firm.at("2026-01-08T10:30:01").one(STEP_OVERDUE).due == instant("2026-01-08T10:30")


def test_an_outage_that_is_told_after_the_deadline_ends_its_alert_and_no_other() -> None:
    firm = office().receives(plan(step("count", service="erp"), step("check"))).at("2026-01-08T09:00")
    assert {alert.identity["step"] for alert in fired(firm, STEP_OVERDUE)} == {"count", "check"}
    firm.receives(credit("2026-01-07T10:00", None))
    assert firm.one(STEP_OVERDUE).identity == {"step": "check"}


def test_the_service_hears_which_deadlines_need_it_and_no_longer_do() -> None:
    firm = office().receives(plan(step("count", service="erp")), id="plan").receives(done("count"), id="done")
    facts: list[Any] = firm.said(DeadlineDepends)
    about: dict[str, Any] = {
        "department": "accounting",
        "subject": "audit/A-1",
        "name": "step/count",
        "since": instant("2026-01-05T08:00"),
    }
    assert [(f.about.subject, f.model_copy(update={"record": None}), f.record.id) for f in facts] == [
        ("service/erp", DeadlineDepends(**about, revision=1), "plan"),
        ("service/erp", DeadlineDepends(**about, withdrawn=True, revision=2), "done"),
    ]


# Findings


def test_an_open_finding_says_by_when_it_was_to_be_closed() -> None:
    alert = office().receives(finding()).at("2026-01-09T17:00:01").one(FINDING_OPEN)
    assert (alert.due, alert.labels, len(alert.evidence)) == (instant("2026-01-09T17:00"), {"finding": "F-1"}, 1)
    assert alert.summary == "Audit A-1: finding F-1 was to be closed by 2026-01-09"


def test_a_finding_has_a_later_date_or_is_closed() -> None:
    firm = office().receives(finding(), finding("2026-01-12"))
    assert firm.at("2026-01-12T17:00").firing() == set()
    assert firm.at("2026-01-12T17:00:01").firing() == {FINDING_OPEN}
    assert why_resolved(firm.receives(CLOSED), FINDING_OPEN) == ["it was closed"]
    assert deadlines(office().receives(finding(), CLOSED)) == {}
    assert deadlines(office().receives(CLOSED, finding())) == {}

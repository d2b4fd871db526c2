"""Lapsed training: management tells of it, and who lacks one that is required may not approve."""

from datetime import date
from decimal import Decimal

import pytest

from processors.correlation import correlation
from processors.departments.accounting import department as accounting
from processors.departments.management import department as management
from schemas.accounting import InvoiceApproved, InvoiceReceived
from schemas.envelope import Event
from schemas.facts import TrainingState
from schemas.management import FindingReviewed, TrainingAssigned, TrainingCompleted, TrainingExpired
from schemas.money import Money
from tests.office import Office

INELIGIBLE, LAPSED = "accounting.approver_ineligible", "management.training_lapsed"

Said = tuple[str, Event]


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def e7(event: Event) -> Said:
    return "person/E-7", event


def assigned(due: str | None = "2026-01-09", required: bool = True) -> Said:
    return e7(TrainingAssigned(training="four-eyes", due_on=day(due), required=required))


def trained(on: str, until: str | None = None) -> Said:
    completed = {"training": "four-eyes", "completed_on": on, "valid_until": until}
    return e7(TrainingCompleted.model_validate(completed))


def expired(on: str) -> Said:
    return e7(TrainingExpired.model_validate({"training": "four-eyes", "expired_on": on}))


def received(invoice: str = "RE-1") -> Said:
    told = InvoiceReceived(
        invoice=invoice,
        number=invoice,
        amount=Money(amount=Decimal(100)),
        issued_on=date(2026, 1, 5),
        due_on=date(2026, 12, 31),
    )
    return "vendor/acme", told


def approves(invoice: str = "RE-1") -> Said:
    return "vendor/acme", InvoiceApproved(invoice=invoice, approver="E-7")


def told(office: Office) -> list[tuple[str, str | None, bool]]:
    """Each span as it was told: its beginning, its end, and whether the training held after all."""
    facts = [f for f in office.said(TrainingState) if isinstance(f, TrainingState)]
    return [(f"{f.since:%Y-%m-%dT%H:%M}", f"{f.until:%Y-%m-%dT%H:%M}" if f.until else None, f.holds) for f in facts]


def managed(*said: Said) -> Office:
    return Office(processors=[management, accounting, correlation]).receives(*said)


def test_an_approver_whose_required_training_has_lapsed_over_the_whole_office() -> None:
    office = Office().receives(assigned(), received("RE-1"), received("RE-2"))
    office.at("2026-01-09T23:59:59").receives(approves("RE-1"))
    assert INELIGIBLE not in office.at("2026-01-10T00:00").firing()
    office.at("2026-01-10T00:00:01").receives(approves("RE-2"))
    found = office.one(INELIGIBLE)
    assert found.identity == {"invoice": "RE-2"}
    assert "E-7, who lacked required training (four-eyes)" in found.summary
    assert {record.topic for record in found.evidence} == {"events.accounting", "events.management"}
    assert INELIGIBLE in {alert.rule for alert in office.alerts().values()}


def test_a_training_that_was_completed_in_time_and_expired_since() -> None:
    office = managed(assigned(), trained("2026-01-08", until="2026-01-30"), received())
    assert told(office.at("2026-01-31T00:00")) == []
    office.at("2026-02-02").receives(approves())
    assert office.firing() == {LAPSED, INELIGIBLE}
    assert told(office) == [("2026-01-31T00:00", None, False)]
    office.at("2026-02-03").receives(trained("2026-02-03", until="2028-02-28"))
    assert office.firing() == {INELIGIBLE}  # it was lacking then
    assert told(office)[1:] == [("2026-01-31T00:00", "2026-02-03T00:00", False)]
    assert office.receives(approves()).firing() == set()
    assert told(office.at("2028-03-01"))[2:] == [("2028-02-29T00:00", None, False)]


CORRECTIONS = {
    "completed in time": trained("2026-01-09"),
    "completed on the next day": trained("2026-01-10"),
    "date has moved": assigned("2026-03-31"),
}


@pytest.mark.parametrize("correction", CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_lapse_that_was_none_as_it_turns_out(correction: Said) -> None:
    office = managed(assigned(), received()).at("2026-01-12").receives(approves())
    assert office.firing() == {LAPSED, INELIGIBLE}
    assert office.receives(correction).firing() == set()
    assert told(office) == [("2026-01-10T00:00", None, False), ("2026-01-10T00:00", None, True)]


def test_one_that_is_required_no_more_was_lacking_until_then() -> None:
    office = managed(assigned(), received()).at("2026-01-12T10:00").receives(approves())
    office.at("2026-01-14T09:00").receives(assigned(required=False))
    assert office.firing() == {INELIGIBLE}
    assert told(office)[1:] == [("2026-01-10T00:00", "2026-01-14T09:00", False)]
    assert office.receives(approves()).firing() == set()


def test_a_date_that_was_earlier_than_told_and_an_expiry_told_late() -> None:
    office = managed(assigned()).at("2026-01-12").receives(assigned("2026-01-07"))
    first, again = ("2026-01-10T00:00", None, False), ("2026-01-10T00:00", None, True)
    assert told(office) == [first, again, ("2026-01-08T00:00", None, False)]
    office = managed(assigned(), trained("2026-01-06")).at("2026-01-20").receives(expired("2026-01-14"))
    assert told(office) == [("2026-01-15T00:00", None, False)]


def test_what_was_settled_as_a_finding_is_lacking_all_the_same() -> None:
    review = FindingReviewed(rule=LAPSED, identity={"training": "four-eyes"}, by="boss", outcome="waived")
    office = managed(assigned(), received()).at("2026-01-12").receives(e7(review), approves())
    assert office.firing() == {INELIGIBLE}


@pytest.mark.parametrize("said", [assigned(None), assigned(required=False), trained("2026-01-05", "2026-01-06")])
def test_what_nobody_requires_by_a_date_is_not_told(said: Said) -> None:
    assert told(managed(said).at("2026-12-31")) == []


def test_the_same_lapse_is_told_once_and_again_when_it_begins_anew() -> None:
    office = managed(assigned()).at("2026-01-12").receives(assigned(), trained("2025-01-01", "2025-12-31"))
    assert told(office)[:1] == [("2026-01-10T00:00", None, False)]
    revisions = [f.revision for f in office.said(TrainingState) if isinstance(f, TrainingState)]
    assert revisions == [1, 2, 3]  # it never lapsed on the 10th: it had expired before
    assert told(office)[1:] == [("2026-01-10T00:00", None, True), ("2026-01-01T00:00", None, False)]

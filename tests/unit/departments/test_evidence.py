"""What an alert names: the records without which it would not be, or would say something else, and no others."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.registry import departments
from schemas import accounting, finance, front_office, health, hr, it, management, manufacturing
from schemas.envelope import Event
from schemas.money import Money
from tests.office import Office, instant

DAY = date(2026, 1, 5)
"""A Monday, on which these stories begin."""


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount))


ONE_FRANC = Money(amount=Decimal(1), currency="CHF")


def at(clock: str) -> Any:
    """`09:30` of that day, or `13T09:30` of a later one of that month."""
    day, _, hour = clock.rpartition("T")
    return instant(f"2026-01-{day or '05'}T{hour}")


@dataclass(frozen=True)
class Story:
    """What is said when, by the ids of the records; and which of them the alert of this rule names, in its order."""

    rule: str
    subject: str
    said: list[tuple[str, str, Event]]
    names: list[str]
    until: str = "09:59"
    settings: dict[str, Any] = field(default_factory=dict)


IT = [
    Story(
        "it.outage",
        "service/vpn",
        [
            ("09:00", "declared", it.ServiceDeclared(category="network")),
            ("09:01", "slow", it.OutageDetected(outage="O-1", since=at("09:00"), impact="degraded")),
            ("09:02", "down", it.OutageUpdated(outage="O-1", impact="complete")),
            ("09:03", "other", it.OutageDetected(outage="O-2", since=at("09:03"), impact="partial")),
        ],
        ["declared", "slow", "down"],
    ),
    Story(
        "it.flapping",
        "service/vpn",
        [
            ("09:00", "first", it.OutageDetected(outage="O-1", since=at("09:00"))),
            ("09:10", "over", it.OutageResolved(outage="O-1", until=at("09:10"))),
            ("09:20", "again", it.OutageDetected(outage="O-1", since=at("09:20"))),
            ("09:25", "over again", it.OutageResolved(outage="O-1", until=at("09:25"))),
            ("09:30", "third", it.OutageDetected(outage="O-3", since=at("09:30"))),
        ],
        ["first", "over", "again", "third"],
        settings={"flapping_outages": 3},
    ),
    Story(
        "it.capacity",
        "service/disk",
        [
            ("09:00", "fine", it.CapacityMeasured(resource="data", used_percent=Decimal(50))),
            ("09:10", "full", it.CapacityMeasured(resource="data", used_percent=Decimal(90))),
            ("09:20", "still", it.CapacityMeasured(resource="data", used_percent=Decimal(91))),
        ],
        ["full"],
    ),
    Story(
        "it.telecom_quality",
        "service/line",
        [
            ("09:00", "declared", it.ServiceDeclared(category="telecom", max_jitter_ms=Decimal(30))),
            ("09:10", "bad", it.QualityMeasured(measure="jitter", value=Decimal(40))),
            ("09:20", "worse", it.QualityMeasured(measure="jitter", value=Decimal(50))),
        ],
        ["declared", "bad"],
    ),
    Story(
        "it.heartbeat_missed",
        "device/d-1",
        [
            ("09:00", "declared", it.DeviceDeclared(heartbeat_seconds=60, service="vpn")),
            ("09:01", "earlier", it.HeartbeatReceived()),
            ("09:02", "heard", it.HeartbeatReceived()),
        ],
        ["declared", "heard"],
    ),
    Story(
        "it.change_overrun",
        "change/c-1",
        [
            ("09:00", "first plan", it.ChangeScheduled(service="vpn", starts_at=at("09:10"), ends_at=at("09:20"))),
            ("09:05", "plan", it.ChangeScheduled(service="vpn", starts_at=at("09:15"), ends_at=at("09:30"))),
            ("09:15", "began", it.ChangeStarted()),
        ],
        ["plan", "began"],
    ),
    Story(
        "it.major_incident",
        "incident/i-1",
        [
            ("09:00", "opened", it.IncidentOpened(opened_at=at("09:00"), priority=3, category="Network")),
            ("09:01", "to nobody", it.IncidentAwaiting(awaiting="Vendor")),
            (
                "09:02",
                "raised",
                it.IncidentUpdated(state="Active", priority=1, opened_at=at("09:00"), updated_at=at("09:02")),
            ),
        ],
        ["opened", "raised"],
    ),
    Story(
        "it.incident_bouncing",
        "incident/i-1",
        [
            ("09:00", "opened", it.IncidentOpened(opened_at=at("09:00"), priority=3)),
            ("09:01", "to A", it.IncidentAssigned(group="G", to="A")),
            ("09:02", "to A again", it.IncidentAssigned(group="G", to="A")),
            ("09:03", "to B", it.IncidentAssigned(group="G", to="B")),
            ("09:04", "to C", it.IncidentAssigned(group="G", to="C")),
        ],
        ["opened", "to A", "to B", "to C"],
        settings={"bouncing_reassignments": 1},
    ),
    Story(
        "it.sla_restore",
        "incident/i-1",
        [
            ("08:00", "opened", it.IncidentOpened(opened_at=at("08:00"), priority=1)),
            ("08:10", "awaits", it.IncidentAwaiting(awaiting="User Info")),
            ("08:20", "still awaits", it.IncidentAwaiting(awaiting="Vendor")),
            ("08:30", "goes on", it.IncidentResumed()),
        ],
        ["opened", "awaits", "goes on"],
        until="12:21",
    ),
]

FRONT_OFFICE = [
    Story(
        "front_office.escalated",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail", product="X")),
            ("09:10", "gave up", front_office.RepresentativeGaveUp(representative="R")),
            ("09:20", "disputed", front_office.ComplaintDisputed()),
        ],
        ["received", "gave up", "disputed"],
    ),
    Story(
        "front_office.first_response",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail")),
            ("09:10", "assigned", front_office.ComplaintAssigned(representative="R")),
            ("09:20", "of vpn", front_office.ComplaintAssigned(representative="R", service="vpn")),
        ],
        ["received", "of vpn"],
        until="12T09:00",
    ),
    Story(
        "front_office.next_response",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail")),
            ("09:10", "answered", front_office.ComplaintAnswered(by="R")),
            ("09:20", "replied", front_office.ComplaintCustomerReplied()),
            ("09:30", "replied again", front_office.ComplaintCustomerReplied()),
        ],
        ["answered", "replied"],
        until="12T09:00",
    ),
    Story(
        "front_office.next_response",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail")),
            ("09:10", "settled", front_office.ComplaintResolved()),
            ("09:20", "reopened", front_office.ComplaintReopened()),
            ("09:30", "replied", front_office.ComplaintCustomerReplied()),
        ],
        ["settled", "reopened", "replied"],
        until="12T09:00",
    ),
    Story(
        "front_office.regulator_deadline",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail")),
            (
                "09:10",
                "regulated",
                front_office.ComplaintReceived(received_at=at("09:00"), channel="mail", regulated=True),
            ),
        ],
        ["regulated"],
        until="20T09:01",
    ),
    Story(
        "front_office.regulator_deadline",
        "complaint/C-1",
        [
            ("09:00", "received", front_office.ComplaintReceived(received_at=at("09:00"), channel="mail")),
            (
                "09:10",
                "regulated, and of another day, which does not count",
                front_office.ComplaintReceived(received_at=at("06T09:00"), channel="mail", regulated=True),
            ),
        ],
        ["received", "regulated, and of another day, which does not count"],
        until="20T09:01",
    ),
]

FINANCE = [
    Story(
        "finance.currency_mismatch",
        "account/A-1",
        [
            ("09:00", "opened", finance.AccountOpened(currency="CHF")),
            (
                "09:10",
                "other",
                finance.TransactionPosted(transaction="T-0", amount=ONE_FRANC),
            ),
            ("09:20", "posted", finance.TransactionPosted(transaction="T-1", amount=eur("10"))),
        ],
        ["opened", "posted"],
    ),
    Story(
        "finance.limit_breached",
        "account/A-1",
        [
            ("09:00", "limit", finance.LimitSet(highest=eur("100"))),
            ("09:10", "first", finance.TransactionPosted(transaction="T-1", amount=eur("60"))),
            ("09:20", "second", finance.TransactionPosted(transaction="T-2", amount=eur("60"))),
        ],
        ["limit", "second"],
    ),
    Story(
        "finance.structuring",
        "account/A-1",
        [
            ("09:00", "first", finance.TransactionPosted(transaction="T-1", amount=eur("4000"), method="cash")),
            ("09:10", "small", finance.TransactionPosted(transaction="T-2", amount=eur("50"), method="cash")),
            ("09:20", "enough", finance.TransactionPosted(transaction="T-3", amount=eur("7000"), method="cash")),
        ],
        ["first", "enough"],
    ),
    Story(
        "finance.application_overdue",
        "application/P-1",
        [
            ("09:00", "submitted", finance.ApplicationSubmitted(product="car")),
            ("09:10", "declined", finance.ApplicationDecided(outcome="declined")),
            ("09:20", "reopened", finance.ApplicationReopened()),
        ],
        ["submitted", "reopened"],
        until="08T09:21",
        settings={"application_targets_days": {"*": 3}},
    ),
]

ORDERED = accounting.PurchaseOrderCreated(
    order="O-1",
    total=eur("100"),
    ordered_on=DAY,
    lines=(accounting.OrderLine(line="10", quantity=Decimal(10), value=eur("100")),),
    created_by="ines",
)


def came(receipt: str, quantity: int) -> accounting.GoodsReceived:
    lines = (accounting.ReceivedLine(line="10", quantity=Decimal(quantity)),)
    return accounting.GoodsReceived(order="O-1", receipt=receipt, lines=lines)


def invoiced(name: str, quantity: int, amount: str) -> accounting.InvoiceReceived:
    return accounting.InvoiceReceived(
        invoice=name,
        number=name,
        amount=eur(amount),
        issued_on=DAY,
        order="O-1",
        lines=(accounting.InvoiceLine(line="10", quantity=Decimal(quantity), value=eur(amount)),),
    )


ACCOUNTING = [
    Story(
        "accounting.three_way_mismatch",
        "vendor/acme",
        [
            ("09:00", "ordered", ORDERED),
            ("09:10", "came", came("R-1", 10)),
            ("09:20", "invoice", invoiced("I-1", 4, "40")),
            ("09:30", "rejected", invoiced("I-2", 6, "60")),
            ("09:31", "rejection", accounting.InvoiceRejected(invoice="I-2")),
            ("09:40", "too much", invoiced("I-3", 7, "70")),
        ],
        ["ordered", "invoice", "too much"],
    ),
    Story(
        "accounting.segregation_of_duties",
        "vendor/acme",
        [
            ("09:00", "ordered", ORDERED),
            (
                "09:10",
                "approved",
                accounting.InvoiceApproved(invoice="I-1", approver="ines", approver_limit=eur("9e3")),
            ),
            ("09:20", "of the order", invoiced("I-1", 10, "100")),
        ],
        ["ordered", "of the order", "approved"],
    ),
]

HR = [
    Story(
        "hr.record_inconsistent",
        "employee/E-1",
        [
            ("09:00", "hired", hr.EmployeeHired(role="executive", start_on=date(2025, 1, 7))),
            ("09:10", "leave", hr.LeaveStarted(leave="L-1", starts_on=date(2026, 1, 5))),
            ("09:20", "ended", hr.LeaveEnded(leave="L-1", ended_on=date(2026, 1, 2))),
        ],
        ["leave", "ended"],
    ),
    Story(
        "hr.document_missing",
        "employee/E-1",
        [
            ("09:00", "asked", hr.DocumentRequested(document="passport", due_on=date(2026, 1, 6))),
            ("09:10", "filed", hr.DocumentFiled(document="passport", file="F-1")),
            ("09:20", "rejected", hr.DocumentRejected(document="passport", file="F-1")),
        ],
        ["asked", "filed", "rejected"],
        until="10T09:00",
    ),
    Story(
        "hr.exit_concern",
        "employee/E-1",
        [
            ("09:00", "hired", hr.EmployeeHired(role="executive", start_on=date(2015, 1, 7))),
            (
                "09:10",
                "interview",
                hr.ExitInterviewed(separation="resignation", reasons=("interpersonal_conflicts",), left="2026"),
            ),
        ],
        ["interview"],
        settings={"exit_concerns": ["interpersonal_conflicts"]},
    ),
]

HEALTH = [
    Story(
        "health.return",
        "patient/P-1",
        [
            ("09:00", "came", health.PatientAdmitted()),
            ("09:10", "left", health.PatientDischarged()),
            ("09:20", "back", health.PatientAdmitted()),
        ],
        ["left", "back"],
        settings={"return_events": ["admitted"]},
    ),
    Story(
        "health.consent_breach",
        "patient/P-1",
        [
            ("09:00", "given", health.ConsentGiven(purpose="research")),
            ("09:10", "withdrawn", health.ConsentWithdrawn(purpose="research")),
            ("09:20", "read", health.RecordRetrieved(access="A-1", by="dr-x", purpose="research")),
        ],
        ["withdrawn", "read"],
    ),
    Story(
        "health.critical_result",
        "patient/P-1",
        [
            ("08:00", "told", health.ResultReceived(result="R-1", test="K", critical=True)),
            ("08:10", "corrected", health.ResultReceived(result="R-1", test="K", critical=True)),
        ],
        ["told"],
        until="09:01",
    ),
]

MANUFACTURING = [
    Story(
        "manufacturing.stalled",
        "project/P-1",
        [
            ("09:00", "started", manufacturing.WorkStarted(order="O-1")),
            ("09:10", "material", manufacturing.MaterialReceived(order="O-1", receipt="R-1", quantity=5)),
        ],
        ["started", "material"],
        until="08T09:00",
    ),
    Story(
        "manufacturing.order_late",
        "project/P-1",
        [
            ("09:00", "placed", manufacturing.OrderPlaced(order="O-1", promised_on=DAY)),
            ("09:10", "confirmed", manufacturing.OrderConfirmed(order="O-1", quantity=5)),
            ("09:20", "started", manufacturing.WorkStarted(order="O-1")),
        ],
        ["placed"],
        until="06T09:00",
    ),
]

MANAGEMENT = [
    Story(
        "management.task_overdue",
        "task/T-1",
        [
            ("09:00", "to A", management.TaskDelegated(by="M", to="A", due_at=at("10:00"))),
            ("09:10", "to B", management.TaskDelegated(by="A", to="B")),
            ("09:20", "back to A", management.TaskDelegated(by="B", to="A")),
        ],
        ["to A", "to B", "back to A"],
        until="10:01",
    ),
    Story(
        "management.task_ping_pong",
        "task/T-1",
        [
            ("09:00", "to A", management.TaskDelegated(by="M", to="A")),
            ("09:10", "to B", management.TaskDelegated(by="M", to="B")),
            ("09:20", "to C", management.TaskDelegated(by="M", to="C")),
            ("09:30", "back to A", management.TaskDelegated(by="M", to="A")),
        ],
        ["to A", "to C", "back to A"],
    ),
    Story(
        "management.training_lapsed",
        "person/P-1",
        [
            ("09:00", "required", management.TrainingAssigned(training="fire", due_on=date(2026, 1, 30))),
            ("09:10", "done", management.TrainingCompleted(training="fire", completed_on=date(2026, 1, 2))),
            ("09:20", "expired", management.TrainingExpired(training="fire", expired_on=date(2026, 1, 3))),
        ],
        ["required", "expired"],
    ),
    Story(
        "management.training_lapsed",
        "person/P-1",
        [
            ("09:00", "required", management.TrainingAssigned(training="fire", due_on=date(2026, 1, 30))),
            (
                "09:10",
                "done",
                management.TrainingCompleted(
                    training="fire", completed_on=date(2026, 1, 2), valid_until=date(2026, 1, 6)
                ),
            ),
        ],
        ["required", "done"],
        until="07T00:01",
    ),
    Story(
        "management.consultation_unanswered",
        "consultation/Q-1",
        [
            ("09:00", "asked", management.ConsultationRequested(asked_by="employee")),
            ("06T09:10", "by the front office", management.ConsultationRequested(asked_by="front_office")),
            ("06T09:20", "by it again", management.ConsultationRequested(asked_by="front_office")),
        ],
        ["asked", "by the front office"],
        until="07T17:01",
    ),
    Story(
        "management.declaration_resubmitted",
        "declaration/D-1",
        [
            ("09:00", "handed in", management.DeclarationSubmitted()),
            ("09:10", "sent back", management.DeclarationRejected(by="ADMINISTRATION")),
            ("09:20", "again", management.DeclarationSubmitted()),
        ],
        ["handed in", "again"],
    ),
]

STORIES = [*IT, *FRONT_OFFICE, *FINANCE, *ACCOUNTING, *HR, *HEALTH, *MANUFACTURING, *MANAGEMENT]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.rule)
def test_an_alert_names_what_it_rests_on(story: Story) -> None:
    name = story.rule.partition(".")[0]
    (department,) = [each for each in departments() if each.name == name]
    office = Office(processors=[department], settings={name: story.settings} if story.settings else None)
    for when, id, event in story.said:
        office.at(at(when)).receives((story.subject, event), id=id)
    office.at(at(story.until))
    assert [each.id for each in office.one(story.rule).evidence] == story.names


def test_what_will_be_full_rests_on_its_trend() -> None:
    """24 measures or so: the alert names the one that tipped it, and says the trend."""
    office = Office(processors=[each for each in departments() if each.name == "it"])
    for hour in range(25):
        measured = it.CapacityMeasured(resource="data", used_percent=Decimal(40) + hour)
        office.at(at(f"{6 + hour // 24:02}T{hour % 24:02}:00")).receives(("service/disk", measured), id=f"h{hour}")
    alert = office.one("it.capacity")
    assert (alert.severity, [each.id for each in alert.evidence]) == ("info", ["h24"])
    assert alert.annotations["measured"] == "64.0 %, and 24.0 points more a day, by 25 measures"


def test_an_unusual_amount_says_what_is_usual() -> None:
    office = Office(processors=[each for each in departments() if each.name == "finance"])
    for n in range(20):
        office.receives(("account/A-1", finance.TransactionPosted(transaction=f"T-{n}", amount=eur("50"))))
    office.receives(("account/A-1", finance.TransactionPosted(transaction="T-x", amount=eur("80.01"))), id="far")
    alert = office.one("finance.unusual_amount")
    assert [each.id for each in alert.evidence] == ["far"]
    assert alert.annotations["measured"] == "80.01, against 50.00 give or take 5.00 of 20"

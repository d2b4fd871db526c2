"""What is told again, corrected or told late: an alert names what decides it, and says what is known."""

from datetime import datetime
from decimal import Decimal

from backoffice.registry import departments
from schemas import accounting, front_office, it, manufacturing
from schemas.envelope import Event
from schemas.money import Money
from tests.office import Office

FIRST_RESPONSE = "front_office.first_response"


def office(name: str) -> Office:
    return Office(processors=[each for each in departments() if each.name == name])


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount))


def named(office: Office, rule: str) -> list[str]:
    return [each.id for each in office.one(rule).evidence]


def received(when: str, **more: str) -> front_office.ComplaintReceived:
    return front_office.ComplaintReceived.model_validate({"received_at": when, "channel": "mail", **more})


def tells(office: Office, subject: str, *said: tuple[str, Event]) -> Office:
    """Some events, each with the id of its record."""
    for id, event in said:
        office.receives((subject, event), id=id)
    return office


# Complaints


def test_an_alert_follows_the_labels_of_its_complaint() -> None:
    desk = tells(office("front_office"), "complaint/C-1", ("received", received("2026-01-05T09:00:00Z")))
    desk.at("2026-01-07T09:00")
    before = desk.one(FIRST_RESPONSE)
    of_vpn = front_office.ComplaintAssigned(representative="R", service="vpn")
    tells(desk, "complaint/C-1", ("of vpn", of_vpn))
    now = desk.one(FIRST_RESPONSE)
    assert (before.labels, now.labels) == ({}, {"service": "vpn"})
    assert (now.severity, now.starts_at) == (before.severity, before.starts_at)
    assert named(desk, FIRST_RESPONSE) == ["received", "of vpn"]


def test_a_complaint_that_is_told_after_twice_its_target_is_an_error_at_once_and_said_once() -> None:
    desk = tells(office("front_office"), "complaint/C-1", ("received", received("2025-12-01T09:00:00Z")))
    assert desk.one(FIRST_RESPONSE).severity == "error"
    assert len(desk.signals(FIRST_RESPONSE)) == 1


def test_one_that_is_told_at_the_very_instant_its_target_ends_is_not_missed_yet() -> None:
    desk = office("front_office").at("2026-01-05T17:00")
    assert tells(desk, "complaint/C-1", ("received", received("2026-01-05T09:00:00Z"))).firing() == set()
    assert desk.at("2026-01-05T17:00:01").one(FIRST_RESPONSE).severity == "warning"


def test_a_complaint_that_is_settled_twice_was_settled_by_the_first() -> None:
    resolved, withdrawn = front_office.ComplaintResolved(), front_office.ComplaintWithdrawn()
    desk = tells(office("front_office"), "complaint/C-1", ("received", received("2026-01-05T09:00:00Z")))
    desk.at("2026-01-05T10:00").receives(("complaint/C-1", resolved), id="resolved")
    desk.at("2026-01-05T11:00").receives(("complaint/C-1", withdrawn), id="withdrawn")
    desk.at("2026-01-05T12:00").receives(("complaint/C-1", front_office.ComplaintReopened()), id="reopened")
    desk.at("2026-01-13T09:00")
    assert named(desk, "front_office.resolution") == ["received", "resolved", "reopened"]


# Incidents and devices


def updated(state: str, at: datetime, category: str | None = None) -> it.IncidentUpdated:
    opened = at.replace(hour=8)
    return it.IncidentUpdated(state=state, priority=1, opened_at=opened, updated_at=at, category=category)


def test_a_wait_that_is_told_after_the_incident_was_closed_still_pauses_its_clock() -> None:
    desk = office("it").at("2026-01-05T13:00").receives(("incident/I-1", it.IncidentClosed()))
    desk.receives(("incident/I-1", updated("Awaiting User Info", datetime.fromisoformat("2026-01-05T09:00:00Z"))))
    assert desk.at("2026-02-05").ever_fired("it.sla_restore") == set(), "it ran for one hour of four"


def test_an_incidents_category_is_the_first_one_that_is_known() -> None:
    at = datetime.fromisoformat("2026-01-05T09:00:00Z")
    said = [("incident/I-1", updated("Active", at, category)) for category in (None, "Network", "Mail")]
    assert office("it").receives(*said).state("incident/I-1").category == "Network"


def test_a_device_that_was_heard_the_instant_it_was_declared_rests_on_its_declaration() -> None:
    said = [("heard", it.HeartbeatReceived()), ("declared", it.DeviceDeclared(heartbeat_seconds=60))]
    desk = tells(office("it"), "device/D-1", *said).at("2026-01-06")
    assert named(desk, "it.heartbeat_missed") == ["declared"]


# Money


def test_a_budget_that_two_records_tell_alike_rests_on_neither() -> None:
    cost = manufacturing.CostBooked(booking="B-1", amount=eur("90"))
    budget = manufacturing.BudgetApproved(amount=eur("100"))
    once = tells(office("manufacturing"), "project/P-1", ("budget", budget), ("cost", cost))
    twice = tells(office("manufacturing"), "project/P-1", ("budget", budget), ("again", budget), ("cost", cost))
    assert named(once, "manufacturing.budget_overrun") == ["budget", "cost"]
    assert named(twice, "manufacturing.budget_overrun") == ["cost"]


def test_an_older_decision_that_says_the_same_makes_the_budget_told_twice() -> None:
    budget = manufacturing.BudgetApproved(amount=eur("100"))
    desk = tells(office("manufacturing"), "project/P-1", ("budget", budget))
    desk.receives(("project/P-1", budget), id="older", time="2026-01-02")
    tells(desk, "project/P-1", ("cost", manufacturing.CostBooked(booking="B-1", amount=eur("90"))))
    assert named(desk, "manufacturing.budget_overrun") == ["cost"]


def invoice(name: str, *amounts: str) -> accounting.InvoiceReceived:
    lines = tuple(accounting.InvoiceLine(line="10", value=eur(amount)) for amount in amounts)
    day = datetime(2026, 1, 5).date()  # noqa: DTZ001 - a day has no zone
    return accounting.InvoiceReceived(
        invoice=name, number=name, amount=eur("1"), issued_on=day, order="PO-1", lines=lines
    )


def test_an_invoice_that_charges_a_line_and_takes_it_back_decides_nothing() -> None:
    line = accounting.OrderLine(line="10", value=eur("100"), matching="two_way")
    day = datetime(2026, 1, 5).date()  # noqa: DTZ001
    order = accounting.PurchaseOrderCreated(order="PO-1", total=eur("100"), ordered_on=day, lines=(line,))
    said = [("order", order), ("nothing", invoice("I-1", "200", "-200")), ("charged", invoice("I-2", "300"))]
    desk = tells(office("accounting"), "vendor/acme", *said)
    assert named(desk, "accounting.three_way_mismatch") == ["order", "charged"]

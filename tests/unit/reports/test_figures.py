"""Each figure of each report, on histories told by hand."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from consumers.reports.figure import BadReport
from consumers.reports.figures import REPORTS
from consumers.reports.period import Period
from processors.records import Output
from schemas.accounting import AuditFindingClosed, AuditFindingRecorded
from schemas.codec import HEADERS
from schemas.commands import AlertAcknowledge
from schemas.front_office import ComplaintAssigned, ComplaintReceived, ComplaintResolved, RepresentativeGaveUp
from schemas.it import (
    AccountProvisioned,
    AccountProvisionRequested,
    IncidentOpened,
    IncidentResolved,
    OutageDetected,
    OutageResolved,
    OutageUpdated,
    UpgradeDue,
    UpgradePerformed,
)
from schemas.management import GoalDropped, GoalProgressed, GoalSet
from schemas.manufacturing import BudgetApproved, BudgetChanged, CostBooked, CostReversed
from schemas.money import Money
from schemas.signals import fingerprint
from tests.office import Office, instant
from tests.unit.reports.history import WEEK, History, check_records

Told = Callable[..., History]


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made: list[History] = []

    def make(office: Office, **how: Any) -> History:
        made.append(History(tmp_path, office, **how))
        return made[-1]

    yield make
    for history in made:
        history.close()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Targets


def provisioning(office: Office, account: str, asked: str, done: str | None) -> Office:
    office.at(asked).receives((f"account/{account}", AccountProvisionRequested(person="E-1")))
    return office.at(done).receives((f"account/{account}", AccountProvisioned())) if done else office


def test_a_target_is_kept_by_what_its_rule_never_fired_for(told: Told) -> None:
    office = provisioning(Office(), "A-1", "2026-01-05T09:00", "2026-01-06T09:00")
    provisioning(office, "A-2", "2026-01-06T10:00", "2026-01-08T10:00")  # a day too late
    provisioning(office, "A-3", "2026-01-09T10:00", None)
    history = told(office.at("2026-01-10"))
    assert history.line("targets", "Accounts provisioned") == {"cases": 3, "kept": 2, "missed": 1, "rate": 66.7}


def test_a_case_counts_in_the_period_it_began_in_however_late_it_misses_and_once(told: Told) -> None:
    office = provisioning(Office(), "A-1", "2026-01-09T10:00", None)
    office.at("2026-01-12T08:00").receives(("account/A-1", AccountProvisionRequested(person="E-1")))  # said again
    history = told(office.at("2026-01-20"))
    next_week = Period(date(2026, 1, 12), date(2026, 1, 18))
    assert history.line("targets", "Accounts provisioned")["missed"] == 1
    assert ("Accounts provisioned",) not in history.figures("targets", next_week)


def test_the_first_instant_of_a_period_is_in_it_and_the_one_after_it_is_not(told: Told) -> None:
    office = provisioning(Office(), "A-1", "2026-01-12T00:00", None)
    history = told(office)
    assert history.figures("targets") == {}
    assert history.line("targets", "Accounts provisioned", period=Period(date(2026, 1, 12), date(2026, 1, 12)))


def test_a_department_sees_its_own_and_others_are_not_even_taken(told: Told) -> None:
    office = provisioning(Office(), "A-1", "2026-01-05T09:00", None)
    history = told(office)
    assert list(history.figures("targets", department="it")) == [("Accounts provisioned",)]
    assert history.figures("targets", department="hr") == {}
    with pytest.raises(BadReport, match="no department"):
        Reports_with(history).scope(None, None, "nobody")


def Reports_with(history: History) -> Any:

    return replace(history.reports, departments=("it", "hr"))


# Time to acknowledge


def outage(office: Office, service: str, since: str, until: str | None = None, taken: str | None = None) -> Office:
    office.at(since).receives((f"service/{service}", OutageDetected(outage=f"O-{service}", since=instant(since))))
    if taken:
        (alert,) = [a for a in office.alerts().values() if a.rule == "it.outage" and a.subject == f"service/{service}"]
        office.at(taken).receives((f"alert/{alert.fingerprint}", AlertAcknowledge(by="dana")))
    if until:
        office.at(until).receives((f"service/{service}", OutageResolved(outage=f"O-{service}", until=instant(until))))
    return office


def test_time_to_acknowledge_is_by_nearest_rank(told: Told) -> None:
    office = Office()
    for n in range(10):
        begins = f"2026-01-05T{9 + n:02}:00"
        outage(office, f"s{n}", begins, f"2026-01-05T{9 + n:02}:58", taken=f"2026-01-05T{9 + n:02}:{5 * n + 5:02}")
    outage(office, "late", "2026-01-06T09:00", "2026-01-06T09:30")  # nobody took it
    history = told(office)
    line = history.line("acknowledged", "it", "critical")
    assert (line["alerts"], line["taken"], line["median"], line["p90"]) == (11, 10, 25.0, 45.0)


# Time to restore


def test_time_to_restore_is_from_the_first_record_to_the_last_end(told: Told) -> None:
    office = outage(Office(), "vpn", "2026-01-05T09:00", "2026-01-05T11:30")
    office.receives(("incident/I-1", IncidentOpened(opened_at=office.now, priority=3)))
    office.at("2026-01-05T12:30").receives(("incident/I-1", IncidentResolved()))
    office.at("2026-01-05T15:30").receives(("incident/I-1", IncidentResolved()))  # it was not, and now it is
    office.receives(("incident/I-2", IncidentResolved()))  # nobody knows since when
    office.receives(("complaint/C-1", ComplaintReceived(received_at=office.now)))
    office.at("2026-01-12T15:30").receives(("complaint/C-1", ComplaintResolved()))  # in the next week
    figures = told(office).figures("restored")
    assert figures[("Outages of services",)] == {"ended": 1, "median": 2.5, "p90": 2.5, "longest": 2.5}
    assert figures[("Incidents",)] == {"ended": 2, "median": 4.0, "p90": 4.0, "longest": 4.0}
    assert ("Complaints",) not in figures


# Overdue work


def test_overdue_is_what_stands_at_the_end_of_the_period(told: Told) -> None:
    office = Office().at("2026-01-05")
    office.receives(("service/vpn", UpgradeDue(upgrade="U-1", due_on=date(2026, 1, 6))))
    office.receives(("service/vpn", UpgradeDue(upgrade="U-2", due_on=date(2026, 1, 7))))
    office.receives(("service/vpn", UpgradeDue(upgrade="U-3", due_on=date(2026, 1, 12))))  # not yet
    office.at("2026-01-09").receives(("service/vpn", UpgradePerformed(upgrade="U-1")))
    office.at("2026-01-14").receives(("service/vpn", UpgradePerformed(upgrade="U-2")))
    history = told(office)
    line = history.line("overdue", "it", "it.upgrade_overdue")
    assert (line["overdue"], line["untaken"]) == (1, 1)
    assert line["oldest"] == line["median"] == pytest.approx(4, abs=0.4)  # since the end of the 7th
    assert (
        history.line("overdue", "it", "it.upgrade_overdue", period=Period(date(2026, 1, 5), date(2026, 1, 8)))[
            "overdue"
        ]
        == 2
    )
    assert (
        history.figures("overdue", Period(date(2026, 1, 12), date(2026, 1, 16)))[("it", "it.upgrade_overdue")][
            "overdue"
        ]
        == 1
    )  # U-3


def test_what_is_not_over_is_taken_as_it_is_now(told: Told) -> None:
    office = Office().at("2026-01-05")
    office.receives(("service/vpn", UpgradeDue(upgrade="U-1", due_on=date(2026, 1, 6)))).at("2026-01-08")
    line = told(office, now=utc("2026-01-08T00:00")).line("overdue", "it", "it.upgrade_overdue")
    assert line["oldest"] == pytest.approx(1, abs=0.4)


# Audits


def finding(office: Office, at: str, name: str, due: str = "2026-01-08") -> Office:
    event = AuditFindingRecorded(finding=name, due_on=date.fromisoformat(due))
    return office.at(at).receives(("audit/A-1", event))


def test_findings_are_recorded_closed_open_and_overdue(told: Told) -> None:
    office = finding(Office().at("2026-01-01"), "2026-01-05T09:00", "F-1")
    finding(office, "2026-01-05T10:00", "F-2")
    finding(office, "2026-01-05T11:00", "F-2", due="2026-01-09")  # said again
    finding(office, "2026-01-06T09:00", "F-3", due="2026-03-01")
    office.at("2026-01-07").receives(("audit/A-1", AuditFindingClosed(finding="F-1")))
    history = told(office.at("2026-01-13"))
    assert history.line("audits", "audit/A-1") == {"recorded": 3, "closed": 1, "open": 2, "late": 1}
    after = history.line("audits", "audit/A-1", period=Period(date(2026, 1, 12), date(2026, 1, 12)))
    assert after == {"recorded": 0, "closed": 0, "open": 2, "late": 1}


# Budgets and goals


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def test_what_is_booked_counts_as_it_was_said_last_and_what_is_reversed_does_not(told: Told) -> None:
    office = Office().receives(
        ("project/P-1", BudgetApproved(amount=money("1000"))),
        ("project/P-1", BudgetChanged(amount=money("1500.50"))),
        ("project/P-1", BudgetApproved(amount=money("70", "USD"))),
        ("project/P-1", CostBooked(booking="B-1", amount=money("0.10"))),
        ("project/P-1", CostBooked(booking="B-2", amount=money("0.20"))),
        ("project/P-1", CostBooked(booking="B-3", amount=money("99"))),
    )
    office.at("2026-01-06").receives(
        ("project/P-1", CostBooked(booking="B-2", amount=money("0.25"))),
        ("project/P-1", CostReversed(booking="B-3")),
    )
    office.at("2026-02-01").receives(("project/P-1", CostBooked(booking="B-4", amount=money("1"))))
    figures = told(office).figures("budgets")
    assert figures[("project/P-1", "EUR")] == {"budget": 1500.5, "booked": 0.35, "bookings": 2}
    assert figures[("project/P-1", "USD")] == {"budget": 70.0, "booked": None, "bookings": 0}


def test_a_goal_is_beside_the_straight_line(told: Told) -> None:
    a_fortnight = GoalSet(starts_on=date(2026, 1, 5), due_on=date(2026, 1, 18), baseline_percent=Decimal(20))
    office = (
        Office()
        .at("2026-01-05")
        .receives(("goal/G-1", a_fortnight), ("goal/G-2", a_fortnight), ("goal/G-3", a_fortnight))
    )
    office.at("2026-01-07").receives(("goal/G-1", GoalProgressed(percent=Decimal(45))))
    office.receives(("goal/G-3", GoalDropped()))
    figures = told(office).figures("goals")
    assert figures[("goal/G-1",)] == {"reached": 45.0, "line": 60.0, "behind": 15.0}  # half of its time is over
    assert figures[("goal/G-2",)] == {"reached": 20.0, "line": 60.0, "behind": 40.0}
    assert ("goal/G-3",) not in figures


# Complaints


def test_complaints_are_by_the_service_that_was_found_out_last_else_by_product(told: Told) -> None:
    office = Office().at("2026-01-05T09:00")

    def complaint(name: str, **said: Any) -> None:
        office.receives((f"complaint/{name}", ComplaintReceived(received_at=office.now, **said)))

    complaint("C-1", service="vpn")
    complaint("C-2", product="Loan")
    complaint("C-3", product="Loan")
    complaint("C-4")
    office.receives(("complaint/C-3", ComplaintAssigned(representative="E-1", service="vpn")))
    office.receives(("complaint/C-2", RepresentativeGaveUp(representative="E-1")))
    complaint("C-1", service="mail")  # said again: the first counts
    received = {group: line["received"] for group, line in told(office).figures("complaints").items()}
    assert received == {("vpn",): 2, ("Loan",): 1, ("not said",): 1}


# Outages


def test_downtime_is_what_of_an_outage_lies_in_the_period(told: Told) -> None:
    office = outage(Office().at("2026-01-01"), "vpn", "2026-01-04T22:00", "2026-01-05T03:00")
    office.at("2026-01-06T09:00").receives(("service/vpn", OutageDetected(outage="O-2", since=utc("2026-01-06T09:00"))))
    office.receives(("service/vpn", OutageUpdated(outage="O-2", since=utc("2026-01-06T08:30"))))
    office.at("2026-01-06T10:00").receives(("service/vpn", OutageResolved(outage="O-2", until=utc("2026-01-06T10:00"))))
    office.at("2026-01-11T23:00").receives(
        ("service/mail", OutageDetected(outage="O-3", since=utc("2026-01-11T23:00")))
    )
    figures = told(office).figures("outages")
    assert figures[("service/vpn",)] == {"outages": 2, "began": 1, "lasts": 0, "down": 4.5}
    assert figures[("service/mail",)] == {"outages": 1, "began": 1, "lasts": 1, "down": 1.0}


def test_the_impact_of_an_outage_is_what_the_ledger_books(told: Told) -> None:
    office = outage(Office(), "vpn", "2026-01-05T09:00", "2026-01-05T11:00")
    for n, at in enumerate(["2026-01-05T10:00", "2026-01-05T11:30", "2026-01-05T11:31"]):
        received = ComplaintReceived(received_at=utc(at), service="vpn")
        office.at(at).receives((f"complaint/C-{n}", received))
    history = told(office.at("2026-01-06"))
    assert history.figures("impact") == {("service/vpn", "Complaints", "-"): {"count": 2, "money": None, "hours": 0.0}}


# Noise


def test_noise_is_told_by_rule(told: Told) -> None:
    office = outage(Office(), "vpn", "2026-01-05T09:00", "2026-01-05T11:00")
    outage(office, "mail", "2026-01-06T09:00")
    line = told(office.at("2026-01-07")).line("noise", "it", "it.outage")
    assert line == {"fired": 2, "suppressed": 0, "told": 2, "false": 0, "false_rate": 0.0}


def judged(office: Office, at: str, fingerprint: str, false_alarm: bool) -> Office:
    """An operator's word on an alert, as it stands in the audit."""
    office.at(at)
    said = {
        "specversion": "1.0",
        "id": f"{at}-{fingerprint}",
        "source": "/tests",
        "type": "audit.alert.judged",
        "subject": f"alert/{fingerprint}",
        "time": office.now.isoformat(),
        "data": {"by": "dana", "rule": "it.outage", "false_alarm": false_alarm},
    }
    key, value = said["subject"].encode(), json.dumps(said).encode()  # type: ignore[attr-defined]
    office.records["audit"].append(Output("audit", key, value, HEADERS, office.now, None))
    return office


def test_the_last_word_says_whether_an_alert_was_false_and_it_is_of_one_time_only(told: Told) -> None:
    office = outage(Office(), "vpn", "2026-01-05T09:00", "2026-01-05T10:00")
    outage(office, "mail", "2026-01-05T09:00", "2026-01-05T10:00")
    vpn, mail = (fingerprint("it.outage", f"service/{name}", {}) for name in ("vpn", "mail"))
    judged(office, "2026-01-05T11:00", vpn, True)
    judged(office, "2026-01-05T11:00", mail, True)
    judged(office, "2026-01-05T12:00", mail, False)  # taken back
    office.at("2026-01-06T09:00").receives(("service/vpn", OutageDetected(outage="O-2", since=utc("2026-01-06T09:00"))))
    line = told(office).line("noise", "it", "it.outage")
    assert (line["fired"], line["false"], line["false_rate"]) == (3, 1, 33.3)


# Every figure


def test_the_records_behind_each_figure_are_as_many_as_it_says(told: Told) -> None:
    office = provisioning(Office(), "A-1", "2026-01-05T09:00", None)
    outage(office, "vpn", "2026-01-05T10:00", "2026-01-05T11:00", taken="2026-01-05T10:10")
    office.receives(("complaint/C-1", ComplaintReceived(received_at=utc("2026-01-05T10:30"), service="vpn")))
    finding(office, "2026-01-06T09:00", "F-1")
    office.receives(
        ("project/P-1", BudgetApproved(amount=money("1000"))),
        ("project/P-1", CostBooked(booking="B-1", amount=money("0.10"))),
        ("goal/G-1", GoalSet(starts_on=date(2026, 1, 5), due_on=date(2026, 1, 18))),
        ("incident/I-1", IncidentOpened(opened_at=office.now, priority=3)),
        ("incident/I-1", IncidentResolved()),
    )
    history = told(office.at("2026-01-12"))
    looked = {name: check_records(history, name, WEEK) for name in REPORTS}
    assert all(looked.values()), f"nothing was counted in {[name for name, n in looked.items() if not n]}"

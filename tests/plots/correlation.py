"""Plots of rules over several keys, told as the facts in which these meet."""

from datetime import datetime

from schemas.facts import (
    AccountStated,
    ChangeTold,
    ComplaintAboutCompany,
    ComplaintNamedService,
    CustomerComplained,
    DesignBuilt,
    DesignTold,
    DutyDone,
    EligibilityTold,
    EmergencyAccessUsed,
    EmploymentStated,
    FindingReviewed,
    IdentitySeen,
    ImpactReported,
    IncidentOpened,
    ReportStated,
    ServiceDown,
    ServiceUp,
    StreamHeard,
    TaskHeld,
)
from tests.plots.telling import DAY, HOUR, MINUTE, Plot, at, day, distinct, plot

SERVICE, PERSON, COMPANY = "service/vpn", "person/E-1", "company/bank"
BEGAN, ENDED = at(5, 8), at(5, 10)
DOWN = ServiceDown(outage="O-1", since=BEGAN, revision=1)
UP = ServiceUp(outage="O-1", since=BEGAN, until=ENDED, revision=2)
EMPLOYED = EmploymentStated(role="clerk", start_on=day(1), manager="E-100", revision=1)
GONE = EmploymentStated(role="clerk", start_on=day(1), manager="E-100", last_day=day(6), revision=2)


def complained(n: int, received: datetime = BEGAN) -> ComplaintNamedService:
    return ComplaintNamedService(complaint=f"C-{n}", received_at=received, revision=1)


def about_company(n: int, revision: int = 1, disputed: bool = False, alike: bool = False) -> ComplaintAboutCompany:
    return ComplaintAboutCompany(
        complaint=f"C-{n}",
        received_on=day(5),
        disputed=disputed,
        fingerprint="same" if alike else f"f-{n}",
        revision=revision,
    )


def changed(name: str, revision: int = 1, holds: bool = True) -> ChangeTold:
    return ChangeTold(
        change=name, starts_at=at(6, 8), ends_at=at(6, 10), began_at=at(6, 8), holds=holds, revision=revision
    )


def employed(of: str, id: str, revision: int = 1, holds: bool = True) -> IdentitySeen:
    return IdentitySeen.model_validate({"of": of, "id": id, "holds": holds, "revision": revision})


def held(n: int, holds: bool = True, revision: int = 1) -> TaskHeld:
    return TaskHeld(task=f"T-{n}", holds=holds, due_at=at(300, 12), revision=revision)


EXPECTED = {"event": "accounting.invoice.received", "by": "12:00"}

PLOTS: dict[str, Plot] = {
    "correlation.outage_explains_complaints": plot(SERVICE, DOWN, complained(1), 2 * HOUR, UP),
    "correlation.impact": plot(
        SERVICE, DOWN, ImpactReported(what="order", reference="WO-1", since=BEGAN, until=ENDED), 2 * HOUR, UP
    ),
    "it.change_collision": plot(SERVICE, changed("CHG-1"), changed("CHG-2"), changed("CHG-2", 2, holds=False)),
    "it.change_suspect": plot(
        SERVICE,
        changed("CHG-1"),
        DAY,
        ServiceDown(outage="O-2", since=at(6, 9), revision=1),
        2 * HOUR,
        ServiceUp(outage="O-2", since=at(6, 9), until=at(6, 11), revision=2),
    ),
    "front_office.surge": plot(SERVICE, *(complained(n, BEGAN + 5 * MINUTE) for n in range(12)), DAY, complained(99)),
    "it.incident_burst": plot(
        "category/Network", *(IncidentOpened(incident=f"INC-{n}", opened_at=BEGAN + n * MINUTE) for n in range(10))
    ),
    "front_office.company_surge": plot(COMPANY, *(about_company(n) for n in range(10))),
    "front_office.company_disputed": plot(
        COMPANY,
        *(about_company(n, disputed=n < 2) for n in range(4)),
        about_company(0, 2),
        about_company(1, 2),
        company_disputed_min=4,
    ),
    "front_office.duplicate_complaint": plot(
        COMPANY, about_company(1, alike=True), about_company(2, alike=True), about_company(2, 2)
    ),
    "it.design_unapproved": plot(
        "design/D-1",
        DesignBuilt(change="CHG-1", service="vpn", revision=1),
        DesignTold(service="vpn", status="approved", revision=1),
    ),
    "front_office.repeat_complaints": plot(
        "customer/CU-1",
        *(CustomerComplained(complaint=f"C-{n}", received_at=BEGAN, revision=1) for n in range(3)),
        40 * DAY,
        CustomerComplained(complaint="C-9", received_at=at(44, 9), revision=1),
    ),
    "correlation.stream_silent": plot(
        "stream/accounting.invoice.received",
        StreamHeard(at=BEGAN + HOUR),
        DAY + 6 * HOUR,
        StreamHeard(at=at(6, 14)),
        silences=[EXPECTED],
    ),
    "hr.access_after_termination": plot(
        PERSON,
        EMPLOYED,
        AccountStated(account="A-1", active=True, revision=1),
        GONE,
        4 * DAY,
        AccountStated(account="A-1", active=False, revision=2),
    ),
    "hr.no_manager": plot(
        PERSON,
        EmploymentStated(role="clerk", start_on=day(5), revision=1),
        12 * DAY,
        EmploymentStated(role="clerk", start_on=day(5), manager="E-100", revision=2),
    ),
    "hr.orphaned_reports": plot(
        PERSON,
        GONE,
        ReportStated(employee="E-2", since=day(1), revision=1),
        20 * DAY,
        ReportStated(employee="E-2", since=day(1), holds=False, revision=2),
    ),
    "health.emergency_access_implausible": plot(
        PERSON,
        EmergencyAccessUsed(patient="P-1", access="BG-1", at=BEGAN, admitted=False, revision=1),
        HOUR,
        EmergencyAccessUsed(patient="P-1", access="BG-1", at=BEGAN, admitted=True, revision=2),
    ),
    "hr.duplicate_person": plot(
        "identity/5f2b",
        employed("employee", "E-1"),
        employed("employee", "E-2"),
        distinct(FindingReviewed, "hr.duplicate_person"),
    ),
    "health.duplicate_patient": plot(
        "identity/5f2b",
        employed("patient", "P-1"),
        employed("patient", "P-2"),
        employed("patient", "P-2", 2, holds=False),
    ),
    "accounting.duties_across_departments": plot(
        "vendor/acme",
        DutyDone(person="olaf", duty="place_order", reference="PO-1", revision=1),
        DutyDone(person="olaf", duty="approve_invoice", reference="PO-1", revision=1),
        DutyDone(person="olaf", duty="place_order", reference="PO-1", holds=False, revision=2),
    ),
    "accounting.approver_ineligible": plot(
        "vendor/acme",
        *(
            EligibilityTold(
                invoice="I-1",
                approver=person,
                person=person,
                at=BEGAN,
                eligible=eligible,
                why="was on leave",
                question=1,
                revision=1,
            )
            for person, eligible in (("hugo", False), ("gina", True))
        ),
    ),
    "management.overload": plot("workload/E-1", *(held(n) for n in range(16)), held(0, holds=False, revision=2)),
}

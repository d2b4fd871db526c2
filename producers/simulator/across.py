"""What several departments of the simulated office tell, each its part, and only one log of all of them shows."""

from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.accounting import FindingReviewed as AccountingReviewed
from schemas.accounting import VendorCreated
from schemas.front_office import ComplaintAnswered, ComplaintAssigned, ComplaintReceived, ComplaintResolved
from schemas.health import EmergencyAccessStarted
from schemas.health import FindingReviewed as HealthReviewed
from schemas.it import ChangeCompleted, ChangeScheduled, ChangeStarted, FreezeDeclared
from schemas.management import TaskAccepted, TaskCompleted, TaskDelegated
from schemas.manufacturing import BudgetApproved, OrderPlaced
from schemas.money import Money

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """Five planted stories."""
    for problem in (_needs_what_is_down, _own_vendor, _frozen, _curious_at_night, _everybody_calls):
        yield from problem(office)


def _needs_what_is_down(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Two tasks need the service that is down, and the hour and a half that it took is theirs: one is done by then."""
    (outage, *_) = office.outages
    due = outage.begins + 50 * MINUTE
    credited = due + (outage.ends - outage.begins)
    for name, done in (("T-PATIENT", credited - 10 * MINUTE), ("T-TARDY", credited + 40 * MINUTE)):
        subject, begins = f"task/{name}", outage.begins - 40 * MINUTE
        task = TaskDelegated(by="E-000", to=f"E-{name}", due_at=due, needs_service=outage.service)
        yield Said(begins, subject, task)
        yield Said(begins + 20 * MINUTE, subject, TaskAccepted(by=f"E-{name}"))
        yield Said(done, subject, TaskCompleted(by=f"E-{name}"))
    late = credited + 40 * MINUTE
    yield from expected(office, "management.task_overdue", "task/T-TARDY", credited, late)


def _own_vendor(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody enters a vendor in accounting and orders from it for manufacturing; a day later that is justified."""
    vendor, person, project = "vendor/V-own", "E-012", "project/P-OWN"
    entered, ordered = office.clock(workday(office, 0), time(9, 30)), office.clock(workday(office, 2), time(11, 30))
    yield Said(entered, vendor, VendorCreated(created_by=person, country="DE"))
    yield Said(entered, project, BudgetApproved(amount=Money(amount=Decimal(9_000))))
    order = OrderPlaced(order="PO-OWN", value=Money(amount=Decimal(1_200)), placed_by=person, vendor="V-own")
    yield Said(ordered, project, order)
    rule, identity = "accounting.duties_across_departments", {"purchase": "*", "person": person}
    reviewed = office.clock(workday(office, 3), time(10))
    yield Said(reviewed, vendor, AccountingReviewed(rule=rule, identity=identity, by="karl", outcome="justified"))
    yield from expected(office, rule, vendor, ordered, reviewed, purchase="*", person=person)


def _frozen(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A change is planned into the evening on which nothing may change, and moved two hours later."""
    change, freeze, service = "CHG-FROZEN", "F-CLOSING", office.services[-1]
    begins = office.clock(workday(office, 2), time(18))
    closing = FreezeDeclared(starts_at=begins, ends_at=begins + 12 * HOUR, reason="closing of the month")
    yield Said(office.clock(workday(office, 0), time(8, 15)), f"freeze/{freeze}", closing)
    planned, moved = (office.clock(workday(office, 1), time(hour)) for hour in (11, 13))
    later = office.clock(workday(office, 4), time(17, 30))
    for at, starts_at in ((planned, begins + 2 * HOUR), (moved, later)):
        plan = ChangeScheduled(service=service, starts_at=starts_at, ends_at=starts_at + HOUR)
        yield Said(at, f"change/{change}", plan)
    yield Said(later + MINUTE, f"change/{change}", ChangeStarted())
    yield Said(later + 40 * MINUTE, f"change/{change}", ChangeCompleted())
    yield from expected(office, "it.change_collision", "freeze/all", planned, moved, change=change, other=freeze)


def _curious_at_night(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """The glass is broken for a patient who was never admitted, by somebody who is not on duty."""
    patient, reader, access = "patient/P-famous", "E-033", "EMG-odd"
    at = office.clock(workday(office, 2), time(22, 10))
    reviewed, implausible = at + 11 * HOUR, at + 5 * MINUTE
    yield Said(at, patient, EmergencyAccessStarted(access=access, by=reader))
    rule = "health.emergency_access"
    decided = HealthReviewed(rule=rule, identity={"access": access}, by="privacy-officer", outcome="accepted")
    yield Said(reviewed, patient, decided)
    yield from expected(office, rule, patient, at, reviewed, access=access)
    rule = "health.emergency_access_implausible"
    yield from expected(office, rule, f"person/{reader}", implausible, None, neglected=True, access=access)


def _everybody_calls(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A bill goes out with a mistake, and eleven clients complain within ten minutes; each has an answer soon."""
    begins = office.clock(workday(office, 3), time(14))
    product, tenth = "Mobile data", begins + 9 * 50 * SECOND
    for n in range(11):
        at, subject = begins + n * 50 * SECOND, f"complaint/C-BILL-{n:02}"
        received = ComplaintReceived(customer=f"CU-BILL-{n:02}", received_at=at, channel="phone", product=product)
        yield Said(at, subject, received)
        yield Said(at + 5 * MINUTE, subject, ComplaintAssigned(representative="R-1"))
        yield Said(at + 30 * MINUTE, subject, ComplaintAnswered(by="R-1"))
        yield Said(at + 50 * MINUTE, subject, ComplaintResolved())
    yield from expected(office, "front_office.surge", f"product/{product}", tenth, begins + 30 * MINUTE)

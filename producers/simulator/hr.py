"""HR in the simulated office: hires, papers, leave and open positions; and what goes wrong with them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.people import APPROVER, EXECUTIVE, LEAVER
from producers.simulator.planting import expected, workday, workday_before
from schemas.hr import (
    CandidateAdvanced,
    DocumentFiled,
    EmployeeHired,
    EmployeeManagerChanged,
    EmployeeMerged,
    EmployeeTerminated,
    HrEvent,
    LeaveEnded,
    LeaveStarted,
    OnboardingStepCompleted,
    PositionFilled,
    PositionOpened,
    RecordCorrected,
)

PAPERS = ("employment_contract", "identity_proof", "tax_form")
STEPS = ("accounts", "equipment", "documents", "training")
ROLES = ("accounting_clerk", "nurse", "technician", "representative", "buyer")


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """A back office's staff: those who were always there, one new hire a week, and nine planted problems."""
    yield from _staff(office)
    yield from _weeks(office)
    for problem in (
        _paper_missing,
        _permit_expired,
        _own_manager,
        _no_desk,
        _nobody_found,
        _account_forgotten,
        _approver_away,
        _manager_left,
        _entered_twice,
    ):
        yield from problem(office)


def _staff(office: SimulatedOffice) -> Iterator[Said]:
    """Everybody's papers and onboarding are told before the hiring itself, as when a register is taken over."""
    rng = office.rng("hr")
    for n in range(office.employees):
        employee, before = office.employee(n), office.start - timedelta(days=rng.randrange(200, 4000))
        manager = None if n == 0 else f"E-{rng.randrange(min(n, 4)):03}"
        at = office.clock(0, time(5, n % 60))
        yield from _settled_in(employee, at, at)
        role = rng.choice(ROLES)
        hired = EmployeeHired(role="executive" if employee == EXECUTIVE else role, start_on=before, manager=manager)
        yield _say(at + timedelta(seconds=30), employee, hired)


def _settled_in(
    employee: str, papers_at: datetime, steps_at: datetime, without: tuple[str, ...] = ()
) -> Iterator[Said]:
    for paper in PAPERS:
        if paper not in without:
            yield _say(papers_at, employee, DocumentFiled(document=paper, file=f"{employee}-{paper}"))
    for step in STEPS:
        if step not in without:
            yield _say(steps_at, employee, OnboardingStepCompleted(step=step, by="E-001"))


def _weeks(office: SimulatedOffice) -> Iterator[Said]:
    """One hire, one leave and one search a week, all as they should be."""
    rng = office.rng("hr/weeks")
    for week, day in enumerate(range(0, office.days, 7)):
        employee, away = f"E-2{week:02}", office.employee(rng.randrange(1, office.employees))
        yield from _hire(office, day, employee)
        yield from _settled_in(employee, office.clock(day, time(14)), office.clock(day, time(15, rng.randrange(60))))
        start = office.start + timedelta(days=day)
        leave = LeaveStarted(leave=f"L-{week}", starts_on=start, ends_on=start + timedelta(days=2), delegate="E-000")
        yield _say(office.clock(day, time(8, 30)), away, leave)
        yield _say(
            office.clock(day + 3, time(8, 30)), away, LeaveEnded(leave=f"L-{week}", ended_on=start + timedelta(days=2))
        )
        yield from _search(office, day, f"position/P-{week}", f"C-{week}")


def _search(office: SimulatedOffice, day: int, position: str, candidate: str) -> Iterator[Said]:
    opened = PositionOpened(role="technician", opened_on=office.start + timedelta(days=day))
    yield Said(office.clock(day, time(9)), position, opened)
    for later, stage in enumerate(("screening", "interview", "offer"), start=1):
        advanced = CandidateAdvanced(candidate=candidate, stage=stage)
        yield Said(office.clock(day + later, time(10)), position, advanced)
    filled = PositionFilled(filled_on=office.start + timedelta(days=day + 4), candidate=candidate)
    yield Said(office.clock(day + 4, time(16)), position, filled)


def _paper_missing(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A newcomer's tax form comes the morning after it was due."""
    employee, first = "E-901", workday(office, 0)
    yield from _hire(office, first, employee)
    yield from _settled_in(employee, office.clock(first, time(13)), office.clock(first, time(13, 5)), ("tax_form",))
    filed = office.clock(workday(office, 4), time(9, 20))
    yield _say(filed, employee, DocumentFiled(document="tax_form", file="F-901"))
    due = office.clock(workday(office, 3), time(17))
    yield from expected(office, "hr.document_missing", f"employee/{employee}", due, filed, document="tax_form")


def _permit_expired(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A permit runs out, and the new one comes two days later."""
    employee, subject = "E-902", "employee/E-902"
    at, until = office.clock(0, time(6)), office.start + timedelta(days=1)
    yield _say(at, employee, _permit("F-902", until))
    over, renewed = office.clock(2, time()), office.clock(3, time(11))
    yield _say(renewed, employee, _permit("F-903", until + timedelta(days=730)))
    yield from expected(office, "hr.document_expiring", subject, at, over, document="work_permit")
    yield from expected(office, "hr.document_expired", subject, over, renewed, document="work_permit")


def _permit(file: str, until: date) -> DocumentFiled:
    return DocumentFiled(document="work_permit", file=file, valid_until=until)


def _own_manager(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody is entered as their own manager, and that is put right after lunch."""
    employee, at = "E-002", office.clock(workday(office, 1), time(10, 15))
    corrected = at + timedelta(hours=3)
    yield _say(at, employee, EmployeeManagerChanged(manager=employee))
    yield _say(corrected, employee, RecordCorrected(by="E-000", problem="own_manager", manager="E-000"))
    yield from expected(office, "hr.record_inconsistent", f"employee/{employee}", at, corrected, problem="own_manager")


def _no_desk(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A newcomer waits for equipment a day longer than planned."""
    employee, first = "E-904", workday(office, 0)
    yield from _hire(office, first, employee)
    yield from _settled_in(employee, office.clock(first, time(12)), office.clock(first, time(12)), ("equipment",))
    due, done = office.clock(workday(office, 1), time(17)), office.clock(workday(office, 2), time(11))
    yield _say(done, employee, OnboardingStepCompleted(step="equipment", by="E-001"))
    yield from expected(office, "hr.onboarding_overdue", f"employee/{employee}", due, done)


def _nobody_found(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A position has been open for sixty days on the third day, and stays so."""
    opened = PositionOpened(role="nurse", opened_on=office.start - timedelta(days=58))
    yield Said(office.clock(0, time(6, 30)), "position/P-905", opened)
    yield from expected(office, "hr.position_open_long", "position/P-905", office.clock(2, time()), None)


def _account_forgotten(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Somebody leaves, and IT takes the account away only the next morning."""
    first = workday(office, 0)
    yield from _long_there(office, LEAVER, "E-001")
    yield _leaves(office, LEAVER, first)
    over, gone = office.clock(first + 1, time()), office.clock(workday(office, 1), time(10, 20))
    rule = "hr.access_after_termination"
    yield from expected(office, rule, f"person/{LEAVER}", over, gone, account=f"A-{LEAVER}")


def _approver_away(office: SimulatedOffice) -> Iterator[Said]:
    """Somebody is on leave for three weeks; what they approve meanwhile is accounting's story."""
    yield from _long_there(office, APPROVER, EXECUTIVE)
    ends = office.start + timedelta(days=20)
    leave = LeaveStarted(leave="L-907", starts_on=office.start, ends_on=ends, delegate=EXECUTIVE)
    yield _say(office.clock(0, time(8, 30)), APPROVER, leave)


def _manager_left(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A manager left three workdays ago, and the only report gets a new one a day too late."""
    manager, report = "E-908", "E-909"
    last_day = office.start + timedelta(days=workday_before(office, 3))
    yield from _long_there(office, manager, EXECUTIVE)
    yield from _long_there(office, report, manager)
    yield _say(office.clock(workday(office, 0), time(9, 10)), manager, EmployeeTerminated(last_day=last_day))
    due, new = office.clock(workday(office, 2), time(17)), office.clock(workday(office, 3), time(10))
    yield _say(new, report, EmployeeManagerChanged(manager="E-001"))
    yield from expected(office, "hr.orphaned_reports", f"person/{manager}", due, new)


def _entered_twice(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A newcomer is entered under two ids, which are merged the next day."""
    first, identity = workday(office, 0), "9c41d0a7"
    for employee, at in (("E-910", time(11)), ("E-911", time(11, 40))):
        start = office.start + timedelta(days=first)
        hired = EmployeeHired(role="buyer", start_on=start, manager="E-001", identity_hash=identity)
        yield _say(office.clock(first, at), employee, hired)
        yield from _settled_in(employee, office.clock(first, time(13)), office.clock(first, time(13, 5)))
    again, merged = office.clock(first, time(11, 40)), office.clock(workday(office, 1), time(9, 40))
    yield _say(merged, "E-911", EmployeeMerged(into="E-910", by="E-001"))
    yield from expected(office, "hr.duplicate_person", f"identity/{identity}", again, merged)


def _long_there(office: SimulatedOffice, employee: str, manager: str) -> Iterator[Said]:
    at = office.clock(0, time(4, 30))
    yield from _settled_in(employee, at, at)
    start = office.start - timedelta(days=700)
    yield _say(at + timedelta(seconds=30), employee, EmployeeHired(role="buyer", start_on=start, manager=manager))


def _leaves(office: SimulatedOffice, employee: str, day: int) -> Said:
    last_day = office.start + timedelta(days=day)
    return _say(office.clock(day, time(9, 10)), employee, EmployeeTerminated(last_day=last_day))


def _hire(office: SimulatedOffice, day: int, employee: str) -> Iterator[Said]:
    start = office.start + timedelta(days=day)
    yield _say(office.clock(day, time(8)), employee, EmployeeHired(role="technician", start_on=start, manager="E-001"))


def _say(at: datetime, employee: str, event: HrEvent) -> Said:
    return Said(at, f"employee/{employee}", event)

"""Management in the simulated office: tasks, training, goals, questions and expenses, and what slips."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from producers.simulator.office import Expected, Said, SimulatedOffice
from producers.simulator.planting import expected, workday
from schemas.envelope import Event
from schemas.management import (
    ConsultationAnswered,
    ConsultationRequested,
    DeclarationApproved,
    DeclarationPaid,
    DeclarationPaymentRequested,
    DeclarationSubmitted,
    ExpectationStated,
    GoalProgressed,
    GoalSet,
    MeasureReported,
    ReviewDue,
    ReviewHeld,
    TaskAccepted,
    TaskCompleted,
    TaskDelegated,
    TaskProgressed,
    TaskWithdrawn,
    TrainingAssigned,
    TrainingCompleted,
)
from schemas.money import Money

BOSS = "E-000"


def life(office: SimulatedOffice) -> Iterable[Said | Expected]:
    """Days that go well, a quarter's goal and expectation, and seven planted problems."""
    yield from _quarter(office)
    for day in range(office.days):
        if office.is_workday(day):
            yield from _a_day(office, day)
    for problem in (_not_taken, _overdue, _ping_pong, _too_much, _no_answer, _not_trained, _paid_too_soon):
        yield from problem(office)


def _tell(subject: str, *told: tuple[datetime, Event]) -> Iterator[Said]:
    for at, event in told:
        yield Said(at, subject, event)


def _delegated(to: str, due_at: datetime | None = None, hours: int | None = None, by: str = BOSS) -> TaskDelegated:
    return TaskDelegated(by=by, to=to, due_at=due_at, hours=None if hours is None else Decimal(hours))


def _quarter(office: SimulatedOffice) -> Iterator[Said]:
    """A goal of a hundred days that keeps up, and an expectation that is met."""
    begins, last = office.clock(0, time(7)), office.start + timedelta(days=99)
    yield Said(begins, "goal/G-1", GoalSet(starts_on=office.start, due_on=last, owner=BOSS))
    yield from _tell(
        "measure/answered-in-time",
        (
            begins,
            ExpectationStated(expectation="Q", stated_by="executive", target=Decimal(95), due_on=office.start),
        ),
        (office.clock(0, time(16)), MeasureReported(value=Decimal(97))),
    )


def _a_day(office: SimulatedOffice, day: int) -> Iterator[Said]:
    """A task, a question, a training, a review and somebody's expenses, all as they should be."""
    rng, today = office.rng(f"management/{day}"), office.start + timedelta(days=day)
    clerk, late = office.employee(rng.randrange(1, office.employees)), timedelta(minutes=rng.randrange(30))

    def at(hour: int) -> datetime:
        return office.clock(day, time(hour)) + late

    yield Said(at(9), "goal/G-1", GoalProgressed(percent=Decimal(min(day + 1, 100))))
    yield from _tell(
        f"task/T-{day:03}",
        (at(9), _delegated(clerk, office.clock(day, time(16, 30)), 2)),
        (at(10), TaskAccepted(by=clerk)),
        (at(13), TaskProgressed(percent=Decimal(60))),
        (at(15), TaskCompleted(by=clerk)),
    )
    yield from _tell(
        f"consultation/Q-{day:03}",
        (at(10), ConsultationRequested(asked_by="front_office", to=BOSS)),
        (at(14), ConsultationAnswered(by=BOSS)),
    )
    yield from _tell(
        f"person/{clerk}",
        (at(11), TrainingAssigned(training=f"safety-{day}", due_on=today + timedelta(days=30))),
        (at(12), ReviewDue(review=f"annual-{day}", due_on=today)),
        (at(13), ReviewHeld(review=f"annual-{day}", held_on=today)),
        (at(14), TrainingCompleted(training=f"safety-{day}", completed_on=today)),
    )
    amount = Money(amount=Decimal(rng.randrange(2_000, 40_000)) / 100)
    yield from _tell(
        f"declaration/D-{day:03}",
        (at(9), DeclarationSubmitted(amount=amount)),
        (at(11), DeclarationApproved(by="ADMINISTRATION")),
        (at(12), DeclarationApproved(by="SUPERVISOR", final=True)),
        (at(13), DeclarationPaymentRequested()),
        (at(16), DeclarationPaid()),
    )


def _not_taken(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A task lies until the afternoon before somebody takes it."""
    day = workday(office, 0)
    taken = office.clock(day, time(14))
    told = ((office.clock(day, time(9)), _delegated("E-LAZY")), (taken, TaskAccepted(by="E-LAZY")))
    yield from _tell("task/T-LAZY", *told, (taken + timedelta(hours=1), TaskCompleted(by="E-LAZY")))
    yield from expected(office, "management.task_unaccepted", "task/T-LAZY", office.clock(day, time(13)), taken)


def _overdue(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A report is wanted by eleven and there at one."""
    day = workday(office, 1)
    due, done = office.clock(day, time(11)), office.clock(day, time(13))
    begin = office.clock(day, time(9))
    told = ((begin, _delegated("E-SLOW", due)), (begin + timedelta(minutes=20), TaskAccepted(by="E-SLOW")))
    yield from _tell("task/T-SLOW", *told, (done, TaskCompleted(by="E-SLOW")))
    yield from expected(office, "management.task_overdue", "task/T-SLOW", due, done, neglected=True)


def _ping_pong(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Two people hand a task to one another, until one of them takes it."""
    begin = office.clock(workday(office, 2), time(10))
    back, taken = begin + timedelta(minutes=20), begin + timedelta(hours=1)
    yield from _tell(
        "task/T-PING",
        (begin, _delegated("E-PING")),
        (begin + timedelta(minutes=10), _delegated("E-PONG", by="E-PING")),
        (back, _delegated("E-PING", by="E-PONG")),
        (taken, TaskAccepted(by="E-PING")),
        (taken + timedelta(hours=2), TaskCompleted(by="E-PING")),
    )
    yield from expected(office, "management.task_ping_pong", "task/T-PING", back, taken)


def _too_much(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """More work is due in the evening than the day has hours; one half is called off."""
    day = workday(office, 2)
    begin, evening = office.clock(day, time(9, 30)), office.clock(day, time(17))
    for n in range(2):
        told = ((begin, _delegated("E-BUSY", evening, 5)), (begin + timedelta(minutes=5), TaskAccepted(by="E-BUSY")))
        yield from _tell(f"task/T-BUSY-{n}", *told)
    relieved = begin + timedelta(minutes=25)
    yield Said(relieved, "task/T-BUSY-1", TaskWithdrawn())
    yield Said(office.clock(day, time(11)), "task/T-BUSY-0", TaskProgressed(percent=Decimal(60)))
    yield Said(office.clock(day, time(14, 30)), "task/T-BUSY-0", TaskCompleted(by="E-BUSY"))
    yield from expected(office, "management.overload", "workload/E-BUSY", begin, relieved)


def _no_answer(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """The executive waits for an answer until the third morning."""
    asked, answered = office.clock(workday(office, 0), time(9)), office.clock(workday(office, 3), time(9, 30))
    subject = "consultation/Q-OPEN"
    told = ((asked, ConsultationRequested(asked_by="executive", to=BOSS)), (answered, ConsultationAnswered(by=BOSS)))
    yield from _tell(subject, *told)
    fires = office.clock(workday(office, 2), time(17))
    yield from expected(office, "management.consultation_unanswered", subject, fires, answered)


def _not_trained(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """A training is completed the day after it had to be."""
    day, next_day = workday(office, 1), workday(office, 2)
    due_on, done_on = office.start + timedelta(days=day), office.start + timedelta(days=next_day)
    done = office.clock(next_day, time(10))
    assigned = TrainingAssigned(training="first-aid", due_on=due_on)
    told = ((office.clock(0, time(8)), assigned), (done, TrainingCompleted(training="first-aid", completed_on=done_on)))
    yield from _tell("person/E-902", *told)
    fires = office.clock(day + 1, time())
    yield from expected(
        office, "management.training_lapsed", "person/E-902", fires, done, neglected=True, training="first-aid"
    )


def _paid_too_soon(office: SimulatedOffice) -> Iterator[Said | Expected]:
    """Expenses are paid an hour before the supervisor approves them."""
    day = workday(office, 3)
    paid, approved = office.clock(day, time(14)), office.clock(day, time(15))
    yield from _tell(
        "declaration/D-SOON",
        (office.clock(day, time(9)), DeclarationSubmitted(amount=Money(amount=Decimal("88.50")))),
        (paid, DeclarationPaid()),
        (approved, DeclarationApproved(by="SUPERVISOR", final=True)),
    )
    yield from expected(office, "management.declaration_paid_unapproved", "declaration/D-SOON", paid, approved)

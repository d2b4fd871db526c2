"""Complaints: answered and settled in time, escalated to people who can help, and the client knows."""

from datetime import datetime, timedelta

from processors.departments.front_office import forwarding, publishing, targets
from processors.departments.front_office.complaint import Complaint, read
from processors.departments.reviews import is_reviewed, review
from processors.grounds import resting_on
from processors.instants import after
from processors.rule import Rule
from processors.step import Step
from schemas.envelope import Event, Evidence
from schemas.front_office import FindingReviewed
from schemas.processing import DeadlinePassed

ESCALATED = Rule(
    "front_office.escalated",
    "error",
    "the representative gave up, the client disputed, or it was reopened: role=manager, the next time role=executive",
    "it is resolved or withdrawn",
)
CLIENT_UNINFORMED = Rule(
    "front_office.client_uninformed",
    "warning",
    "a client whose complaint was escalated has not been told within 1 business day",
    "the client is informed or has withdrawn the complaint; reviewed as waived or justified",
    settings=("inform_business_days", "calendar"),
)
REGULATOR_DEADLINE = Rule(
    "front_office.regulator_deadline",
    "critical",
    "a regulated complaint has no answer in 15 calendar days, or no final one in 60; or it was answered late, says"
    " its own system, where that is trusted",
    "it is answered; resolved or withdrawn, where its own system is trusted",
    distinguish=("stage",),
    settings=("regulator", "regulator_answer_days", "regulator_final_days"),
)
RULES = (*targets.RULES, ESCALATED, CLIENT_UNINFORMED, REGULATOR_DEADLINE, forwarding.FORWARDED_LATE)

INFORM = f"{CLIENT_UNINFORMED.name}/due"
ANSWER, FINAL = "answer", "final"


def step(state: Complaint, event: Event, at: datetime) -> Step[Complaint]:
    """One event of a complaint, or one of its deadlines."""
    match event:
        case DeadlinePassed():
            return _passed(state, event, at)
        case FindingReviewed() if event.rule == CLIENT_UNINFORMED.name:
            return _reviewed(state, event, at)
    now = targets.kept(Step(read(state, event)), event, at)
    now = _escalation(now, event, at, again=now.state.escalations > state.escalations)
    now = _informed(now, event, at)
    now = _regulator(now, event, at)
    now = forwarding.kept(now, event, at)
    return publishing.published(now, event)


def _reviewed(complaint: Complaint, event: FindingReviewed, at: datetime) -> Step[Complaint]:
    """A client who cannot or need not be told."""
    return review(Step(complaint), event, at, CLIENT_UNINFORMED, ("waived", "justified"))


def _passed(complaint: Complaint, event: DeadlinePassed, at: datetime) -> Step[Complaint]:
    if (missed := targets.passed(complaint, event, at)) is not None:
        return missed
    if event.name == forwarding.DUE:
        return forwarding.passed(complaint, event, at)
    if event.name == INFORM:
        return _uninformed(complaint, event, at)
    rule, _, stage = event.name.partition("/")
    if rule == REGULATOR_DEADLINE.name and stage in (ANSWER, FINAL):
        return _unanswered(complaint, event, at, stage)
    return Step(complaint)


def _escalation(step: Step[Complaint], event: Event, at: datetime, *, again: bool) -> Step[Complaint]:
    complaint = step.state
    if again:
        role = "manager" if complaint.escalations == 1 else "executive"
        whom = "the back-office manager" if role == "manager" else "an executive"
        return step.fires(
            ESCALATED,
            at,
            f"Complaint {complaint.id} needs {whom}",
            because=_escalations(complaint),
            labels={"role": role, **targets.labels(complaint)},
        )
    if complaint.over:
        return step.resolves(ESCALATED, at, _how_it_ended(complaint), by=[event])
    return step


def _escalations(complaint: Complaint) -> list[Evidence]:
    """The latest, and the one before it where that tells whom it goes to."""
    latest = resting_on(complaint.grounds, (), ["escalations"])[-2:]
    return resting_on(complaint.grounds, targets.LABELS, besides=latest)


def _how_it_ended(complaint: Complaint) -> str:
    return "it is withdrawn" if complaint.withdrawn_at else "it is resolved"


def _informed(step: Step[Complaint], event: Event, at: datetime) -> Step[Complaint]:
    """The client is to be told of an escalation, also when the complaint is resolved meanwhile."""
    complaint, hours = step.state, step.state.settings.hours
    days = complaint.settings.inform_business_days
    if complaint.escalated_at is None or days is None:
        because = "the client withdrew it" if complaint.withdrawn_at else "the client is informed"
        overdue = tuple(name for name in complaint.overdue if name != INFORM)
        return step.evolve(overdue=overdue).awaits(INFORM, None).resolves(CLIENT_UNINFORMED, at, because, by=[event])
    if INFORM in complaint.overdue:
        return step
    last_day = hours.add_business_days(hours.local_date(complaint.escalated_at), days)
    return step.awaits(INFORM, hours.end_of_business_day(last_day))


def _uninformed(complaint: Complaint, event: DeadlinePassed, at: datetime) -> Step[Complaint]:
    if complaint.settings.inform_business_days is None or is_reviewed(complaint, CLIENT_UNINFORMED):
        return Step(complaint)
    overdue = tuple(sorted({*complaint.overdue, INFORM}))
    return Step(complaint.evolve(overdue=overdue)).fires(
        CLIENT_UNINFORMED,
        at,
        f"The client of complaint {complaint.id} has not been told of its escalation",
        because=resting_on(complaint.grounds, ("escalated_at", *targets.LABELS)),
        labels=targets.labels(complaint),
        due=event.due,
    )


def _regulator(step: Step[Complaint], event: Event, at: datetime) -> Step[Complaint]:
    """Calendar days count from the receipt, whatever the client does meanwhile."""
    settings = step.state.settings
    if settings.regulator == "reported":
        return _reported(step, event, at)
    for stage, days in ((ANSWER, settings.regulator_answer_days), (FINAL, settings.regulator_final_days)):
        name = f"{REGULATOR_DEADLINE.name}/{stage}"
        if not _is_owed(step.state, stage):
            step = step.awaits(name, None)
            step = step.resolves(REGULATOR_DEADLINE, at, "it was answered, too late", by=[event], stage=stage)
        elif name not in step.state.overdue and step.state.received_at is not None:
            step = step.awaits(name, after(step.state.received_at, timedelta(days=days)))
    return step


def _reported(step: Step[Complaint], event: Event, at: datetime) -> Step[Complaint]:
    """The judgement of the system that tells of the answer. It holds until the complaint is settled."""
    for stage in (ANSWER, FINAL):
        step = step.awaits(f"{REGULATOR_DEADLINE.name}/{stage}", None)
    complaint = step.state
    if complaint.over:
        return step.resolves(REGULATOR_DEADLINE, at, _how_it_ended(complaint), by=[event], stage=ANSWER)
    if not (complaint.regulated and complaint.reported_late):
        return step
    return step.fires(
        REGULATOR_DEADLINE,
        at,
        f"Regulated complaint {complaint.id} was not answered in time, says its own system",
        because=resting_on(complaint.grounds, ("regulated", "reported_late", *targets.LABELS)),
        labels={"stage": ANSWER, **targets.labels(complaint)},
    )


def _is_owed(complaint: Complaint, stage: str) -> bool:
    answered = complaint.answered_at if stage == ANSWER else complaint.final_at
    return complaint.regulated and answered is None and complaint.withdrawn_at is None


def _unanswered(complaint: Complaint, event: DeadlinePassed, at: datetime, stage: str) -> Step[Complaint]:
    settings = complaint.settings
    if settings.regulator == "reported":
        return Step(complaint)
    days = settings.regulator_answer_days if stage == ANSWER else settings.regulator_final_days
    overdue = tuple(sorted({*complaint.overdue, event.name}))
    return Step(complaint.evolve(overdue=overdue)).fires(
        REGULATOR_DEADLINE,
        at,
        f"Regulated complaint {complaint.id} has no {'final ' if stage == FINAL else ''}answer after {days} days",
        because=resting_on(complaint.grounds, ("regulated", "received_at", *targets.LABELS)),
        labels={"stage": stage, **targets.labels(complaint)},
        due=event.due,
    )

"""Targets kept: of the cases that began in the period, the share that has not missed its target.

A target is a rule: what missed it is what the rule ever fired for. So a case that is still open, and not late yet,
counts as kept; and so does one that has no target by the settings. A case counts in the period in which it was first
on record, whenever it ends.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, literal, select, true, union_all

from consumers.archive.tables import alerts, events
from consumers.reports.figure import Figure, Report, Scope
from consumers.reports.sql import earlier, flag, label, said, yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`begins`: the event types of which the first begins a case. `case`: the field that tells several of one subject
    apart, in the event and as a label of the alert. `only`: a field that must say yes."""

    title: str
    begins: tuple[str, ...]
    rule: str
    case: str | None = None
    only: str | None = None

    @property
    def department(self) -> str:
        return self.rule.partition(".")[0]


TARGETS = (
    Target(
        title="Incidents acknowledged", begins=("it.incident.opened", "it.incident.updated"), rule="it.sla_response"
    ),
    Target(title="Incidents restored", begins=("it.incident.opened", "it.incident.updated"), rule="it.sla_restore"),
    Target(title="Accounts provisioned", begins=("it.account.provision_requested",), rule="it.provisioning_overdue"),
    Target(
        title="Complaints: first response",
        begins=("front_office.complaint.received",),
        rule="front_office.first_response",
    ),
    Target(
        title="Complaints: next response",
        begins=("front_office.complaint.customer_replied",),
        rule="front_office.next_response",
    ),
    Target(title="Complaints: resolution", begins=("front_office.complaint.received",), rule="front_office.resolution"),
    Target(
        title="Complaints: regulator's deadlines",
        begins=("front_office.complaint.received",),
        rule="front_office.regulator_deadline",
        only="regulated",
    ),
    Target(
        title="Records retrieved", begins=("health.record.requested",), rule="health.retrieval_overdue", case="request"
    ),
    Target(title="Applications decided", begins=("finance.application.submitted",), rule="finance.application_overdue"),
    Target(title="Tasks done", begins=("management.task.delegated",), rule="management.task_overdue"),
    Target(
        title="Questions answered",
        begins=("management.consultation.requested",),
        rule="management.consultation_unanswered",
    ),
)


def _began(target: Target, scope: Scope) -> Select[Any]:
    """The first record of each case, where it is in the period; and whether the target was missed."""
    before = events.alias("earlier")
    same = [before.c.subject == events.c.subject, before.c.type.in_(target.begins), earlier(before, events)]
    if target.case:
        same.append(said(before, target.case) == said(events, target.case))
    missed = exists().where(
        alerts.c.subject == events.c.subject,
        alerts.c.rule == target.rule,
        label(alerts.c.labels, target.case) == said(events, target.case) if target.case else true(),
    )
    return select(
        literal(target.title).label("target"),
        literal(target.department).label("department"),
        events.c.number,
        events.c.timestamp.label("at"),
        events.c.subject,
        events.c.type.label("what"),
        flag(missed).label("missed"),
        flag(~missed).label("kept"),
    ).where(
        events.c.department == target.department,
        events.c.type.in_(target.begins),
        events.c.timestamp >= scope.begins,
        events.c.timestamp < scope.ends,
        yes(events, target.only) if target.only else true(),
        ~exists().where(*same),
    )


def cases(scope: Scope) -> Select[Any]:
    return select(union_all(*(_began(target, scope) for target in TARGETS)).subquery())


REPORT = Report(
    name="targets",
    title="Targets kept",
    meaning="Of the cases that began in the period, how many have not missed their target so far.",
    groups=("target",),
    figures=(
        Figure(name="cases", title="Cases", meaning="Cases whose first record is in the period."),
        Figure(name="kept", title="Kept", meaning="Those for which the target's rule never fired.", where="kept"),
        Figure(name="missed", title="Missed", meaning="Those for which it did, then or later.", where="missed"),
        Figure(
            name="rate",
            title="Rate",
            meaning="Kept, divided by cases.",
            kind="share",
            unit="%",
            where="kept",
        ),
    ),
    cases=cases,
    chart="rate",
)

"""What the states of Finance answer besides alerts: the questions of a monthly report on applications."""

from collections.abc import Iterator

from processors.departments.finance.application import Application
from processors.measure import Measure, by_name, cases

FRAUD_CHECK = "fraud_check"


def _approved_late(application: Application) -> bool:
    submitted, approved = application.submitted_at, application.approved_at
    return submitted is not None and approved is not None and approved - submitted > application.target


def _is_large(application: Application) -> bool:
    amount, large = application.amount, application.settings.large_application
    return amount is not None and amount.currency == large.currency and amount.amount > large.amount


def _checked(application: Application) -> bool:
    return FRAUD_CHECK in application.work


def _without_person(key: str, application: Application) -> Iterator[str]:
    yield from ["events"] * application.acts_without_person


MEASURES = by_name(
    cases("applications", "Every application.", "application", lambda a: True),
    cases("applications_approved", "Applications that were ever approved.", "application", lambda a: a.approved_at),
    cases("applications_declined", "Applications that were ever declined.", "application", lambda a: a.declined_at),
    cases("applications_cancelled", "Applications that were ever cancelled.", "application", lambda a: a.cancelled_at),
    cases("applications_undecided", "Applications never decided.", "application", lambda a: a.decided_at is None),
    cases(
        "applications_approved_late",
        "Applications approved after their target time, counted from the first submission.",
        "application",
        _approved_late,
    ),
    cases(
        "applications_approved_large",
        "Approved applications above the amount that is large.",
        "application",
        lambda a: a.approved_at is not None and _is_large(a),
    ),
    cases(
        "applications_without_amount",
        "Applications for nothing: their amount is 0.",
        "application",
        lambda a: a.amount is not None and not a.amount.amount,
    ),
    cases("applications_fraud_checked", "Applications somebody checked for fraud.", "application", _checked),
    cases(
        "applications_fraud_checked_approved",
        "Applications that were checked for fraud, and approved.",
        "application",
        lambda a: a.approved_at is not None and _checked(a),
    ),
    cases(
        "applications_work_unfinished",
        "Applications with work that was begun more often than done.",
        "application",
        lambda a: any(w.started > w.completed for w in a.work.values()),
    ),
    Measure(
        "application_events_without_person",
        "Events of applications of which nobody said who did it.",
        "application",
        _without_person,
        "count",
    ),
)

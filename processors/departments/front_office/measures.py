"""What the states of the front office answer besides alerts: how complaints are answered and taken."""

from processors.departments.front_office.complaint import Complaint
from processors.measure import Measure, by_name, cases


def _late_by_company(key: str, complaint: Complaint) -> tuple[str, ...]:
    return (complaint.company,) if complaint.reported_late and complaint.company else ()


def _by_outcome(key: str, complaint: Complaint) -> tuple[str, ...]:
    return (complaint.outcome,) if complaint.outcome else ()


def _sent_early(complaint: Complaint) -> bool:
    if complaint.received_at is None or complaint.sent_on is None:
        return False
    return complaint.sent_on < complaint.settings.hours.local_date(complaint.received_at)


MEASURES = by_name(
    cases("complaints", "Complaints that came.", "complaint", lambda c: c.received_at),
    cases("complaints_unanswered", "Complaints without an answer.", "complaint", lambda c: not c.answered_at),
    Measure("complaints_by_outcome", "Complaints by what the client got.", "complaint", _by_outcome, "count"),
    cases("answered_late", "Complaints answered late, says their own system.", "complaint", lambda c: c.reported_late),
    Measure(
        "answered_late_by_company",
        "Complaints answered late, says their own system, by the company they are about.",
        "complaint",
        _late_by_company,
        "count",
    ),
    cases("disputed", "Complaints whose client disputed an answer.", "complaint", lambda c: c.disputed),
    cases(
        "disputed_and_answered_late",
        "Complaints that were answered late and whose client disputed.",
        "complaint",
        lambda c: c.disputed and c.reported_late,
    ),
    cases(
        "unjudged",
        "Complaints whose client neither disputed an answer nor let one stand.",
        "complaint",
        lambda c: not (c.disputed or c.accepted),
    ),
    cases("sent_before_received", "Complaints sent on before they were received.", "complaint", _sent_early),
)

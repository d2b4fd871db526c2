"""What the states of IT answer besides alerts: the questions of a monthly report on incidents."""

from processors.departments.it.incident import Incident
from processors.measure import Measure, by_name, cases


def _missed_by_priority(key: str, incident: Incident) -> tuple[str, ...]:
    return (str(incident.priority),) if incident.restore_missed else ()


def _by_priority(key: str, incident: Incident) -> tuple[str, ...]:
    return (str(incident.priority),)


def _most_reassignments(key: str, incident: Incident) -> tuple[int, ...]:
    return (incident.most_reassignments,)


MEASURES = by_name(
    cases("incidents_closed", "Incidents that are closed.", "incident", lambda i: i.closed),
    cases("sla_missed", "Incidents not restored within their target.", "incident", lambda i: i.restore_missed),
    cases(
        "sla_recovered",
        "Incidents whose own system took back that the target was missed.",
        "incident",
        lambda i: i.sla_recovered,
    ),
    Measure(
        "sla_missed_by_priority",
        "Incidents not restored within their target, by their latest priority.",
        "incident",
        _missed_by_priority,
        "count",
    ),
    Measure("incidents_by_priority", "Incidents by their latest priority.", "incident", _by_priority, "count"),
    Measure(
        "most_reassignments",
        "The most often that any incident changed hands.",
        "incident",
        _most_reassignments,
        "maximum",
    ),
    cases(
        "reassigned_too_often",
        "Incidents whose latest count of reassignments is above the threshold.",
        "incident",
        lambda i: i.reassignments > i.settings.bouncing_reassignments,
    ),
    cases(
        "reopened_by_counter", "Incidents that their own counter calls reopened.", "incident", lambda i: i.reopenings
    ),
    cases(
        "reopened_by_state",
        "Incidents that went from Resolved back to work.",
        "incident",
        lambda i: i.reopenings_seen,
    ),
    cases("priority_raised", "Incidents whose priority was raised.", "incident", lambda i: i.priority_raised),
    cases("priority_lowered", "Incidents whose priority was lowered.", "incident", lambda i: i.priority_lowered),
    cases("ever_major", "Incidents that ever had priority 1.", "incident", lambda i: i.was_major),
    cases(
        "ever_major_and_sla_missed",
        "Incidents that ever had priority 1 and missed their target.",
        "incident",
        lambda i: i.was_major and i.restore_missed,
    ),
    cases("ever_awaited_user", "Incidents that ever waited for their user.", "incident", lambda i: i.awaited_user),
    cases("caused_by_change", "Incidents that a change caused.", "incident", lambda i: i.caused_by),
    cases(
        "modifications_out_of_order",
        "Incidents whose updates came in another order than they were made.",
        "incident",
        lambda i: i.modifications_out_of_order,
    ),
)

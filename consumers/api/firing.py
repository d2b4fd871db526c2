"""How many alerts fire, for Prometheus: by department and severity, and by who has them."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily

from schemas.alerts import Alert
from schemas.signals import SEVERITIES

OTHER = "other"
MOST_DEPARTMENTS = 30
"""Departments that are told by name, those with most alerts. Alerts of other programs may name any."""


def firing(alerts: Iterable[Alert]) -> GaugeMetricFamily:
    """One sample for each department, severity and state of which there are some."""
    counts = Counter(_place(alert) for alert in alerts)
    of_department: Counter[str] = Counter()
    for (department, _, _), count in counts.items():
        of_department[department] += count
    named = {department for department, _ in of_department.most_common(MOST_DEPARTMENTS)}
    told: Counter[tuple[str, str, str]] = Counter()
    for (department, severity, state), count in counts.items():
        told[department if department in named else OTHER, severity, state] += count
    family = GaugeMetricFamily(
        "backoffice_alerts_firing",
        "Alerts that fire: open while nobody has them, acknowledged, or suppressed by one that explains them.",
        labels=["department", "severity", "state"],
    )
    for labels, count in sorted(told.items()):
        family.add_metric(labels, count)
    return family


def _place(alert: Alert) -> tuple[str, str, str]:
    severity = alert.labels.get("severity", OTHER)
    state = "suppressed" if alert.suppressed else "acknowledged" if alert.acknowledged_by else "open"
    return alert.labels.get("department", OTHER), severity if severity in SEVERITIES else OTHER, state

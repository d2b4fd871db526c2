"""What Prometheus is told of the alerts that fire: few series, whatever labels alerts of other programs have."""

from prometheus_client.core import GaugeMetricFamily

from consumers.api.firing import MOST_DEPARTMENTS, firing
from schemas.alerts import Alert
from tests.unit.api.served import an_alert


def alert(n: int, **changes: object) -> Alert:
    return an_alert(f"{n:016x}").model_copy(update=changes)


def labelled(department: str, severity: str = "error") -> dict[str, dict[str, str]]:
    return {"labels": {"department": department, "severity": severity}}


def told(family: GaugeMetricFamily) -> dict[tuple[str, str, str], float]:
    return {(s.labels["department"], s.labels["severity"], s.labels["state"]): s.value for s in family.samples}


def test_alerts_are_counted_by_department_severity_and_who_has_them() -> None:
    alerts = [
        alert(1, **labelled("it")),
        alert(2, **labelled("it")),
        alert(3, **labelled("it"), acknowledged_by="dana"),
        alert(4, **labelled("hr", "warning"), suppressed=True, acknowledged_by="dana"),
    ]
    assert told(firing(alerts)) == {
        ("it", "error", "open"): 2,
        ("it", "error", "acknowledged"): 1,
        ("hr", "warning", "suppressed"): 1,
    }


def test_without_alerts_there_are_no_series() -> None:
    assert told(firing([])) == {}


def test_whatever_labels_others_give_there_are_few_series() -> None:
    ours = [alert(n, **labelled("it")) for n in range(2)]
    theirs = [alert(100 + n, **labelled(f"team-{n}", f"sev{n}")) for n in range(500)]
    nameless = alert(99, labels={})
    found = told(firing([*theirs, *ours, nameless]))
    assert len({department for department, _, _ in found}) <= MOST_DEPARTMENTS + 1
    assert {severity for _, severity, _ in found} == {"error", "other"}
    assert found["it", "error", "open"] == 2
    assert sum(found.values()) == 503

"""How urgent an alert is."""

import pytest

from processors.alerting.priority import priority
from processors.alerting.settings import AlertingSettings
from tests.office import instant


@pytest.mark.parametrize(
    ("severity", "expected"), [("critical", "P1"), ("error", "P2"), ("warning", "P3"), ("info", "P5"), ("", "P4")]
)
def test_by_default_severity_says_it(severity: str, expected: str) -> None:
    labels = {"severity": severity} if severity else {}
    assert priority(AlertingSettings(), labels, instant("2026-01-05T12:00")) == expected


AT_NIGHT = AlertingSettings.model_validate(
    {
        "calendar": {"time_zone": "Europe/Berlin", "country": "DE"},
        "priorities": [
            {"priority": "P1", "matchers": ['department="health"', 'severity=~"critical|error"']},
            {"priority": "P2", "matchers": ['severity="error"'], "hours": "business"},
            {"priority": "P4", "matchers": ['severity="error"'], "hours": "after"},
        ],
    }
)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-05T09:00", "P2"),
        ("2026-01-05T08:59:59.999", "P4"),
        ("2026-01-05T16:59:59.999", "P2"),
        ("2026-01-05T17:00", "P4"),
        ("2026-01-04T12:00", "P4"),
        ("2026-01-01T12:00", "P4"),
    ],
    ids=["opens", "before", "closing", "closed", "a Sunday", "a holiday"],
)
def test_business_hours_are_the_organisations(at: str, expected: str) -> None:
    assert priority(AT_NIGHT, {"severity": "error"}, instant(f"{at}+01:00")) == expected


def test_the_first_rule_that_holds_says_it_and_the_least_when_none_does() -> None:
    night = instant("2026-01-05T23:00")
    assert priority(AT_NIGHT, {"department": "health", "severity": "error"}, night) == "P1"
    assert priority(AT_NIGHT, {"department": "health", "severity": "info"}, night) == "P5"

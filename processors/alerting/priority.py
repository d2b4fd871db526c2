"""How urgent an alert is: the first of the rules that holds says it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from processors.alerting.settings import AlertingSettings
from processors.alerting.settings.urgency import Priority
from processors.calendar import Calendar
from processors.matchers import matches_all

LEAST: Priority = "P5"
"""That of an alert for which no rule holds."""

_INSTANT = timedelta(microseconds=1)


def priority(settings: AlertingSettings, labels: Mapping[str, str], at: datetime) -> Priority:
    """The priority of an alert with these labels, at this instant."""
    for rule in settings.priorities:
        if rule.hours is not None and rule.hours != _hours(settings, at):
            continue
        if matches_all(rule.matchers, labels):
            return rule.priority
    return LEAST


def _hours(settings: AlertingSettings, at: datetime) -> str:
    working = Calendar.of(settings.calendar).business_time_between(at, at + _INSTANT)
    return "business" if working else "after"

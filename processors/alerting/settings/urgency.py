"""Priorities: how urgent an alert is, by its labels and the time."""

from typing import Any, Literal

from pydantic import Field

from processors.matchers import MatcherText
from schemas.settings import Settings

Priority = Literal["P1", "P2", "P3", "P4", "P5"]
"""From P1, drop everything, to P5, for information."""


class PriorityRule(Settings):
    """Alerts for which all of this holds have this priority."""

    priority: Priority = Field(examples=["P1"])
    """How urgent they are."""
    matchers: tuple[MatcherText, ...] = ()
    """Conditions on labels, `department` and `severity` among them; any alert when there are none."""
    hours: Literal["business", "after"] | None = None
    """Only in business hours, or only outside of them, by the organisation's calendar; always when not given."""


def by_severity() -> list[dict[str, Any]]:
    """The built-in priorities. What says no severity is P4."""
    return [
        {"priority": "P1", "matchers": ['severity="critical"']},
        {"priority": "P2", "matchers": ['severity="error"']},
        {"priority": "P3", "matchers": ['severity="warning"']},
        {"priority": "P5", "matchers": ['severity="info"']},
        {"priority": "P4"},
    ]

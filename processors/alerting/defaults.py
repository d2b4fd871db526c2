"""Routing when nothing is configured: a department's clerk, then its manager, the back office, the executive."""

from typing import Any

DEPARTMENTS = ("hr", "accounting", "it", "front_office", "health", "manufacturing", "finance", "management")
BACK_OFFICE = "back-office-manager"
EXECUTIVE = "executive"
BACK_OFFICE_POLICY = "back-office"
NO_ESCALATION = "none"
"""In place of a policy's name: what nobody acknowledges stays where it is."""


def clerk(department: str) -> str:
    return f"{department}-clerk"


def manager(department: str) -> str:
    return f"{department}-manager"


def route() -> dict[str, Any]:
    """The default route tree. Alerts of a department that is not ours go to the back-office manager. What is only for
    information climbs nowhere. Of what is critical the manager hears at once; it climbs from the clerk on."""
    return {
        "receiver": BACK_OFFICE,
        "escalation": BACK_OFFICE_POLICY,
        **_EACH_AT_ONCE,
        "routes": [*_ESCALATED_COMPLAINTS, *(_department(name) for name in DEPARTMENTS), _INFORMATION],
    }


_EACH_AT_ONCE = {"group_by": ["..."], "group_wait": "0s", "group_interval": "0s", "repeat_interval": "1y"}
"""Each alert is told by itself, when it begins and when it ends. Whom it is not enough to tell once, the policies tell
others."""

_INFORMATION = {"matchers": ['severity="info"'], "escalation": NO_ESCALATION}

_ESCALATED_COMPLAINTS = [
    {"matchers": ['alertname="front_office.escalated"', f'role="{role}"'], "receiver": who}
    for role, who in (("manager", BACK_OFFICE), ("executive", EXECUTIVE))
]
"""What a representative could not settle goes over the department's head at once."""


def _department(name: str) -> dict[str, Any]:
    return {
        "matchers": [f'department="{name}"'],
        "receiver": clerk(name),
        "escalation": name,
        "routes": [
            {
                "matchers": ['severity="critical"'],
                "receiver": manager(name),
                "escalation": NO_ESCALATION,
                "continue": True,
            },
            _INFORMATION,
            {"receiver": clerk(name)},
        ],
    }


def receivers() -> tuple[str, ...]:
    """Everybody the default routes and policies name."""
    by_department = (who(name) for name in DEPARTMENTS for who in (clerk, manager))
    return (*by_department, BACK_OFFICE, EXECUTIVE)


def escalation_policies() -> list[dict[str, Any]]:
    """Unacknowledged for 15 minutes: the manager; 30 more: the back-office manager; 30 more: the executive."""
    to_office = {"targets": [BACK_OFFICE], "delay_minutes": 30}
    to_executive = {"targets": [EXECUTIVE], "delay_minutes": 30}
    by_department = [
        {"name": name, "steps": [{"targets": [manager(name)], "delay_minutes": 15}, to_office, to_executive]}
        for name in DEPARTMENTS
    ]
    return [*by_department, {"name": BACK_OFFICE_POLICY, "steps": [to_executive]}]

"""`/api/v2/alerts/groups`, `/status` and `/receivers`."""

import pytest
from ruamel.yaml import YAML

from tests.unit.api.served import Served, a_group, a_silence, an_alert

IT, HR = "1" * 16, "2" * 16


def served() -> Served:
    return Served().shows(
        a_group(IT, labels={"department": "it"}, receiver="it-clerk"),
        a_group(HR, labels={"department": "hr"}, receiver="hr-clerk"),
        a_group("3" * 16, labels={"department": "empty"}),
        an_alert("a" * 16, groups=[IT], labels={"alertname": "it.outage", "department": "it"}),
        an_alert("b" * 16, groups=[IT], labels={"alertname": "it.slow", "department": "it"}),
        an_alert("c" * 16, groups=[HR], labels={"alertname": "hr.late", "department": "hr"}),
        an_alert("d" * 16, groups=[HR], status="resolved"),
        a_silence(),
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"hr": "c", "it": "ab"}),
        ("?receiver=it-.*", {"it": "ab"}),
        ('?filter=alertname="it.slow"', {"it": "b"}),
        ("?silenced=false", {"hr": "c", "it": "b"}),
        ("?active=false", {"it": "a"}),
        ("?muted=false", {"hr": "c", "it": "ab"}),
    ],
)
def test_alerts_are_shown_in_their_groups(query: str, found: dict[str, str]) -> None:
    shown = served().get(f"/api/v2/alerts/groups{query}").json()
    alerts = {group["labels"]["department"]: "".join(a["fingerprint"][0] for a in group["alerts"]) for group in shown}
    assert alerts == found
    assert list(alerts) == sorted(alerts)


def test_a_group_says_whom_it_tells() -> None:
    (group,) = served().get("/api/v2/alerts/groups?receiver=hr-clerk").json()
    assert (group["receiver"], group["labels"]) == ({"name": "hr-clerk"}, {"department": "hr"})
    assert group["alerts"][0]["receivers"] == [{"name": "hr-clerk"}]


def test_the_status_gives_the_configuration_as_alertmanager_would_read_it() -> None:
    settings = {
        "route": {
            "receiver": "clerk",
            "escalation": "up",
            "group_by": ["alertname"],
            "group_wait": "0s",
            "group_interval": "0s",
            "routes": [{"matchers": ['severity="info"'], "continue": True, "escalation": "none"}],
        },
        "receivers": [{"name": "clerk"}, {"name": "boss", "escalation": "up"}],
        "escalation_policies": [{"name": "up", "steps": [{"targets": ["boss"], "delay_minutes": 5}]}],
        "inhibit_rules": [{"source_matchers": ["a=b"], "target_matchers": ["c=d"], "equal": ["e"]}],
    }
    status = Served(settings=settings).get("/api/v2/status").json()
    assert YAML(typ="safe").load(status["config"]["original"]) == {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": "clerk",
            "group_by": ["alertname"],
            "group_wait": "0s",
            "routes": [{"matchers": ['severity="info"'], "continue": True}],
        },
        "receivers": [{"name": "clerk"}, {"name": "boss"}],
        "inhibit_rules": [{"source_matchers": ["a=b"], "target_matchers": ["c=d"], "equal": ["e"]}],
    }
    assert status["cluster"] == {"peers": [], "status": "disabled"}
    assert status["versionInfo"]["version"].startswith("0.28.")


def test_receivers_are_listed() -> None:
    names = [receiver["name"] for receiver in Served().get("/api/v2/receivers").json()]
    assert {"it-clerk", "hr-manager", "executive"} <= set(names)

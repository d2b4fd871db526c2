"""The PagerDuty channel: events as its API takes them, against a real server."""

import json
from contextlib import closing
from typing import Any

import pytest

from consumers.links import Link
from consumers.notify.channels.base import Final, Transient
from consumers.notify.channels.pagerduty import LARGEST_EVENT, LONGEST_SUMMARY, PagerDuty
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, Answer, Hooks, notice

KEY = "R" * 32


def event(hooks: Hooks, said: Notice) -> dict[str, Any]:
    """What is sent for a notice."""
    links = (Link("Acknowledge", "https://office.test/act/x"),)
    hooks.answers.append(Answer(202))
    with closing(PagerDuty(KEY, hooks.url(), links=lambda said: links)) as channel:
        channel.deliver(said)
    sent: dict[str, Any] = json.loads(hooks.requests[-1].body)
    return sent


def test_an_alert_that_fires_triggers_an_incident(hooks: Hooks) -> None:
    assert event(hooks, notice()) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "04c6a1ffe29b6d10",
        "payload": {
            "summary": "vpn is down",
            "source": "service/vpn",
            "severity": "critical",
            "timestamp": "2026-01-05T08:00:00Z",
            "component": "service/vpn",
            "group": "it",
            "class": "it.outage",
            "custom_details": {
                "reason": "first notification",
                "notice": "0-41-2",
                "alerts": [
                    {
                        "fingerprint": "0ad9ee6b2d72ce22",
                        "status": "firing",
                        "labels": DOWN.labels,
                        "annotations": DOWN.annotations,
                    }
                ],
                "more_alerts": 0,
            },
        },
        "links": [{"href": "https://office.test/act/x", "text": "Acknowledge"}],
        "client": "Backoffice",
    }


def test_the_key_of_the_incident_is_the_group_so_the_end_finds_the_beginning(hooks: Hooks) -> None:
    ended = event(hooks, notice("0-99-1", status="resolved", reason="all alerts resolved"))
    assert ended == {"routing_key": KEY, "event_action": "resolve", "dedup_key": "04c6a1ffe29b6d10"}


def test_what_somebody_has_taken_is_acknowledged_there_too(hooks: Hooks) -> None:
    assert event(hooks, notice(acknowledged_by="dana"))["event_action"] == "acknowledge"
    assert event(hooks, notice(acknowledged_by="dana", status="resolved"))["event_action"] == "resolve"


def test_several_alerts_are_one_incident_that_says_how_many(hooks: Hooks) -> None:
    ended = DOWN.model_copy(update={"fingerprint": "0000000000000001", "status": "resolved"})
    sent = event(hooks, notice(alerts=(ended, DOWN), truncated=3, common_labels={}))
    assert sent["payload"]["summary"] == "vpn is down (1 of 5 alerts fire)"
    assert sent["payload"]["source"] == "it-manager", "which the API wants, and no label says"
    assert [alert["status"] for alert in sent["payload"]["custom_details"]["alerts"]] == ["firing", "resolved"]


def test_no_event_is_larger_than_the_api_takes(hooks: Hooks) -> None:
    labels = {f"label_{n}": "ü" * 5_000 for n in range(50)}
    many = tuple(DOWN.model_copy(update={"fingerprint": f"{n:016x}", "labels": labels}) for n in range(60))
    sent = event(hooks, notice(alerts=many, summary="s" * 5_000))
    assert len(hooks.requests[-1].body) <= LARGEST_EVENT
    assert len(sent["payload"]["summary"]) == LONGEST_SUMMARY
    details = sent["payload"]["custom_details"]
    assert len(details["alerts"]) + details["more_alerts"] == 60


@pytest.mark.parametrize(("status", "kind"), [(400, Final), (403, Final), (429, Transient), (500, Transient)])
def test_400_is_final_and_429_and_5xx_are_worth_another_try(hooks: Hooks, status: int, kind: type[Exception]) -> None:
    hooks.answers.append(Answer(status, {"Retry-After": "30"}))
    with closing(PagerDuty(KEY, hooks.url())) as channel, pytest.raises(kind, match=f"^pagerduty: HTTP {status}"):
        channel.deliver(notice())

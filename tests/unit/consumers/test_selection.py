"""Which alerts are shown, in which order, and the word for how each stands."""

from datetime import timedelta
from typing import Any

import pytest

from consumers.api.suppression import Status, Suppression
from consumers.selection import Selection, state
from processors.matchers import parse
from schemas.alerts import Alert, Note
from schemas.envelope import Event
from tests.office import START
from tests.unit.api.served import Served, a_silence, an_alert

ONE, TWO, THREE, FOUR = "1" * 16, "2" * 16, "3" * 16, "4" * 16
HR = {"alertname": "hr.position_open_long", "department": "hr", "severity": "warning", "subject": "position/p1"}


def shown(*events: Event, resolved: bool = False, **chosen: Any) -> list[str]:
    served = Served().shows(*events)
    with served.view.reading() as standing:
        found = Selection(**chosen).of(standing, Suppression(standing, served.service.rules, START), START, resolved)
    return [stands.alert.fingerprint for stands in found]


OFFICE = (
    an_alert(ONE, labels=HR, rule="hr.position_open_long", subject="position/p1"),
    an_alert(TWO, status="resolved", ends_at=START),
    an_alert(THREE, acknowledged_by="dana", receivers=("it-clerk",), notes=(Note("kim", START, "ask the Provider"),)),
    an_alert(FOUR, starts_at=START - timedelta(days=1), assigned_to=("kim",)),
)


def test_the_worst_and_oldest_come_first_and_the_resolved_last() -> None:
    assert shown(*OFFICE) == [FOUR, THREE, ONE]
    assert shown(*OFFICE, resolved=True) == [FOUR, THREE, ONE, TWO]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"departments": ["hr"]}, [ONE]),
        ({"severities": ["critical"]}, [FOUR, THREE]),
        ({"matchers": [parse('department=~"h.*"')]}, [ONE]),
        ({"matchers": [parse('department="it"'), parse('severity!="critical"')]}, []),
        ({"text": "PROVIDER"}, [THREE]),
        ({"text": "position/p1"}, [ONE]),
        ({"receiver": "it-clerk"}, [THREE]),
        ({"receiver": "kim"}, [FOUR]),
        ({"mine": "dana"}, [THREE]),
        ({"mine": "kim"}, [FOUR]),
        ({"states": ["acknowledged"]}, [THREE]),
        ({"states": ["resolved"]}, [TWO]),
        ({"states": ["firing", "acknowledged"], "departments": ["it"]}, [FOUR, THREE]),
    ],
)
def test_every_condition_must_hold(chosen: dict[str, Any], found: list[str]) -> None:
    assert shown(*OFFICE, **chosen) == found


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({}, Status(), "firing"),
        ({"escalation_step": 2}, Status(), "escalated"),
        ({"escalation_step": 2, "acknowledged_by": "dana"}, Status(), "acknowledged"),
        ({"suppressed": True, "acknowledged_by": "dana"}, Status(), "suppressed"),
        ({}, Status(inhibited_by=(TWO,)), "suppressed"),
        ({"snoozed_until": START + timedelta(seconds=1), "acknowledged_by": "dana"}, Status(), "snoozed"),
        ({"snoozed_until": START}, Status(), "firing"),
        ({"snoozed_until": START + timedelta(1)}, Status(silenced_by=("s",)), "silenced"),
        ({"status": "resolved", "ends_at": START}, Status(silenced_by=("s",)), "resolved"),
    ],
)
def test_the_word_is_the_one_that_says_most(changes: dict[str, Any], status: Status, word: str) -> None:
    alert: Alert = an_alert(ONE, **changes)
    assert state(alert, status, START) == word


def test_a_silence_is_seen_while_it_holds() -> None:
    assert shown(*OFFICE, a_silence(), states=["silenced"]) == [FOUR, THREE]
    over = a_silence(starts_at=START - timedelta(hours=2), ends_at=START - timedelta(hours=1))
    assert shown(*OFFICE, over, states=["silenced"]) == []

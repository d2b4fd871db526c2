"""What pages show: the order, the tiles, the timeline, and what a filter takes."""

from datetime import timedelta

import pytest

from consumers.console.board import BUCKET, BUCKETS, Board, board
from consumers.console.filters import Filter, split
from schemas.alerts import Alert
from tests.office import START
from tests.unit.api.served import Served, a_silence, an_alert


def alert(n: int, severity: str = "error", department: str = "it", **changes: object) -> Alert:
    labels = {"alertname": "it.outage", "department": department, "severity": severity, "subject": f"service/{n}"}
    said = {"labels": labels, "subject": f"service/{n}", "annotations": {"summary": f"outage {n}"}}
    return an_alert(f"{n:016x}", **{**said, **changes})


def shown(*events: object, departments: tuple[str, ...] = ("it", "hr")) -> Board:
    served = Served().shows(*events)  # type: ignore[arg-type]
    return board(served.service, departments)


def order(shown: Board) -> list[int]:
    return [int(row.alert.fingerprint, 16) for row in shown.rows]


def test_the_worst_is_first_and_what_nobody_has_before_what_somebody_has() -> None:
    rows = shown(
        alert(1, "info"),
        alert(2, "critical", acknowledged_by="dana"),
        alert(3, "critical", starts_at=START + timedelta(minutes=1)),
        alert(4, "critical"),
        alert(5, "warning", priority="P1"),
        alert(6, "warning", priority="P4"),
        alert(7, "critical", snoozed_until=START + timedelta(hours=1)),
        alert(8, "critical", status="resolved", ends_at=START),
    )
    assert order(rows) == [4, 3, 5, 6, 1, 2, 7, 8]


def test_a_tile_counts_what_is_open_and_says_since_when_nobody_has_one() -> None:
    tiles = dict(
        shown(
            alert(1, "critical", acknowledged_by="dana", starts_at=START - timedelta(hours=5)),
            alert(2, "critical", starts_at=START - timedelta(hours=2)),
            alert(3, "info", starts_at=START - timedelta(hours=1)),
            alert(4, "error", suppressed=True, suppressed_by=("0" * 16,)),
            alert(5, status="resolved", ends_at=START),
            alert(6, department="third party"),
        ).tiles
    )
    assert dict(tiles["it"].open_) == {"critical": 2, "info": 1}
    assert tiles["it"].unacknowledged_since == START - timedelta(hours=2)
    assert not tiles["hr"].open_
    assert tiles["hr"].unacknowledged_since is None
    assert tiles["third party"].open_["error"] == 1


def test_the_timeline_has_twelve_hours_and_each_alert_once() -> None:
    began = shown(
        alert(1, starts_at=START),
        alert(2, starts_at=START + BUCKET - timedelta(seconds=1)),
        alert(3, "critical", starts_at=START - (BUCKETS - 1) * BUCKET),
        alert(4, starts_at=START - (BUCKETS - 1) * BUCKET - timedelta(seconds=1)),
        alert(5, starts_at=START + BUCKET),
    ).began
    assert len(began) == BUCKETS
    assert began[-1] == (START, {"error": 2})
    assert began[0] == (START - (BUCKETS - 1) * BUCKET, {"critical": 1})
    assert sum(sum(count.values()) for _, count in began) == 3


def test_a_severity_that_we_do_not_know_counts_as_info() -> None:
    assert shown(alert(1, "page")).rows[0].severity == "info"


def takes(asked: dict[str, str], *events: object, who: str = "dana") -> list[int]:
    found = shown(*events)
    rules = Served().service.rules
    return sorted(int(row.alert.fingerprint, 16) for row in Filter.read(asked).apply(found.rows, rules, who))


ALERTS = (
    alert(1, "critical", annotations={"summary": "The VPN is down"}, receivers=("it-clerk",)),
    alert(2, "error", "hr", assigned_to=("dana",)),
    alert(3, "info", acknowledged_by="dana"),
    alert(4, acknowledged_by="kim", assigned_to=("dana",)),
    alert(5, status="resolved", ends_at=START),
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"q": "vpn DOWN"}, [1]),
        ({"q": "vpn up"}, []),
        ({"q": "kim"}, [4]),
        ({"q": "0000000000000003"}, [3]),
        ({"state": "resolved"}, [5]),
        ({"state": "resolved,acknowledged"}, [3, 4, 5]),
        ({"state": "no such"}, [1, 2, 3, 4]),
        ({"department": "hr"}, [2]),
        ({"severity": "critical"}, [1]),
        ({"receiver": "it-clerk"}, [1]),
        ({"mine": "1"}, [2, 3]),
        ({"match": 'severity=~"critical|info"'}, [1, 3]),
        ({"match": 'severity=~"critical|info", subject!="service/1"'}, [3]),
        ({"unknown": "x"}, [1, 2, 3, 4]),
    ],
)
def test_a_filter_takes(asked: dict[str, str], found: list[int]) -> None:
    assert takes(asked, *ALERTS) == found


def test_a_silenced_alert_is_shown_as_such() -> None:
    assert takes({"state": "silenced"}, *ALERTS, a_silence()) == [1, 2, 3, 4]


def test_a_matcher_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match=r".+"):
        takes({"match": "severity"}, *ALERTS)


def test_an_address_says_the_same_filter_again() -> None:
    asked = {"q": "vpn", "match": 'a="b,c"', "state": "resolved", "group": "department", "page": "2"}
    assert Filter.read(asked).query() == asked
    assert Filter.read({}).query() == {}


@pytest.mark.parametrize(
    ("page", "number"), [("", 1), ("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("9" * 30, 1), ("²", 1)]
)
def test_a_page_is_a_number(page: str, number: int) -> None:
    assert Filter(page=page).number == number


def test_grouped_ones_stand_together_the_group_of_the_worst_first() -> None:
    rows = shown(alert(1, "critical", "hr"), alert(2, "error", "it"), alert(3, "info", "hr")).rows
    found = Filter(group="department").apply(rows, Served().service.rules, "dana")
    assert [int(row.alert.fingerprint, 16) for row in found] == [1, 3, 2]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" , ", []),
        ('a="b"', ['a="b"']),
        ('a="b,c", d!="e"', ['a="b,c"', 'd!="e"']),
        (r'a="b\",c", d=e', [r'a="b\",c"', "d=e"]),
    ],
)
def test_commas_within_quotes_do_not_part_matchers(text: str, parts: list[str]) -> None:
    assert split(text) == parts

"""`/api/v2/alerts`: what is shown of the alerts there are, and what other programs may raise."""

from typing import Any

import pytest

from consumers.api.settings import Scope
from consumers.api.v2 import alerts as posting
from tests.office import START
from tests.unit.alerting.saying import ends, fires, of
from tests.unit.api.served import Served, a_silence, an_alert, bearer, token

NOW = "2026-01-05T08:00:00.000Z"
IN_FIVE = "2026-01-05T08:05:00.000Z"


def names(shown: list[dict[str, Any]]) -> list[str]:
    return [alert["labels"]["alertname"] for alert in shown]


def test_our_own_alerts_appear_as_alertmanagers_would() -> None:
    (shown,) = Served().receives(fires(labels={"invoice": "INV-7"})).alerts()
    assert shown == {
        "fingerprint": of(),
        "labels": {
            "alertname": "accounting.duplicate_invoice",
            "department": "accounting",
            "severity": "error",
            "subject": "vendor/acme",
            "invoice": "INV-7",
        },
        "annotations": {"summary": "Invoice INV-7 of acme came twice"},
        "startsAt": NOW,
        "endsAt": IN_FIVE,
        "updatedAt": NOW,
        "receivers": [{"name": "accounting-clerk"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
    }


def test_what_is_over_is_not_shown() -> None:
    assert Served().receives(fires(), ends()).alerts() == []


def test_an_end_that_has_passed_counts_before_alerting_has_noticed_it() -> None:
    served = Served().shows(an_alert(ends_at="2026-01-05T08:01:00Z", generator_url="http://prometheus/graph"))
    served.office.now = START.replace(minute=1)
    assert [alert["generatorURL"] for alert in served.alerts()] == ["http://prometheus/graph"]
    served.office.now = START.replace(minute=1, second=1)
    assert served.alerts() == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["b", "c", "d"]),
        ('?filter=severity="critical"', ["b", "d"]),
        ('?filter=severity="critical"&filter=alertname="b"', ["b"]),
        ('?filter=alertname=~"b|c"', ["b", "c"]),
        ('?filter=alertname!~"b|c"', ["d"]),
        ('?filter=site=""', ["b", "c"]),
        ('?filter=site!=""', ["d"]),
        ('?filter=site="nowhere"', []),
        ("?receiver=it-clerk", ["b", "c"]),
        ("?receiver=hr-.*", ["d"]),
        ("?receiver=clerk", []),
        ("?active=false", ["b"]),
        ("?silenced=false", ["c", "d"]),
        ("?silenced=0", ["c", "d"]),
        ("?active=false&silenced=false", []),
        ("?inhibited=false", ["b", "c", "d"]),
        ("?active=&unprocessed=false", ["b", "c", "d"]),
    ],
)
def test_a_query_chooses(query: str, found: list[str]) -> None:
    served = Served().shows(
        an_alert("1" * 16, labels={"alertname": "b", "department": "it", "severity": "critical"}),
        an_alert("2" * 16, labels={"alertname": "c", "department": "it", "severity": "warning"}),
        an_alert("3" * 16, labels={"alertname": "d", "department": "hr", "severity": "critical", "site": "x"}),
        a_silence(matchers=[{"name": "alertname", "value": "b"}]),
    )
    assert names(served.alerts(query)) == found


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?filter=severity", "bad matcher format"),
        ('?filter=severity=~"("', "bad matcher format"),
        ("?receiver=(", "failed to parse receiver param"),
    ],
)
def test_a_query_that_says_nothing_is_refused(query: str, says: str) -> None:
    answer = Served().get(f"/api/v2/alerts{query}")
    assert answer.status_code == 400
    assert says in answer.json()


def test_an_inhibited_alert_names_what_inhibits_it() -> None:
    rule = {
        "source_matchers": ['severity="critical"'],
        "target_matchers": ['severity=~"critical|warning"'],
        "equal": ["site"],
    }
    served = Served(settings={"inhibit_rules": [rule]}).shows(
        an_alert("1" * 16, labels={"alertname": "down", "severity": "critical", "site": "x"}),
        an_alert("2" * 16, labels={"alertname": "slow", "severity": "warning", "site": "x"}),
        an_alert("3" * 16, labels={"alertname": "slow", "severity": "warning", "site": "y"}),
    )
    states = {alert["fingerprint"][0]: alert["status"] for alert in served.alerts()}
    assert (states["1"]["state"], states["3"]["state"]) == ("active", "active")
    assert (states["2"]["state"], states["2"]["inhibitedBy"]) == ("suppressed", ["1" * 16])
    assert [alert["fingerprint"][0] for alert in served.alerts("?inhibited=false")] == ["1", "3"]


def test_what_a_link_explains_or_was_merged_or_snoozed_is_suppressed() -> None:
    served = Served().shows(
        an_alert("1" * 16, suppressed=True, suppressed_by=["4" * 16]),
        an_alert("2" * 16, merged_into="4" * 16),
        an_alert("3" * 16, snoozed_until="2026-01-05T09:00:00Z"),
    )
    shown = [alert["status"] for alert in served.alerts()]
    assert [status["state"] for status in shown] == ["suppressed"] * 3
    assert [status["inhibitedBy"] for status in shown] == [["4" * 16], ["4" * 16], []]
    assert shown[2]["mutedBy"] == ["snoozed"]
    served.office.now = START.replace(hour=9)
    assert [alert["status"]["state"] for alert in served.alerts()] == ["suppressed", "suppressed", "active"]


# Posting


def test_posted_alerts_are_on_the_log_before_the_answer() -> None:
    served = Served()
    body = [
        {
            "labels": {"alertname": "DiskFull", "empty": ""},
            "annotations": {"summary": "full"},
            "generatorURL": "http://x/y",
        }
    ]
    answer = served.post("/api/v2/alerts", body)
    assert (answer.status_code, answer.content) == (200, b"")
    ((subject, posted),) = served.posted
    assert subject == "sender/local"
    (alert,) = posted.alerts
    assert alert.labels == {"alertname": "DiskFull"}
    assert alert.annotations == {"summary": "full"}
    assert alert.generator_url == "http://x/y"
    assert (alert.starts_at, alert.ends_at, alert.timeout) == (START, START.replace(minute=5), True)


def test_prometheus_posts_to_us_as_to_an_alertmanager() -> None:
    """What Prometheus' notifier sends: on each evaluation an alert that fires, its end four minutes ahead, and, once it
    is over, the same with the end it had. To it, only a 2xx is success; a 5xx is tried again."""
    headers = {"content-type": "application/json", "user-agent": "Prometheus/3.1.0"}
    labels = {"alertname": "InstanceDown", "instance": "db:9100", "job": "node", "severity": "critical"}
    alert = {
        "annotations": {"summary": "db is down", "description": "for 5 minutes"},
        "endsAt": "2026-01-05T08:04:00.000Z",
        "startsAt": "2026-01-05T07:55:00.123Z",
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "labels": labels,
    }
    served = Served()
    assert served.post("/api/v2/alerts", [alert], headers=headers).status_code == 200
    (shown,) = served.alerts()
    assert (shown["labels"], shown["annotations"], shown["generatorURL"]) == (
        labels,
        alert["annotations"],
        alert["generatorURL"],
    )
    assert shown["startsAt"] == "2026-01-05T07:55:00.123Z"
    served.later(minutes=1)
    served.post("/api/v2/alerts", [{**alert, "endsAt": "2026-01-05T08:05:00.000Z"}], headers=headers)
    assert len(served.alerts()) == 1
    assert served.office.notices()[0].alerts[0].labels == labels
    served.later(minutes=1)
    served.post("/api/v2/alerts", [{**alert, "endsAt": "2026-01-05T08:01:30.000Z"}], headers=headers)
    assert served.alerts() == []


@pytest.mark.parametrize(
    ("starts", "ends", "began", "ended", "assumed"),
    [
        (None, None, NOW, IN_FIVE, True),
        ("2026-01-05T07:00:00Z", None, "2026-01-05T07:00:00Z", IN_FIVE, True),
        (None, "2026-01-05T07:30:00+01:00", "2026-01-05T06:30:00Z", "2026-01-05T06:30:00Z", False),
        ("2026-01-05T07:00:00Z", "2026-01-05T09:00:00Z", "2026-01-05T07:00:00Z", "2026-01-05T09:00:00Z", False),
        ("0001-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", NOW, IN_FIVE, True),
        ("", "", NOW, IN_FIVE, True),
    ],
)
def test_times_that_are_not_said_are_completed(
    starts: str | None, ends: str | None, began: str, ended: str, assumed: bool
) -> None:
    served = Served()
    body = [{"labels": {"alertname": "x"}, "startsAt": starts, "endsAt": ends}]
    assert served.post("/api/v2/alerts", body).status_code == 200
    (alert,) = served.posted[0][1].alerts
    written = alert.model_dump(mode="json")
    assert written["starts_at"].replace(".000", "") == began.replace(".000", "")
    assert written["ends_at"].replace(".000", "") == ended.replace(".000", "")
    assert alert.timeout is assumed


def test_the_resolve_timeout_is_the_configurations() -> None:
    served = Served(settings={"resolve_timeout": "1h"})
    served.post("/api/v2/alerts", [{"labels": {"alertname": "x"}}])
    assert served.posted[0][1].alerts[0].ends_at == START.replace(hour=9)


def test_right_alerts_are_taken_even_where_others_are_wrong() -> None:
    served = Served()
    body = [
        {"labels": {"alertname": "right"}},
        {"labels": {"alertname": ""}},
        {"labels": {"": "x"}},
        {"labels": {"alertname": "x"}, "annotations": {"": "x"}},
        {"labels": {"alertname": "x"}, "startsAt": "2026-01-05T08:00:00Z", "endsAt": "2026-01-05T07:59:59Z"},
    ]
    answer = served.post("/api/v2/alerts", body)
    assert answer.status_code == 400
    assert answer.json() == (
        'at least one label pair required; invalid label set: invalid name ""; '
        'invalid annotations: invalid name ""; start time must be before end time'
    )
    assert [alert.labels["alertname"] for alert in served.posted[0][1].alerts] == ["right"]
    assert 'backoffice_api_alerts_received_total{status="invalid"} 4.0' in served.get("/metrics").text


def test_labels_that_no_notice_could_tell_are_refused() -> None:
    served = Served()
    most = "x" * (posting.MOST_LABEL_CHARACTERS - 1)
    assert served.post("/api/v2/alerts", [{"labels": {"a": most}}]).status_code == 200
    answer = served.post("/api/v2/alerts", [{"labels": {"a": most + "x"}}])
    assert (answer.status_code, answer.json()) == (400, "labels of more than 16,384 characters")
    assert not served.office.dead_letters


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, 602),
        (b"{", 400, 400),
        (b'{"labels": {}}', 400, 400),
        (b'[{"labels": {"a": 1}}]', 400, 400),
        (b'[{"annotations": {}}]', 422, 602),
        (b'[{"labels": {"a": "b"}, "startsAt": 5}]', 400, 400),
        (b'[{"labels": {"a": "b"}, "startsAt": "soon"}]', 400, 400),
        (b"\xff", 400, 400),
    ],
)
def test_a_body_that_says_something_else_is_refused(body: bytes, status: int, code: int) -> None:
    served = Served()
    answer = served.ask("POST", "/api/v2/alerts", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not served.said


def test_only_json_is_read() -> None:
    answer = Served().ask("POST", "/api/v2/alerts", content=b"[]", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_nothing_posted_is_nothing_said() -> None:
    served = Served()
    assert served.post("/api/v2/alerts", []).status_code == 200
    assert not served.said


def test_a_large_post_is_several_records_of_a_size_that_is_soon_worked_through() -> None:
    served = Served()
    small = [{"labels": {"alertname": f"a{n}"}} for n in range(posting.MOST_ALERTS + 1)]
    large = [{"labels": {"alertname": f"b{n}"}, "annotations": {"text": "x" * 100_000}} for n in range(5)]
    assert served.post("/api/v2/alerts", [*small, *large]).status_code == 200
    assert [len(posted.alerts) for _, posted in served.posted] == [500, 3, 2, 1]
    alerts = [alert.labels["alertname"] for _, posted in served.posted for alert in posted.alerts]
    assert alerts == [alert["labels"]["alertname"] for alert in (*small, *large)]


def test_an_alert_too_large_for_any_record_is_refused_and_nothing_is_sent() -> None:
    served = Served()
    body = [
        {"labels": {"alertname": "a"}},
        {"labels": {"alertname": "b"}, "annotations": {"text": "x" * posting.LARGEST}},
    ]
    answer = served.post("/api/v2/alerts", body)
    assert answer.status_code == 413
    assert not served.said


def test_a_log_that_is_away_is_a_fault_that_passes() -> None:
    served = Served()
    served.log_is_away = True
    answer = served.post("/api/v2/alerts", [{"labels": {"alertname": "x"}}])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_the_sender_is_whose_token_it_is() -> None:
    served = Served(tokens=[token("prometheus", Scope.ALERTS_WRITE)])
    answer = served.post("/api/v2/alerts", [{"labels": {"alertname": "x"}}], headers=bearer("prometheus"))
    assert answer.status_code == 200
    assert served.posted[0][0] == "sender/prometheus"


def test_nothing_is_shown_before_everything_is_read_but_alerts_are_taken() -> None:
    served = Served(read=False)
    assert served.get("/api/v2/alerts").status_code == 503
    assert served.post("/api/v2/alerts", [{"labels": {"alertname": "x"}}]).status_code == 200

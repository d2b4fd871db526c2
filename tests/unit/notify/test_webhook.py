"""The webhook channel, against a real server."""

import json
from contextlib import closing
from datetime import timedelta

import pytest

from consumers.notify.channels.base import Final, Transient
from consumers.notify.channels.webhook import SIGNATURE_HEADER, Webhook, payload, signature
from schemas.notices import Notice
from tests.unit.notify.hooks import DOWN, WHEN, Answer, Hooks, notice

NOW = 1_767_600_000.0


def deliver(hooks: Hooks, said: Notice | None = None, secret: str | None = None, timeout: float = 5) -> None:
    with closing(Webhook(hooks.url(), secret, timeout, now=lambda: NOW)) as channel:
        channel.deliver(said or notice())


def test_it_posts_alertmanagers_payload(hooks: Hooks) -> None:
    deliver(hooks)
    (request,) = hooks.requests
    assert request.headers["Content-Type"] == "application/json"
    labels = {"alertname": "it.outage", "department": "it", "severity": "critical", "subject": "service/vpn"}
    annotations = {"downstream": "mail", "summary": "vpn is down"}
    assert json.loads(request.body) == {
        "version": "4",
        "groupKey": '{}:{alertname="it.outage"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "it-manager",
        "groupLabels": {"alertname": "it.outage"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "notificationReason": "first notification",
        "notices": ["0-41-2"],
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": annotations,
                "startsAt": "2026-01-05T08:00:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "",
                "fingerprint": "0ad9ee6b2d72ce22",
            }
        ],
    }


def test_an_alert_that_ended_says_when() -> None:
    ended = payload(notice(status="resolved", alerts=(DOWN.model_copy(update={"ends_at": WHEN + timedelta(hours=1)}),)))
    assert (ended["status"], ended["alerts"][0]["endsAt"]) == ("resolved", "2026-01-05T09:00:00Z")


def test_the_notices_id_is_the_idempotency_key(hooks: Hooks) -> None:
    deliver(hooks, notice("0-41-2"))
    deliver(hooks, notice("ünsafe\r\nX: y"))
    assert hooks.keys == ["0-41-2", "%C3%BCnsafe%0D%0AX:%20y"]


def test_with_a_secret_each_request_is_signed_with_its_time(hooks: Hooks) -> None:
    deliver(hooks, secret="s3cret")
    (request,) = hooks.requests
    assert request.headers[SIGNATURE_HEADER] == signature("s3cret", int(NOW), request.body)
    assert signature("s3cret", 1, b"{}") == "t=1,v1=3aef069923b329162e71de34136b0ef6ee4b9253867069748da3fc3680c71406"


def test_without_a_secret_nothing_is_signed(hooks: Hooks) -> None:
    deliver(hooks)
    assert SIGNATURE_HEADER not in hooks.requests[0].headers


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_delivered(hooks: Hooks, status: int) -> None:
    hooks.answers.append(Answer(status))
    deliver(hooks)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_429_and_5xx_are_worth_another_try(hooks: Hooks, status: int) -> None:
    hooks.answers.append(Answer(status))
    with pytest.raises(Transient, match=f"HTTP {status}"):
        deliver(hooks)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 413])
def test_what_was_refused_is_not_tried_again(hooks: Hooks, status: int) -> None:
    hooks.answers.append(Answer(status))
    with pytest.raises(Final, match=f"HTTP {status}"):
        deliver(hooks)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("Mon, 05 Jan 2026 08:02:00 GMT", 120.0),
        ("Mon, 05 Jan 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(hooks: Hooks, header: str, seconds: float | None) -> None:
    hooks.answers.append(Answer(429, {"Retry-After": header}))
    with pytest.raises(Transient) as caught:
        deliver(hooks)
    assert caught.value.retry_after == seconds


def test_a_server_that_hangs_is_given_up_after_the_timeout(hooks: Hooks) -> None:
    hooks.answers.append(Answer(hangs=True))
    with pytest.raises(Transient, match="ReadTimeout"):
        deliver(hooks, timeout=0.1)


def test_a_server_that_is_not_there_is_worth_another_try_and_its_address_is_not_told() -> None:
    away = closing(Webhook("http://127.0.0.1:1/hook?token=p4ss"))
    with away as channel, pytest.raises(Transient, match=r"^webhook: ConnectError$") as caught:
        channel.deliver(notice())
    assert "p4ss" not in str(caught.value)

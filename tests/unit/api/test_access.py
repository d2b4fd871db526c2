"""Who may do what, and what every request passes."""

import base64
import hashlib
from typing import Any

import pytest

from consumers.api.limits import Buckets
from consumers.api.settings import Scope
from consumers.api.tokens import new_token
from tests.unit.api.served import Served, a_silence, an_alert, bearer, token

REQUESTS: dict[str, tuple[str, str, Any, Scope]] = {
    "alerts": ("GET", "/api/v2/alerts", None, Scope.READ),
    "groups": ("GET", "/api/v2/alerts/groups", None, Scope.READ),
    "silences": ("GET", "/api/v2/silences", None, Scope.READ),
    "silence": ("GET", "/api/v2/silence/f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11", None, Scope.READ),
    "status": ("GET", "/api/v2/status", None, Scope.READ),
    "receivers": ("GET", "/api/v2/receivers", None, Scope.READ),
    "alert": ("GET", f"/api/v1/alerts/{'a' * 16}", None, Scope.READ),
    "post alerts": ("POST", "/api/v2/alerts", [], Scope.ALERTS_WRITE),
    "expire": ("DELETE", "/api/v2/silence/f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11", None, Scope.SILENCES_WRITE),
    "acknowledge": ("POST", f"/api/v1/alerts/{'a' * 16}/acknowledge", {"by": "dana"}, Scope.ACT),
}
CASES = pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)


def served(*scopes: Scope, **more: Any) -> Served:
    return Served(tokens=[token("grafana", *scopes)], **more).shows(an_alert(), a_silence())


def asked(served: Served, request: tuple[str, str, Any, Scope], headers: dict[str, str]) -> int:
    method, path, body, _ = request
    if method == "POST":
        return served.post(path, body, headers=headers).status_code
    return served.ask(method, path, headers=headers).status_code


@CASES
def test_each_path_wants_its_scope_and_no_other(request_: tuple[str, str, Any, Scope]) -> None:
    scope = request_[3]
    assert asked(served(scope), request_, bearer("grafana")) in (200, 202)
    assert asked(served(*(set(Scope) - {scope})), request_, bearer("grafana")) == 403


@CASES
def test_nobody_is_served_without_a_token_that_is_known(request_: tuple[str, str, Any, Scope]) -> None:
    wrong = base64.b64encode(b"prometheus:grafana").decode()
    for headers in (
        {},
        bearer("guess"),
        bearer(""),
        {"authorization": "Basic %%%"},
        {"authorization": f"Basic {wrong}"},
        {"authorization": "grafana"},
        {"authorization": "Digest grafana"},
    ):
        assert asked(served(), request_, headers) == 401


def test_a_refusal_says_how_to_ask() -> None:
    answer = served().get("/api/v2/alerts")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == 401


def test_basic_authentication_carries_the_same_token() -> None:
    assert served().get("/api/v2/alerts", auth=("grafana", "grafana")).status_code == 200


def test_a_new_token_is_known_by_its_hash() -> None:
    made, digest = new_token(bytes(range(32)))
    assert digest == hashlib.sha256(made.encode()).hexdigest()
    assert len(made) == 43


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz", "/-/healthy", "/-/ready"])
def test_operators_need_no_token(path: str) -> None:
    assert served().get(path).status_code == 200
    assert served().ask("HEAD", path).status_code == 200


def test_not_ready_says_why() -> None:
    answer = Served(read=False).get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "reasons": ["the topic of alerts has not been read to its end yet"],
    }
    assert Served(read=False).get("/healthz").json() == {"status": "ok", "reasons": []}
    assert Served().get("/readyz").json() == {"status": "ok", "reasons": []}


# Limits


@pytest.mark.parametrize("host", ["localhost", "localhost:9093", "127.0.0.1:9093", "[::1]:9093", "[::1]"])
def test_without_tokens_this_machine_is_served(host: str) -> None:
    assert Served().get("/api/v2/alerts", host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "localhost.attacker.example", "127.0.0.1.nip.io:9093", "10.0.0.1"]
)
def test_without_tokens_a_name_that_somebody_else_leads_here_is_not(host: str) -> None:
    assert Served().get("/api/v2/alerts", host=host).status_code == 403
    assert served().get("/api/v2/alerts", host=host, headers=bearer("grafana")).status_code == 200


def test_a_body_has_a_largest_size_said_or_not() -> None:
    small = served(api={"max_body_bytes": 1024})
    headers = {"content-type": "application/json", **bearer("grafana")}
    assert small.ask("POST", "/api/v2/alerts", content=b"[" + b" " * 1022 + b"]", headers=headers).status_code == 200
    assert small.ask("POST", "/api/v2/alerts", content=b"[" + b" " * 1023 + b"]", headers=headers).status_code == 413

    async def pieces() -> Any:
        for _ in range(3):
            yield b" " * 512

    assert small.ask("POST", "/api/v2/alerts", content=pieces(), headers=headers).status_code == 413
    assert not small.said


def test_one_address_may_ask_only_so_often() -> None:
    busy = Served(api={"requests_per_second": 0.5})
    codes = [busy.get("/api/v2/receivers").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    slower = busy.get("/api/v2/receivers")
    assert int(slower.headers["retry-after"]) in (1, 2)
    assert busy.get("/healthz").status_code == 200


def test_a_bucket_fills_again() -> None:
    now = 0.0
    buckets = Buckets(2, lambda: now)
    assert [buckets.wait("a") for _ in range(21)] == [0.0] * 20 + [0.5]
    assert buckets.wait("b") == 0
    now = 0.5
    assert buckets.wait("a") == 0
    assert buckets.wait("a") == 0.5
    now = 100
    assert [buckets.wait("a") for _ in range(21)] == [0.0] * 20 + [0.5]


def test_addresses_that_are_not_heard_of_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.api.limits.MOST_ADDRESSES", 2)
    buckets = Buckets(0.1, lambda: 0.0)
    for address in "abc":
        assert buckets.wait(address) == 0
    assert buckets.wait("b") > 0
    assert buckets.wait("a") == 0


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/nothing/here", "/healthz"])
def test_every_answer_has_the_headers_that_keep_browsers_safe(path: str) -> None:
    headers = Served().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_a_page_of_another_site_gets_no_leave() -> None:
    origin = {"origin": "https://attacker.example", "access-control-request-method": "POST"}
    answer = Served().ask("OPTIONS", "/api/v2/silences", headers=origin)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


def test_what_is_not_there_is_said_as_everywhere() -> None:
    answer = Served().get("/api/v2/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, 404)
    answer = Served().ask("PUT", "/api/v2/alerts")
    assert (answer.status_code, answer.json()["code"]) == (405, 405)


def test_requests_are_counted_by_route_and_never_by_what_was_asked_for() -> None:
    counted = Served().shows(an_alert())
    counted.get(f"/api/v1/alerts/{'a' * 16}")
    counted.get("/api/v1/alerts/secret-of-somebody")
    counted.get("/act/token-of-somebody")
    counted.get("/nowhere/at-all")
    said = counted.get("/metrics").text
    assert 'backoffice_api_requests_total{code="200",method="GET",route="/api/v1/alerts/{id}"} 1.0' in said
    assert 'backoffice_api_requests_total{code="404",method="GET",route="/api/v1/alerts/{id}"} 1.0' in said
    assert 'route="/act/{token}"' in said
    assert 'code="404",method="GET",route="none"' in said
    assert "somebody" not in said
    assert "at-all" not in said


def test_metrics_are_openmetrics_for_who_asks_for_it() -> None:
    answer = Served().get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")

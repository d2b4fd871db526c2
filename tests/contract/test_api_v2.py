"""Our API v2 beside the real Alertmanager's: the same requests are answered with the same codes and the same bodies."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from tests.go_tools import go_tool
from tests.unit.api.served import Served

CONFIGURATION = """
route:
  receiver: clerk
  group_by: [alertname]
  group_wait: 0s
  routes: [{matchers: ['severity="critical"'], receiver: boss}]
receivers: [{name: clerk}, {name: boss}]
inhibit_rules: [{source_matchers: [alertname=Down], target_matchers: [alertname=Slow], equal: [site]}]
"""
SETTINGS = {
    "route": {
        "receiver": "clerk",
        "group_by": ["alertname"],
        "group_wait": "0s",
        "routes": [{"matchers": ['severity="critical"'], "receiver": "boss"}],
    },
    "receivers": [{"name": "clerk"}, {"name": "boss"}],
    "inhibit_rules": [
        {"source_matchers": ["alertname=Down"], "target_matchers": ["alertname=Slow"], "equal": ["site"]}
    ],
}


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Alertmanager."""
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "alertmanager.yml").write_text(CONFIGURATION)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        str(go_tool("alertmanager")),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _until_ready(f"http://{address}/-/ready", folder / "log")
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(30)


def _until_ready(address: str, log: Path) -> None:
    for _ in range(300):
        try:
            if httpx.get(address, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(f"Alertmanager did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def ours() -> Served:
    """Our own, at the same time of day."""
    served = Served(settings=SETTINGS)
    served.at(datetime.now(UTC))
    return served


class Answer(NamedTuple):
    status: int
    body: Any


def answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.json() if response.content.strip() else None)


def both(
    alertmanager: str, ours: Served, method: str, path: str, body: bytes | None, kind: str
) -> tuple[Answer, Answer]:
    headers = {} if body is None else {"content-type": kind}
    theirs = httpx.request(method, alertmanager + path, content=body, headers=headers, timeout=30)
    return answer(theirs), answer(ours.ask(method, path, content=body, headers=headers))


JSON = "application/json"
NOBODY = "00000000-0000-4000-8000-000000000000"


def soon(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat().replace("+00:00", "Z")


def silence(**changes: Any) -> bytes:
    said = {
        "matchers": [{"name": "a", "value": "b", "isRegex": False}],
        "startsAt": soon(minutes=-1),
        "endsAt": soon(hours=2),
        "createdBy": "dana",
        "comment": "maintenance",
    }
    return json.dumps({name: value for name, value in {**said, **changes}.items() if value is not ...}).encode()


def matcher(**changes: Any) -> list[dict[str, Any]]:
    said = {"name": "a", "value": "b", "isRegex": False, **changes}
    return [{name: value for name, value in said.items() if value is not ...}]


REFUSED: dict[str, tuple[str, str, bytes | None, str]] = {
    "no alerts": ("POST", "/api/v2/alerts", b"", JSON),
    "half a body": ("POST", "/api/v2/alerts", b"{", JSON),
    "one alert, no list": ("POST", "/api/v2/alerts", b'{"labels": {"a": "b"}}', JSON),
    "a label that is a number": ("POST", "/api/v2/alerts", b'[{"labels": {"a": 1}}]', JSON),
    "no labels": ("POST", "/api/v2/alerts", b'[{"annotations": {}}]', JSON),
    "null labels": ("POST", "/api/v2/alerts", b'[{"labels": {"a": "b"}}, {"labels": null}]', JSON),
    "labels that are empty": ("POST", "/api/v2/alerts", b'[{"labels": {}}, {"labels": {"a": ""}}]', JSON),
    "a label without a name": ("POST", "/api/v2/alerts", b'[{"labels": {"": "x"}}]', JSON),
    "an annotation without a name": (
        "POST",
        "/api/v2/alerts",
        b'[{"labels": {"a": "b"}, "annotations": {"": ""}}]',
        JSON,
    ),
    "an end before the start": (
        "POST",
        "/api/v2/alerts",
        b'[{"labels":{"a":"b"},"startsAt":"2026-01-05T08:00:00Z","endsAt":"2026-01-05T07:59:59Z"}]',
        JSON,
    ),
    "a time that is a word": ("POST", "/api/v2/alerts", b'[{"labels": {"a": "b"}, "startsAt": "soon"}]', JSON),
    "a time that is a number": ("POST", "/api/v2/alerts", b'[{"labels": {"a": "b"}, "startsAt": 5}]', JSON),
    "no URL": ("POST", "/api/v2/alerts", b'[{"labels": {"a": "b"}, "generatorURL": "not a url"}]', JSON),
    "no JSON": ("POST", "/api/v2/alerts", b"[]", "text/plain"),
    "another method": ("PUT", "/api/v2/alerts", b"[]", JSON),
    "another path": ("GET", "/api/v2/nothing", None, JSON),
    "no matcher": ("GET", "/api/v2/alerts?filter=foo", None, JSON),
    "a matcher that is no expression": ("GET", "/api/v2/alerts?filter=foo%3D~%22(%22", None, JSON),
    "a receiver that is no expression": ("GET", "/api/v2/alerts?receiver=(", None, JSON),
    "groups by no matcher": ("GET", "/api/v2/alerts/groups?filter=foo", None, JSON),
    "silences by no matcher": ("GET", "/api/v2/silences?filter=foo", None, JSON),
    "an id of another form": ("GET", "/api/v2/silence/abc", None, JSON),
    "an id to delete of another form": ("DELETE", "/api/v2/silence/abc", None, JSON),
    "nobody's silence": ("GET", f"/api/v2/silence/{NOBODY}", None, JSON),
    "nobody's silence to delete": ("DELETE", f"/api/v2/silence/{NOBODY}", None, JSON),
    "no silence": ("POST", "/api/v2/silences", b"", JSON),
    "a list of silences": ("POST", "/api/v2/silences", b"[]", JSON),
    "a silence of nothing": ("POST", "/api/v2/silences", b"{}", JSON),
    "a silence without matchers": ("POST", "/api/v2/silences", silence(matchers=[]), JSON),
    "a silence for ever": ("POST", "/api/v2/silences", silence(endsAt=...), JSON),
    "a silence of nobody": ("POST", "/api/v2/silences", silence(createdBy=...), JSON),
    "a silence that has ended": ("POST", "/api/v2/silences", silence(endsAt=soon(seconds=-1)), JSON),
    "a silence that ends before it begins": ("POST", "/api/v2/silences", silence(startsAt=soon(hours=3)), JSON),
    "a silence of everything": ("POST", "/api/v2/silences", silence(matchers=matcher(value="")), JSON),
    "a silence of everything by an expression": (
        "POST",
        "/api/v2/silences",
        silence(matchers=matcher(value=".*", isRegex=True)),
        JSON,
    ),
    "a matcher without a name": ("POST", "/api/v2/silences", silence(matchers=matcher(name="")), JSON),
    "a matcher that does not say its name": ("POST", "/api/v2/silences", silence(matchers=matcher(name=...)), JSON),
    "a matcher that does not say its kind": ("POST", "/api/v2/silences", silence(matchers=matcher(isRegex=...)), JSON),
    "a silence that is no expression": (
        "POST",
        "/api/v2/silences",
        silence(matchers=matcher(value="(", isRegex=True)),
        JSON,
    ),
    "a silence there is none of": ("POST", "/api/v2/silences", silence(id=NOBODY), JSON),
    "a silence there is none of, of everything": (
        "POST",
        "/api/v2/silences",
        silence(id="x", matchers=matcher(value="")),
        JSON,
    ),
}

IN_GO = re.compile(r"(?<=because ).*|(bad matcher format|error parsing regexp): .*|(?<=not allowed).*")
"""Where Alertmanager lets Go's own words through, ours may be others."""


def in_other_words(body: Any) -> Any:
    if isinstance(body, dict):
        return {**body, "message": IN_GO.sub("…", body["message"])}
    return IN_GO.sub("…", body) if isinstance(body, str) else body


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_refused_in_the_same_words(
    alertmanager: str, ours: Served, request_: tuple[str, str, bytes | None, str]
) -> None:
    theirs, own = both(alertmanager, ours, *request_)
    assert own.status == theirs.status
    assert own.status >= 400
    assert in_other_words(own.body) == in_other_words(theirs.body)
    assert not [one for one in ours.said if one.event.type.startswith("alerting.silence")]


TAKEN: dict[str, tuple[str, str, bytes | None, str]] = {
    "no alerts": ("POST", "/api/v2/alerts", b"[]", JSON),
    "null": ("POST", "/api/v2/alerts", b"null", JSON),
    "a character set": ("POST", "/api/v2/alerts", b"[]", "application/json; charset=utf-8"),
    "null annotations": ("POST", "/api/v2/alerts", b'[{"labels": {"n": "1"}, "annotations": null}]', JSON),
    "no time": ("POST", "/api/v2/alerts", b'[{"labels": {"n": "2"}, "startsAt": "0001-01-01T00:00:00.000Z"}]', JSON),
    "an empty URL": ("POST", "/api/v2/alerts", b'[{"labels": {"n": "3"}, "generatorURL": ""}]', JSON),
    "fields nobody knows": ("POST", "/api/v2/alerts", b'[{"labels": {"n": "4"}, "more": 1}]', JSON),
    "a label in another script": ("POST", "/api/v2/alerts", '[{"labels": {"größe": "5"}}]'.encode(), JSON),
}


@pytest.mark.parametrize("request_", TAKEN.values(), ids=TAKEN)
def test_what_is_taken_is_taken(alertmanager: str, ours: Served, request_: tuple[str, str, bytes | None, str]) -> None:
    theirs, own = both(alertmanager, ours, *request_)
    assert own == theirs == Answer(200, None)


# What stands, asked in every way.

ALERTS: list[dict[str, Any]] = [
    {"labels": {"alertname": "Down", "severity": "critical", "site": "x"}, "annotations": {"summary": "x is down"}},
    {
        "labels": {"alertname": "Slow", "severity": "warning", "site": "x"},
        "generatorURL": "http://prometheus/graph?g0=1",
    },
    {"labels": {"alertname": "Slow", "severity": "warning", "site": "y"}},
    {"labels": {"alertname": "Noise", "severity": "critical", "node": "a"}},
    {"labels": {"alertname": "Noise", "severity": "info", "node": "b"}},
    {"labels": {"alertname": "Over"}, "startsAt": "2026-01-05T08:00:00Z", "endsAt": "2026-01-05T09:00:00Z"},
    {"labels": {"no": "name"}},
]
SILENCES = [
    silence(matchers=matcher(name="alertname", value="Noise"), endsAt=soon(hours=3)),
    silence(
        matchers=[
            *matcher(name="site", value="x|y", isRegex=True),
            *matcher(name="alertname", value="Down", isEqual=False),
        ]
    ),
    silence(matchers=matcher(name="alertname", value="Down"), startsAt=soon(hours=1)),
]
QUERIES = [
    "/api/v2/alerts",
    "/api/v2/alerts/groups",
    "/api/v2/silences",
    '/api/v2/silences?filter=alertname="Noise"',
    '/api/v2/silences?filter=alertname=~"Noise"',
    "/api/v2/receivers",
    *(
        f"/api/v2/alerts{path}?{query}"
        for path in ("", "/groups")
        for query in (
            "active=false",
            "silenced=false",
            "inhibited=false",
            "active=false&silenced=false",
            "active=false&inhibited=false",
            "silenced=false&inhibited=false",
            "active=maybe",
            "active=true&silenced=TRUE&inhibited=1",
            "muted=false",
            "unprocessed=false",
            "receiver=boss",
            "receiver=bo",
            "receiver=b.*|x",
            'filter=alertname="Slow"',
            'filter=alertname=~"S.*"',
            'filter=alertname!~"S.*"&filter=severity="critical"',
            'filter=site=""',
            'filter=site!=""',
            "filter=alertname=Noise&silenced=false",
            "filter=no=name",
        )
    ),
]
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WHEN = re.compile(r"20\d\d-\d\d-\d\dT[\d:.]+Z")


def without_time(body: Any, ids: dict[str, str]) -> Any:
    """Ids are told apart by the order in which they were given, and times are not: each has its own clock."""
    text = UUID.sub(lambda found: ids[found[0]], json.dumps(body, sort_keys=True))
    return json.loads(WHEN.sub("…", text))


@pytest.fixture(scope="module")
def standing(alertmanager: str) -> tuple[Served, dict[str, str]]:
    """Both have the same alerts and silences; with what each calls the silences."""
    ours = Served(settings=SETTINGS)
    ours.at(datetime.now(UTC))
    ids: dict[str, str] = {}
    for body in SILENCES:
        for said in both(alertmanager, ours, "POST", "/api/v2/silences", body, JSON):
            ids[said.body["silenceID"]] = f"silence {len(ids) // 2}"
    for said in both(alertmanager, ours, "POST", "/api/v2/alerts", json.dumps(ALERTS).encode(), JSON):
        assert said.status == 200
    time.sleep(1)  # Alertmanager puts alerts into groups, and silences them, when it comes to it
    ours.at(datetime.now(UTC))
    assert (len(ours.alerts()), len(ids)) == (len(ALERTS) - 1, 2 * len(SILENCES))
    return ours, ids


@pytest.mark.parametrize("path", QUERIES)
def test_what_stands_is_shown_alike(alertmanager: str, standing: tuple[Served, dict[str, str]], path: str) -> None:
    ours, ids = standing
    theirs, own = both(alertmanager, ours, "GET", path, None, JSON)
    known = [a["labels"] for a in ALERTS]
    if path.startswith("/api/v2/alerts") and "groups" not in path:  # others' tests raise alerts there, too
        theirs = Answer(theirs.status, [alert for alert in theirs.body if alert["labels"] in known])
    elif "groups" in path:
        kept = [{**g, "alerts": [a for a in g["alerts"] if a["labels"] in known]} for g in theirs.body]
        theirs = Answer(theirs.status, [group for group in kept if group["alerts"]])
    assert own.status == theirs.status == 200
    assert without_time(own.body, ids) == without_time(theirs.body, ids)


def test_a_silence_is_prolonged_replaced_and_expired_alike(alertmanager: str, ours: Served) -> None:
    """The same life, told as what each answer is: which id, which state."""

    def lives(ask: Any) -> list[Any]:
        def post(**changes: Any) -> str:
            said: str = ask("POST", "/api/v2/silences", silence(**changes)).json()["silenceID"]
            return said

        def stands(id: str) -> tuple[str, str]:
            found = ask("GET", f"/api/v2/silence/{id}", None).json()
            return found["status"]["state"], found["comment"]

        told: list[Any] = []
        first = post(startsAt=soon(minutes=-1))
        began = ask("GET", f"/api/v2/silence/{first}", None).json()["startsAt"]
        same = post(id=first, startsAt=began, endsAt=soon(hours=5), comment="longer")
        told += [same == first, stands(first)]
        other = post(id=first, startsAt=began, matchers=matcher(name="c"))
        told += [other == first, stands(first), stands(other)]
        moved = post(id=other, startsAt=soon(hours=1))
        told += [moved == other, stands(other), stands(moved)]
        later = post(id=moved, startsAt=soon(hours=1.5))
        told += [later == moved, stands(later)]
        told.append(ask("DELETE", f"/api/v2/silence/{later}", None).status_code)
        told.append(ask("DELETE", f"/api/v2/silence/{later}", None).status_code)
        told += [stands(later), post(id=later) == later]
        return told

    def theirs(method: str, path: str, body: bytes | None) -> httpx.Response:
        time.sleep(0.01)
        headers = {} if body is None else {"content-type": JSON}
        return httpx.request(method, alertmanager + path, content=body, headers=headers, timeout=30)

    def own(method: str, path: str, body: bytes | None) -> httpx.Response:
        ours.at(datetime.now(UTC))
        return ours.ask(method, path, content=body, headers={} if body is None else {"content-type": JSON})

    assert lives(own) == lives(theirs)

"""`/api/v1`: what people decide about alerts and groups."""

from dataclasses import replace
from typing import Any

import pytest

from consumers.api.service import MOST_WAITING
from consumers.api.settings import Scope
from schemas.commands import AlertAcknowledge, AlertAssign, AlertCommand, AlertMerge, AlertNote, AlertSnooze
from tests.office import START
from tests.unit.alerting.saying import ends, fires, of
from tests.unit.api.served import Served, a_group, an_alert, bearer, token


def test_acknowledging_is_on_the_log_with_who() -> None:
    served = Served().receives(fires())
    answer = served.post(f"/api/v1/alerts/{of()}/acknowledge", {"by": "dana", "note": "on it"})
    assert answer.status_code == 202
    assert answer.json() == {
        "command": "alerting.alert.acknowledge",
        "subject": f"alert/{of()}",
        "by": "dana",
        "offset": answer.json()["offset"],
        "applied": False,
    }
    (said,) = served.commands
    assert said == AlertAcknowledge(by="dana", note="on it")
    ((who, done),) = served.audited
    assert (who, done.action, done.on, done.note, done.by_way_of) == (
        "person/dana",
        "alert.acknowledge",
        f"alert/{of()}",
        "on it",
        "API",
    )


def test_who_waits_sees_the_effect() -> None:
    served = Served().receives(fires())
    answer = served.post(f"/api/v1/alerts/{of()}/acknowledge?wait=applied", {"by": "dana"})
    assert (answer.status_code, answer.json()["applied"]) == (200, True)
    assert served.get(f"/api/v1/alerts/{of()}").json()["acknowledged_by"] == "dana"


def test_what_has_no_effect_in_time_is_only_taken() -> None:
    served = Served().shows(an_alert())  # alerting has never heard of it
    answer = served.post(f"/api/v1/alerts/{'a' * 16}/acknowledge?wait=applied", {"by": "dana"})
    assert (answer.status_code, answer.json()["applied"]) == (202, False)


@pytest.mark.parametrize(
    ("verb", "body", "command"),
    [
        ("assign", {"to": ["it-manager"]}, AlertAssign(by="dana", to=("it-manager",))),
        ("snooze", {"until": "2026-01-05T12:00:00+01:00"}, AlertSnooze(by="dana", until=START.replace(hour=11))),
        ("snooze", {"for_minutes": 90}, AlertSnooze(by="dana", until=START.replace(hour=9, minute=30))),
        ("acknowledge", {"for_minutes": 60}, AlertAcknowledge(by="dana", until=START.replace(hour=9))),
        ("note", {"note": "the vendor was called"}, AlertNote(by="dana", note="the vendor was called")),
        ("merge", {"into": "b" * 16}, AlertMerge(by="dana", into="b" * 16)),
        ("merge", {"into": None}, AlertMerge(by="dana", into=None)),
    ],
)
def test_a_body_has_the_fields_of_its_command(verb: str, body: dict[str, Any], command: object) -> None:
    served = Served().shows(an_alert())
    answer = served.post(f"/api/v1/alerts/{'a' * 16}/{verb}", {"by": "dana", **body})
    assert answer.status_code == 202, answer.text
    assert served.commands == [command]


@pytest.mark.parametrize(
    ("verb", "body", "says"),
    [
        ("acknowledge", {}, "by: Field required"),
        ("acknowledge", {"by": ""}, "by:"),
        ("acknowledge", {"by": "dana", "untl": 1}, "untl: Extra inputs are not permitted"),
        ("acknowledge", {"by": "dana", "until": "soon"}, "until:"),
        ("snooze", {"by": "dana"}, "until: Field required"),
        ("snooze", {"by": "dana", "for_minutes": 0}, "for_minutes:"),
        ("snooze", {"by": "dana", "for_minutes": True}, "for_minutes:"),
        ("snooze", {"by": "dana", "for_minutes": 1e300}, "for_minutes:"),
        ("note", {"by": "dana", "note": ""}, "note:"),
        ("note", {"by": "dana", "note": "x" * 2001}, "note:"),
        ("assign", {"by": "dana", "to": "it-manager"}, "to:"),
        ("resolve", {"by": "dana", "for_minutes": 5}, "for_minutes: Extra inputs are not permitted"),
    ],
)
def test_a_body_that_its_command_cannot_be_made_of_is_refused(verb: str, body: dict[str, Any], says: str) -> None:
    served = Served().shows(an_alert())
    answer = served.post(f"/api/v1/alerts/{'a' * 16}/{verb}", body)
    assert answer.status_code == 422
    assert says in answer.json()["message"]
    assert not served.said


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    served = Served().shows(an_alert())
    path = f"/api/v1/alerts/{'a' * 16}/acknowledge"
    assert served.ask("POST", path, content=body, headers={"content-type": "application/json"}).status_code == 400


def test_there_must_be_such_an_alert() -> None:
    answer = Served().post(f"/api/v1/alerts/{'0' * 16}/acknowledge", {"by": "dana"})
    assert (answer.status_code, answer.json()["message"]) == (404, f"there is no alert '{'0' * 16}'")
    assert Served().get("/api/v1/groups/none").status_code == 404


def test_what_is_over_needs_nobody_but_may_be_written_to() -> None:
    served = Served().receives(fires(), ends())
    path = f"/api/v1/alerts/{of()}"
    assert served.post(f"{path}/acknowledge", {"by": "dana"}).status_code == 409
    assert served.post(f"{path}/note", {"by": "dana", "note": "it was the printer"}).status_code == 202


def test_a_group_is_acted_on_in_the_same_way() -> None:
    served = Served().shows(a_group(), a_group("c" * 16, firing=0))
    assert served.post(f"/api/v1/groups/{'b' * 16}/resolve", {"by": "dana"}).status_code == 202
    assert [one.subject for one in served.said] == [f"group/{'b' * 16}", "person/dana"]
    assert served.post(f"/api/v1/groups/{'c' * 16}/resolve", {"by": "dana"}).status_code == 409
    assert served.get(f"/api/v1/groups/{'b' * 16}").json()["receiver"] == "it-clerk"


def test_while_no_worker_answers_only_so_many_wait() -> None:
    served = Served().shows(an_alert())
    for _ in range(MOST_WAITING):
        assert served.service.waiting.acquire(blocking=False)
    slow = replace(served.service, apply_seconds=60)
    served.app.state.service = slow
    answer = served.post(f"/api/v1/alerts/{'a' * 16}/acknowledge?wait=applied", {"by": "dana"})
    assert (answer.status_code, answer.json()["applied"]) == (202, False)


def test_a_request_sent_twice_is_done_once() -> None:
    served = Served().receives(fires())

    def says(verb: str, key: str, **body: str) -> str | None:
        path = f"/api/v1/alerts/{of()}/{verb}"
        served.post(path, {"by": "dana", **body}, headers={"idempotency-key": key})
        return [one.id for one in served.said if isinstance(one.event, AlertCommand)][-1]

    first = says("note", "k1", note="x")
    assert first is not None
    assert says("note", "k1", note="x") == first
    others = [says("note", "k2", note="x"), says("note", "k1", note="y"), says("acknowledge", "k1", note="x")]
    assert len({first, *others}) == 4
    assert [note.text for note in served.office.alerts()[of()].notes] == ["x", "x", "y"]


def test_with_tokens_who_is_the_token_unless_somebody_is_named() -> None:
    served = Served(tokens=[token("chatbot", Scope.ACT)]).shows(an_alert())
    path = f"/api/v1/alerts/{'a' * 16}/acknowledge"
    served.post(path, {}, headers=bearer("chatbot"))
    served.post(path, {"by": "dana"}, headers=bearer("chatbot"))
    assert [(who, done.by_way_of) for who, done in served.audited] == [
        ("person/chatbot", "API, token chatbot"),
        ("person/dana", "API, token chatbot"),
    ]


def test_a_parameter_of_another_form_is_refused() -> None:
    served = Served().shows(an_alert())
    answer = served.post(f"/api/v1/alerts/{'a' * 16}/acknowledge?wait=for_ever", {"by": "dana"})
    assert answer.status_code == 422
    assert "wait" in answer.json()["message"]
    assert not served.said


def test_commands_are_counted_by_way_kind_and_outcome_and_their_effect_is_timed() -> None:
    served = Served(tokens=[token("robot", Scope.ACT)]).receives(fires())
    path, robot = f"/api/v1/alerts/{of()}", bearer("robot")
    served.post(f"{path}/acknowledge?wait=applied", {}, headers=robot)
    served.post(f"{path}/note", {"note": "calling them"}, headers=robot)
    served.log_is_away = True
    served.post(f"{path}/unacknowledge", {}, headers=robot)
    said = served.get("/metrics").text
    for command, outcome in (
        ("alert.acknowledge", "seen"),
        ("alert.note", "written"),
        ("alert.unacknowledge", "not written"),
    ):
        assert f'backoffice_commands_total{{command="{command}",outcome="{outcome}",way="API"}} 1.0' in said
    assert 'backoffice_command_effect_seconds_count{way="API"} 1.0' in said
    assert "robot" not in said

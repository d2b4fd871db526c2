"""`/api/v2/silences`: made, changed in place or by a new one, expired, listed."""

from datetime import timedelta
from typing import Any

import pytest

from consumers.api.settings import Scope
from schemas.commands import SilenceExpire, SilenceSet
from tests.office import START
from tests.unit.alerting.saying import fires
from tests.unit.api.served import Served, a_silence, bearer, token

ID = "f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11"
OTHER = "00000000-0000-4000-8000-000000000000"


def wanted(**changes: Any) -> dict[str, Any]:
    """A silence of two hours from now, as a client posts it."""
    said = {
        "matchers": [{"name": "alertname", "value": "it.outage", "isRegex": False}],
        "startsAt": "2026-01-05T08:00:00.000Z",
        "endsAt": "2026-01-05T10:00:00.000Z",
        "createdBy": "dana",
        "comment": "maintenance",
    }
    return {**said, **changes}


def test_a_silence_is_a_command_and_an_audit() -> None:
    served = Served()
    answer = served.post("/api/v2/silences", wanted())
    assert answer.status_code == 200
    (said,) = served.commands
    assert isinstance(said, SilenceSet)
    assert answer.json() == {"silenceID": said.silence}
    assert (said.by, said.comment, said.starts_at, said.ends_at) == (
        "dana",
        "maintenance",
        START,
        START.replace(hour=10),
    )
    assert [(m.name, m.value, m.is_regex, m.is_equal) for m in said.matchers] == [
        ("alertname", "it.outage", False, True)
    ]
    ((who, done),) = served.audited
    assert (who, done.action, done.on, done.note, done.by_way_of) == (
        "person/dana",
        "silence.set",
        f"silence/{said.silence}",
        "maintenance",
        "API",
    )


def test_one_that_would_have_begun_begins_now() -> None:
    served = Served()
    served.post("/api/v2/silences", wanted(startsAt="2026-01-05T07:00:00Z"))
    assert served.commands[0].model_dump()["starts_at"] == START


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"endsAt": "2026-01-05T08:00:00.000Z"}, "Failed to create silence: start time must be before end time"),
        (
            {"startsAt": "2026-01-05T07:00:00Z", "endsAt": "2026-01-05T07:59:59.999Z"},
            "Failed to create silence: end time can't be in the past",
        ),
        (
            {"matchers": [{"name": "a", "value": "", "isRegex": False}, {"name": "b", "value": ".*", "isRegex": True}]},
            "invalid silence: at least one matcher must not match the empty string",
        ),
        (
            {"matchers": [{"name": "", "value": "x", "isRegex": False}]},
            'invalid silence: invalid label matcher 0: invalid label name ""',
        ),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, "invalid regular expression"),
    ],
)
def test_what_alertmanager_refuses_is_refused_in_its_words(changes: dict[str, Any], says: str) -> None:
    served = Served()
    answer = served.post("/api/v2/silences", wanted(**changes))
    assert answer.status_code == 400
    assert says in answer.json()
    assert not served.said


@pytest.mark.parametrize("missing", ["matchers", "startsAt", "endsAt", "createdBy", "comment"])
def test_what_the_schema_wants_is_wanted(missing: str) -> None:
    body = {name: value for name, value in wanted().items() if name != missing}
    answer = Served().post("/api/v2/silences", body)
    assert (answer.status_code, answer.json()) == (422, {"code": 602, "message": f"{missing} in body is required"})


def test_a_silence_wants_a_matcher() -> None:
    answer = Served().post("/api/v2/silences", wanted(matchers=[]))
    assert (answer.status_code, answer.json()["code"]) == (422, 612)


def test_one_that_must_not_be_something_is_enough_of_a_matcher() -> None:
    matchers = [{"name": "severity", "value": "info", "isRegex": False, "isEqual": False}]
    served = Served().receives(fires())
    made = served.post("/api/v2/silences", wanted(matchers=matchers)).json()["silenceID"]
    assert not served.office.dead_letters
    assert [alert["status"]["silencedBy"] for alert in served.alerts()] == [[made]]


def test_an_active_silence_is_prolonged_in_place() -> None:
    served = Served().shows(a_silence()).later(hours=1)
    answer = served.post("/api/v2/silences", wanted(id=ID, endsAt="2026-01-05T12:00:00Z", comment="takes longer"))
    assert answer.json() == {"silenceID": ID}
    (said,) = served.commands
    assert isinstance(said, SilenceSet)
    assert (said.silence, said.ends_at, said.comment) == (ID, START.replace(hour=12), "takes longer")


@pytest.mark.parametrize(
    "changes",
    [
        {"matchers": [{"name": "alertname", "value": "it.other", "isRegex": False}]},
        {"matchers": [{"name": "alertname", "value": "it.outage", "isRegex": True}]},
        {"startsAt": "2026-01-05T08:00:01Z"},
    ],
)
def test_a_change_of_what_was_silenced_ends_it_and_makes_another(changes: dict[str, Any]) -> None:
    served = Served().shows(a_silence()).later(hours=1)
    answer = served.post("/api/v2/silences", wanted(id=ID, **changes))
    expired, made = served.commands
    assert isinstance(expired, SilenceExpire)
    assert isinstance(made, SilenceSet)
    assert (expired.silence, expired.by) == (ID, "dana")
    assert answer.json() == {"silenceID": made.silence}
    assert made.silence != ID
    assert made.starts_at == served.office.now
    assert [done.action for _, done in served.audited] == ["silence.expire", "silence.set"]


def test_a_pending_silence_may_begin_at_another_time_but_not_in_the_past() -> None:
    pending = a_silence(starts_at=START.replace(hour=9), ends_at=START.replace(hour=11))
    served = Served().shows(pending)
    assert served.post("/api/v2/silences", wanted(id=ID)).json() == {"silenceID": ID}
    served = Served().shows(pending)
    assert served.post("/api/v2/silences", wanted(id=ID, startsAt="2026-01-05T07:59:59Z")).json() != {"silenceID": ID}


def test_an_expired_silence_is_left_and_another_is_made() -> None:
    served = Served().shows(a_silence(ends_at=START)).later(seconds=1)
    answer = served.post("/api/v2/silences", wanted(id=ID))
    (made,) = served.commands
    assert isinstance(made, SilenceSet)
    assert made.silence != ID
    assert answer.json() == {"silenceID": made.silence}


@pytest.mark.parametrize("id", [OTHER, "none such", "../x"])
def test_a_silence_that_there_is_none_of_cannot_be_changed(id: str) -> None:
    answer = Served().post("/api/v2/silences", wanted(id=id))
    assert (answer.status_code, answer.json()) == (404, "silence not found")


@pytest.mark.parametrize(("hour", "commands"), [(8, 1), (10, 1), (11, 0)])
def test_deleting_expires_what_has_not(hour: int, commands: int) -> None:
    served = Served().shows(a_silence())
    served.office.now = START.replace(hour=hour)
    answer = served.ask("DELETE", f"/api/v2/silence/{ID}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert [type(command) for command in served.commands] == [SilenceExpire] * commands


def test_what_is_not_there_is_not_found() -> None:
    for method in ("GET", "DELETE"):
        answer = Served().ask(method, f"/api/v2/silence/{OTHER}")
        assert (answer.status_code, answer.content) == (404, b"")


def test_an_id_has_a_form() -> None:
    answer = Served().get("/api/v2/silence/abc")
    assert (answer.status_code, answer.json()) == (
        422,
        {"code": 601, "message": 'silenceID in path must be of type uuid: "abc"'},
    )


@pytest.mark.parametrize(("second", "state"), [(-1, "pending"), (0, "active"), (7200, "active"), (7201, "expired")])
def test_a_silence_is_pending_active_or_expired(second: int, state: str) -> None:
    served = Served().shows(a_silence())
    served.office.now = START + timedelta(seconds=second)
    assert served.get(f"/api/v2/silence/{ID}").json() == {
        "id": ID,
        "status": {"state": state},
        "updatedAt": "2026-01-05T08:00:00.000Z",
        "comment": "maintenance",
        "createdBy": "dana",
        "endsAt": "2026-01-05T10:00:00.000Z",
        "matchers": [{"isEqual": True, "isRegex": False, "name": "alertname", "value": "it.outage"}],
        "startsAt": "2026-01-05T08:00:00.000Z",
    }


def test_the_list_begins_with_what_ends_next_and_ends_with_what_ended_first() -> None:
    hours = {"early": (8, 9), "late": (8, 11), "next": (10, 11), "after": (11, 12), "gone": (5, 6), "long gone": (3, 4)}
    silences = [
        a_silence(id.replace(" ", "-"), starts_at=START.replace(hour=a), ends_at=START.replace(hour=b))
        for id, (a, b) in hours.items()
    ]
    shown = Served().shows(*silences).get("/api/v2/silences").json()
    assert [silence["id"] for silence in shown] == ["early", "late", "next", "after", "gone", "long-gone"]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('alertname="it.outage"', True),
        ('alertname=~"it.outage"', False),
        ('alertname!="it.outage"', False),
        ('site="x"', False),
    ],
)
def test_a_filter_finds_silences_by_their_own_matchers(filter: str, found: bool) -> None:
    shown = Served().shows(a_silence()).get("/api/v2/silences", params={"filter": filter})
    assert len(shown.json()) == found


def test_who_expires_a_silence_is_whose_token_it_is() -> None:
    served = Served(tokens=[token("amtool", Scope.SILENCES_WRITE)]).shows(a_silence())
    assert served.ask("DELETE", f"/api/v2/silence/{ID}", auth=("amtool", "amtool")).status_code == 200
    ((who, done),) = served.audited
    assert (who, done.by_way_of) == ("person/amtool", "API, token amtool")


def test_an_author_who_is_not_named_is_whose_token_it_is() -> None:
    served = Served(tokens=[token("amtool", Scope.SILENCES_WRITE)])
    assert served.post("/api/v2/silences", wanted(createdBy=""), headers=bearer("amtool")).status_code == 200
    assert served.commands[0].by == "amtool"


@pytest.mark.parametrize("by", ["da\nna", "x" * 201])
def test_an_author_has_a_name_that_can_be_written_down(by: str) -> None:
    served = Served()
    assert served.post("/api/v2/silences", wanted(createdBy=by)).status_code == 400
    assert not served.said

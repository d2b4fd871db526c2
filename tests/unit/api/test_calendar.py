"""On-call duty as a calendar that programs subscribe to: as it stands, and for a token that may do nothing else."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from backoffice.config import Configuration
from backoffice.config.model import AlertingConfiguration
from backoffice.rota import ConfiguredRota
from consumers.api.settings import Scope
from schemas.oncall import OverrideSet
from tests.office import START
from tests.unit.api.served import Served, bearer, token

ALERTING = {
    "users": [{"name": "dana"}, {"name": "kim"}],
    "receivers": [{"name": "dana"}, {"name": "kim"}],
    "schedules": [
        {
            "name": "it-on-call",
            "layers": [
                {"name": "first", "participants": ["dana", "kim"], "rotation": "weekly", "starts_on": "2026-01-05"}
            ],
        }
    ],
}
SETTINGS = {"users": ALERTING["users"], "schedules": ALERTING["schedules"]}
PATH = "/api/v1/on-call/it-on-call.ics"


def served(*scopes: Scope) -> Served:
    rota = ConfiguredRota(Configuration(alerting=AlertingConfiguration.model_validate(ALERTING)))
    return Served(tokens=[token("phone", *scopes)] if scopes else (), settings=SETTINGS, calendars=rota)


def duties(text: str) -> list[str]:
    """Who has it, one duty after the other."""
    return [str(event["summary"]).partition(": ")[2] for event in Calendar.from_ical(text).walk("VEVENT")]


def test_the_calendar_of_a_schedule_has_its_duties_and_when_to_look_again() -> None:
    answer = served().get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert duties(answer.text)[:3] == ["dana", "kim", "dana"]
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in answer.text
    assert "X-PUBLISHED-TTL:PT15M" in answer.text


def test_who_stands_in_is_in_it_at_once() -> None:
    at = served()
    wanted = OverrideSet(
        by="dana",
        override="0f1c6b1e-58a9-4d8e-9f63-1f1f6f0f7a11",
        schedule="it-on-call",
        user="kim",
        starts_at=START,
        ends_at=START + timedelta(hours=4),
    )
    before = duties(at.get(PATH).text)
    at.receives((f"override/{wanted.override}", wanted))
    assert duties(at.get(PATH).text) == ["kim", *before]


def test_one_users_calendar_has_their_duties_alone() -> None:
    assert set(duties(served().get(f"{PATH}?user=kim").text)) == {"kim"}


@pytest.mark.parametrize("path", ["/api/v1/on-call/other.ics", f"{PATH}?user=eve"])
def test_what_there_is_not_is_not_found(path: str) -> None:
    assert served().get(path).status_code == 404


def test_without_schedules_there_is_no_calendar() -> None:
    assert Served().get(PATH).status_code == 404


def test_a_token_for_calendars_alone_may_stand_in_the_address() -> None:
    at = served(Scope.CALENDAR)
    assert at.get(f"{PATH}?token=phone").status_code == 200
    assert at.ask("HEAD", f"{PATH}?token=phone").status_code == 200
    assert at.get(PATH, headers=bearer("phone")).status_code == 200
    assert at.get(f"{PATH}?token=guess").status_code == 401
    assert at.get(PATH).status_code == 401


def test_a_token_that_may_do_more_may_not_stand_in_the_address() -> None:
    at = served(Scope.CALENDAR, Scope.READ)
    answer = at.get(f"{PATH}?token=phone")
    assert answer.status_code == 403
    assert "alone" in answer.text
    assert at.get(PATH, headers=bearer("phone")).status_code == 200


def test_a_token_for_calendars_opens_nothing_else() -> None:
    at = served(Scope.CALENDAR)
    for path in ("/api/v2/alerts", "/api/v2/silences", "/api/v2/status"):
        assert at.get(path, headers=bearer("phone")).status_code == 403
        assert at.get(f"{path}?token=phone").status_code == 401


def test_a_token_of_another_scope_opens_no_calendar() -> None:
    at = served(Scope.READ)
    assert at.get(PATH, headers=bearer("phone")).status_code == 403
    assert at.get(f"{PATH}?token=phone").status_code == 403

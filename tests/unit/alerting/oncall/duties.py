"""An office whose first line is dana, kim in her place, and lee when somebody says so; and short ways to say that."""

from datetime import date
from typing import Any

from processors.step import Emission
from schemas.hr import LeaveStarted
from schemas.oncall import OverrideRemove, OverrideSet
from tests.office import instant
from tests.unit.alerting.saying import SETTINGS, Said

ON_CALL: dict[str, Any] = {
    **SETTINGS,
    "receivers": [*SETTINGS["receivers"], {"name": "dana"}, {"name": "kim"}, {"name": "lee"}],
    "users": [{"name": "dana", "employee": "E-1"}, {"name": "kim", "employee": "E-2"}, {"name": "lee"}],
    "schedules": [
        {
            "name": "first-line",
            "time_zone": "Europe/Berlin",
            "layers": [
                {"name": "backup", "participants": ["kim"], "starts_on": "2026-01-01"},
                {"name": "first", "participants": ["dana"], "starts_on": "2026-01-01"},
            ],
        }
    ],
}


def override(id: str, begin: str, end: str, user: str | None = "lee", **values: Any) -> Said:
    times: dict[str, Any] = {"starts_at": instant(begin), "ends_at": instant(end)}
    given = OverrideSet(override=id, schedule="first-line", user=user, by="kim", **times, **values)
    return f"override/{id}", given


def removes(id: str) -> Said:
    return f"override/{id}", OverrideRemove(override=id, by="kim")


def leave(employee: str, begin: str, end: str | None = None, id: str = "L-1") -> Emission:
    starts_on, ends_on = date.fromisoformat(begin), date.fromisoformat(end) if end else None
    return Emission(f"employee/{employee}", LeaveStarted(leave=id, starts_on=starts_on, ends_on=ends_on))

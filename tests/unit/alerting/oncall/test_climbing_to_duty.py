"""Escalation to schedules: whoever is on duty then is told, and where nobody is, the next."""

from typing import Any

from processors.alerting import alerting
from processors.departments.hr import department as hr
from tests.office import Office
from tests.unit.alerting.oncall.duties import ON_CALL, leave, override
from tests.unit.alerting.saying import acknowledges, alert, cannot_reach, fires, told

LATE = "escalated: not acknowledged in time"
FAILED = "escalated: delivery failed"
NOBODY = "escalated: nobody is on call"


def steps(*targets: str, repeat: int = 0) -> list[dict[str, Any]]:
    """A policy with these targets, each after a quarter of an hour."""
    each = [{"targets": names.split(), "delay_minutes": 15} for names in targets]
    return [{"name": "up", "steps": each, "repeat": repeat}]


def office(*targets: str, **changes: Any) -> Office:
    settings = {**ON_CALL, "escalation_policies": steps(*targets), **changes}
    return Office(processors=[hr, alerting], settings={"alerting": settings})


def test_a_schedule_stands_for_whoever_is_on_duty_when_the_step_comes() -> None:
    swap = override("o-1", "2026-01-05T08:15", "2026-01-05T09:00")
    it = office("first-line", "executive").receives(swap, fires()).passes("2026-01-05T08:31")
    assert told(it) == [("clerk", "first notification"), ("lee", LATE), ("executive", LATE)]
    at_once = office("first-line").receives(fires()).passes("2026-01-05T08:31")
    assert told(at_once)[1:] == [("dana", LATE)]


def test_one_who_is_meant_twice_is_told_once() -> None:
    it = office("first-line dana manager").receives(fires()).passes("2026-01-05T08:16")
    assert told(it)[1:] == [("dana", LATE), ("manager", LATE)]


def test_nobody_on_call_moves_on_at_once_and_says_so() -> None:
    it = office("first-line", "manager", "executive").receives(leave("E-1", "2026-01-05"), leave("E-2", "2026-01-05"))
    it.receives(fires()).passes("2026-01-05T08:15:01")
    assert told(it)[1:] == [("manager", NOBODY)]
    assert alert(it).escalation_step == 2
    assert told(it.passes("2026-01-05T08:30:01"))[2:] == [("executive", LATE)]


def test_somebody_on_leave_is_not_paged_by_name_either() -> None:
    it = office("dana", "manager").receives(leave("E-1", "2026-01-05"), fires()).passes("2026-01-05T08:16")
    assert told(it)[1:] == [("manager", NOBODY)]


def test_with_nobody_on_duty_anywhere_it_is_tried_again_until_somebody_is() -> None:
    it = office("first-line").receives(leave("E-1", "2026-01-05", "2026-01-05"), leave("E-2", "2026-01-05"), fires())
    it.passes("2026-01-06T00:00:00")
    assert told(it) == [("clerk", "first notification")]
    assert told(it.passes("2026-01-06T00:15:01"))[1:] == [("dana", LATE)]


def test_acknowledged_while_nobody_is_on_duty_it_climbs_no_further() -> None:
    it = office("first-line").receives(leave("E-1", "2026-01-05", "2026-01-05"), leave("E-2", "2026-01-05"), fires())
    it.passes("2026-01-05T12:00").receives(acknowledges()).passes("2026-01-08")
    assert told(it) == [("clerk", "first notification")]


def test_who_is_on_duty_and_cannot_be_reached_is_passed_over() -> None:
    it = office("first-line", "manager").receives(fires()).passes("2026-01-05T08:16")
    it.receives(cannot_reach("dana", step=1))
    assert told(it)[1:] == [("dana", LATE), ("manager", FAILED)]


def test_an_alert_says_how_urgent_it_is_and_again_when_that_changes() -> None:
    it = office("manager").receives(fires(severity="warning"))
    assert alert(it).priority == "P3"
    assert alert(it.receives(fires(severity="critical"))).priority == "P1"

"""Overrides by command and leave from HR, as alerting hears of them."""

from datetime import date, timedelta
from typing import Any

import pytest

from processors.alerting import alerting
from processors.alerting.oncall import targets
from processors.departments.hr import department as hr
from processors.step import Emission
from schemas.hr import LeaveCancelled, LeaveEnded
from schemas.oncall import Absence, Override, PersonAway, PersonBack
from tests.happenings import rows_of
from tests.office import Office, instant
from tests.unit.alerting.oncall.duties import ON_CALL, leave, override, removes


def office(**settings: Any) -> Office:
    return Office(processors=[hr, alerting], settings={"alerting": {**ON_CALL, **settings}})


def duty(office: Office, *targets_: str) -> tuple[str, ...]:
    """Whom a step with these targets would tell now."""
    fold = office.folds["alerting"][0]
    state: Any = fold.given(fold.store.entity("office"))
    return targets.receivers(state, targets_ or ("first-line",), office.now)


def known(office: Office) -> dict[str, Any]:
    """What stands on the topic `alerts` of overrides and leave, as a consumer who reads it to its end finds it."""
    found: dict[str, Any] = {}
    said = {event.about.id: event for event in office.said(Override, Absence)}
    for output in office.records["alerts"]:
        key = (output.key or b"").decode()
        if output.value is None:
            found.pop(key, None)
        else:
            event = next((e for id, e in said.items() if f'"{id}"'.encode() in output.value[:80]), None)
            if event is not None:
                found[key] = event
    return found


def test_an_override_holds_from_its_beginning_to_its_end() -> None:
    it = office().receives(override("o-1", "2026-01-06T10:00", "2026-01-06T12:00"))
    times = ("2026-01-06T09:59:59", "2026-01-06T10:00", "2026-01-06T11:59:59", "2026-01-06T12:00")
    assert [duty(it.at(time)) for time in times] == [("dana",), ("lee",), ("lee",), ("dana",)]


def test_an_override_is_published_and_forgotten_when_nobody_asks_any_more() -> None:
    it = office(override_retention_days=10).receives(override("o-1", "2026-01-06T10:00", "2026-01-06T12:00"))
    assert known(it)["override/o-1"].created_by == "kim"
    it.at("2026-01-16T12:00:00")
    assert list(known(it)) == ["override/o-1"]
    it.at("2026-01-16T12:00:01")
    assert known(it) == {}
    (state,) = it.folds["alerting"][0].states().values()
    assert list(rows_of(state)) == ["root"], "nothing is left of it"


def test_an_override_that_is_removed_while_it_holds_ends_then() -> None:
    it = office().receives(override("o-1", "2026-01-06T10:00", "2026-01-06T12:00"))
    it.at("2026-01-06T11:00").receives(removes("o-1"))
    assert duty(it) == ("dana",)
    assert known(it)["override/o-1"].ends_at == instant("2026-01-06T11:00")


def test_an_override_that_is_removed_before_it_holds_is_as_if_it_had_not_been() -> None:
    it = office().receives(override("o-1", "2026-01-06T10:00", "2026-01-06T12:00"), removes("o-1"), removes("o-1"))
    assert known(it) == {}
    assert duty(it.at("2026-01-06T11:00")) == ("dana",)
    assert it.dead_letters == []


def test_the_override_that_was_given_last_goes_over_the_others_whatever_their_names() -> None:
    it = office().receives(override("z", "2026-01-06T10:00", "2026-01-06T12:00", "lee"))
    it.at("2026-01-05T09:00").receives(override("a", "2026-01-06T10:00", "2026-01-06T12:00", "kim"))
    assert duty(it.at("2026-01-06T11:00")) == ("kim",)
    it.receives(override("z", "2026-01-06T10:00", "2026-01-06T12:00", "lee"))
    assert duty(it) == ("lee",), "said again, it is the last one"


def test_an_override_that_moves_to_another_schedule_leaves_the_first() -> None:
    subject, said = override("o-1", "2026-01-06T10:00", "2026-01-06T12:00")
    it = office().receives((subject, said), (subject, said.model_copy(update={"schedule": "second-line"})))
    assert duty(it.at("2026-01-06T11:00")) == ("dana",)


@pytest.mark.parametrize(
    "change", [{"user": None}, {"besides": True, "instead_of": "dana"}, {"ends_at": instant("2026-01-06T10:00")}]
)
def test_an_override_that_makes_no_sense_is_no_event(change: dict[str, Any]) -> None:
    subject, said = override("o-1", "2026-01-06T10:00", "2026-01-06T12:00")
    it = office().receives((subject, said.model_copy(update=change)))
    assert (len(it.dead_letters), known(it)) == (1, {})


def test_nobody_on_leave_is_paged_and_the_layer_beneath_stands_in() -> None:
    it = office().receives(leave("E-1", "2026-01-06", "2026-01-07"))
    times = ("2026-01-05T23:59:59", "2026-01-06T00:00", "2026-01-07T23:59:59", "2026-01-08T00:00")
    assert [duty(it.at(time)) for time in times] == [("dana",), ("kim",), ("kim",), ("dana",)]


def test_nobody_at_all_is_on_duty_when_both_are_on_leave() -> None:
    it = office().receives(leave("E-1", "2026-01-06"), leave("E-2", "2026-01-06"))
    assert duty(it.at("2026-01-06T12:00")) == ()


def test_a_step_that_names_a_person_on_leave_means_nobody() -> None:
    it = office().receives(leave("E-1", "2026-01-06")).at("2026-01-06T12:00")
    assert duty(it, "dana", "manager", "kim", "first-line") == ("manager", "kim")
    assert duty(it, "lee") == ("lee",), "HR does not know lee"


def test_an_override_by_somebody_on_leave_does_not_hold() -> None:
    it = office().receives(override("o-1", "2026-01-06T10:00", "2026-01-06T12:00", "kim"), leave("E-2", "2026-01-06"))
    assert duty(it.at("2026-01-06T11:00")) == ("dana",)


def test_who_comes_back_early_is_on_duty_again_and_who_does_not_go_always_was() -> None:
    it = office().receives(leave("E-1", "2026-01-06", "2026-01-20")).at("2026-01-09T08:00")
    assert duty(it) == ("kim",)
    it.receives(Emission("employee/E-1", LeaveEnded(leave="L-1", ended_on=date(2026, 1, 8))))
    assert duty(it) == ("dana",)
    it.receives(leave("E-1", "2026-01-10", id="L-2")).at("2026-01-11")
    assert duty(it) == ("kim",)
    it.receives(Emission("employee/E-1", LeaveCancelled(leave="L-2")))
    assert duty(it) == ("dana",)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_end_that_is_known_before_the_beginning_counts(order: tuple[int, int]) -> None:
    ended = Emission("employee/E-1", LeaveEnded(leave="L-1", ended_on=date(2026, 1, 7)))
    said = [leave("E-1", "2026-01-06", "2026-01-20"), ended]
    it = office().receives(*(said[n] for n in order))
    assert [duty(it.at(time)) for time in ("2026-01-07T23:59:59", "2026-01-08T00:00")] == [("kim",), ("dana",)]


def test_leave_is_told_in_the_time_zone_of_hr() -> None:
    abroad = {"hr": {"calendar": {"time_zone": "America/New_York"}}, "alerting": ON_CALL}
    it = Office(processors=[hr, alerting], settings=abroad).receives(leave("E-1", "2026-01-06", "2026-01-06"))
    (away,) = it.said(PersonAway)
    assert away.model_dump() == {
        "leave": "L-1",
        "starts_at": instant("2026-01-06T05:00"),
        "ends_at": instant("2026-01-07T05:00"),
    }
    assert it.said(PersonBack) == []


def test_leave_is_published_whole_by_employee_and_forgotten() -> None:
    it = office(override_retention_days=10)
    it.receives(leave("E-1", "2026-01-10", "2026-01-11", id="B"), leave("E-1", "2026-01-06", "2026-01-07", id="A"))
    assert [one.leave for one in known(it)["absence/E-1"].leaves] == ["A", "B"]
    it.at("2026-01-18T00:00:01")
    assert [one.leave for one in known(it)["absence/E-1"].leaves] == ["B"]
    it.at("2026-01-22T00:00:01")
    assert known(it) == {}


def test_a_leave_that_is_said_again_as_it_was_is_no_news_and_one_that_cannot_be_is_none() -> None:
    it = office().receives(leave("E-1", "2026-01-10", "2026-01-11"), leave("E-1", "2026-01-10", "2026-01-11"))
    assert len(it.said(Absence)) == 1
    it.receives(leave("E-2", "2026-01-10", "2026-01-08"))
    assert list(known(it)) == ["absence/E-1"]


def test_an_open_leave_is_remembered_as_long_as_it_lasts() -> None:
    it = office().receives(leave("E-1", "2026-01-06")).at(instant("2026-01-06") + timedelta(days=1000))
    assert duty(it) == ("kim",)


def test_who_is_named_in_no_schedule_may_be_away_as_well() -> None:
    it = office().receives(leave("E-77", "2026-01-06", "2026-01-07"))
    assert list(known(it)) == ["absence/E-77"]
    assert duty(it.at("2026-01-06T12:00")) == ("dana",)

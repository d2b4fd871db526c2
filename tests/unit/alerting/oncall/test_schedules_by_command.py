"""A schedule given by command goes over the configuration's of the same name, until it is removed."""

from typing import Any

from processors.alerting import alerting
from processors.alerting.oncall import targets
from schemas.oncall import GivenSchedule, ScheduleRemove, ScheduleSet
from tests.office import Office
from tests.unit.alerting.oncall.duties import ON_CALL, override
from tests.unit.alerting.saying import Said, acknowledges, fires, told

CLIMBING = [{"name": "up", "steps": [{"targets": ["first-line"], "delay_minutes": 15}]}]


def office(**settings: Any) -> Office:
    given = {**ON_CALL, "escalation_policies": CLIMBING, **settings}
    return Office(processors=[alerting], settings={"alerting": given})


def plan(*people: str, **more: Any) -> dict[str, Any]:
    return {"layers": [{"name": "all", "participants": [*people], "starts_on": "2026-01-01"}], **more}


def sets(plan: dict[str, Any], name: str = "first-line") -> Said:
    return f"schedule/{name}", ScheduleSet(schedule=name, plan=plan, by="kim", comment="the summer's rota")


def removes(name: str = "first-line") -> Said:
    return f"schedule/{name}", ScheduleRemove(schedule=name, by="kim")


def duty(office: Office) -> tuple[str, ...]:
    fold = office.folds["alerting"][0]
    state: Any = fold.given(fold.store.entity("office"))
    return targets.receivers(state, ("first-line",), office.now)


def test_it_holds_from_its_place_on_the_log_to_its_removal() -> None:
    it = office()
    assert duty(it) == ("dana",)
    assert duty(it.receives(sets(plan("lee")))) == ("lee",)
    assert duty(it.receives(sets(plan("kim")))) == ("kim",), "given anew"
    assert duty(it.receives(removes())) == ("dana",)


def test_an_escalation_pages_whom_it_has_on_duty() -> None:
    it = office().receives(sets(plan("lee")), fires()).passes("2026-01-05T08:16")
    assert told(it)[1:] == [("lee", "escalated: not acknowledged in time")]


def test_overrides_go_over_it_too() -> None:
    it = office().receives(sets(plan("lee")), override("o-1", "2026-01-05", "2026-01-06", user="kim"))
    assert duty(it) == ("kim",)
    assert duty(it.at("2026-01-06")) == ("lee",)


def test_the_configuration_that_changes_leaves_it_in_place() -> None:
    it = office().receives(sets(plan("lee"))).told("alerting", ON_CALL)
    assert duty(it) == ("lee",)


def test_it_is_published_with_its_author_and_a_tombstone_follows() -> None:
    it = office().receives(sets(plan("lee")), removes(), removes())
    (said,) = it.said(GivenSchedule)
    assert isinstance(said, GivenSchedule)
    assert (said.created_by, said.comment, said.plan) == ("kim", "the summer's rota", plan("lee"))
    written = [(output.key, output.value is None) for output in it.records["alerts"]]
    assert written == [(b"schedule/first-line", False), (b"schedule/first-line", True)]


def test_a_plan_that_is_none_is_a_dead_letter_and_changes_nothing() -> None:
    it = office().receives(sets({"layers": [{"name": "all"}]}), sets(plan("lee", time_zone="Mars/Olympus")))
    it.receives(sets(plan(*["lee"] * 200, extra_holidays=["2026-01-01"] * 10_000)))
    assert len(it.dead_letters) == 3
    assert duty(it) == ("dana",)
    assert told(it.receives(fires(), acknowledges())) == [("clerk", "first notification")]

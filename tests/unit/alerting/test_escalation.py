"""An alert that nobody answers climbs."""

from typing import Any

from processors.alerting import alerting
from processors.alerting.settings import EscalationPolicy
from tests.office import Office
from tests.unit.alerting.saying import (
    EACH_AT_ONCE,
    SETTINGS,
    acknowledges,
    alert,
    cannot_reach,
    ends,
    fires,
    of,
    office,
    resolves_by_hand,
    told,
)

LATE = "escalated: not acknowledged in time"
FAILED = "escalated: delivery failed"


def policy(name: str, *steps: tuple[int, str], repeat: int = 0) -> dict[str, Any]:
    return {
        "name": name,
        "steps": [{"targets": targets.split(), "delay_minutes": delay} for delay, targets in steps],
        "repeat": repeat,
    }


def test_not_a_second_before_the_deadline() -> None:
    it = office().receives(fires()).passes("2026-01-05T08:15:00")
    assert told(it) == [("clerk", "first notification")]
    it.passes("2026-01-05T08:15:01")
    assert told(it)[1:] == [("manager", LATE)]
    assert alert(it).escalation_step == 1


def test_each_step_has_its_own_delay_and_the_last_is_the_end() -> None:
    it = office().receives(fires()).passes("2026-01-09")
    assert [(n.about.time.strftime("%H:%M"), n.receiver, n.escalation_step) for n in it.notices()] == [
        ("08:00", "clerk", 0),
        ("08:15", "manager", 1),
        ("08:45", "executive", 2),
    ]
    assert alert(it).receivers == ("clerk", "manager", "executive")


def test_a_policy_repeats_as_often_as_it_says() -> None:
    repeating = policy("up", (15, "manager"), (30, "executive"), repeat=2)
    it = office(escalation_policies=[repeating]).receives(fires()).passes("2026-01-09")
    assert [n.receiver for n in it.notices()[1:]] == ["manager", "executive"] * 3
    assert [n.escalation_step for n in it.notices()[1:]] == [1, 2] * 3


def test_acknowledging_stops_the_clock() -> None:
    it = office().receives(fires()).passes("2026-01-05T08:16").receives(acknowledges()).passes("2026-01-09")
    assert [who for who, _ in told(it)] == ["clerk", "manager"]


def test_resolving_stops_the_clock() -> None:
    it = office().receives(fires(), ends()).passes("2026-01-09")
    assert LATE not in [why for _, why in told(it)]
    by_hand = office().receives(fires(), resolves_by_hand()).passes("2026-01-09")
    assert LATE not in [why for _, why in told(by_hand)]


def test_an_alert_that_begins_again_has_the_whole_delay_before_it() -> None:
    it = office().receives(fires()).passes("2026-01-05T08:05").receives(ends()).passes("2026-01-05T08:10")
    it.receives(fires()).passes("2026-01-05T08:25")
    assert LATE not in [why for _, why in told(it)]
    assert told(it.passes("2026-01-05T08:25:01"))[-1] == ("manager", LATE)


def test_a_receiver_who_cannot_be_reached_is_passed_over_at_once() -> None:
    it = office().receives(fires(), cannot_reach("clerk"))
    assert told(it)[1:] == [("manager", FAILED)]
    it.passes("2026-01-05T08:30:01")
    assert told(it)[2:] == [("executive", LATE)], "the executive's own 30 minutes count from when the manager was told"


def test_when_nobody_can_be_reached_everybody_is_tried_once() -> None:
    it = office().receives(
        fires(), cannot_reach("clerk"), cannot_reach("manager", step=1), cannot_reach("executive", step=2)
    )
    assert told(it)[1:] == [("manager", FAILED), ("executive", FAILED)]


def test_two_targets_of_one_step_that_fail_move_on_only_once() -> None:
    both = policy("up", (15, "manager security"), (30, "security executive"), (30, "clerk"))
    it = office(escalation_policies=[both]).receives(fires()).passes("2026-01-05T08:16")
    it.receives(cannot_reach("manager", step=1), cannot_reach("security", step=1))
    assert [n.escalation_step for n in it.notices()] == [0, 1, 1, 2, 2]


def test_an_acknowledged_alert_does_not_move_on_because_a_delivery_failed() -> None:
    it = office().receives(fires(), acknowledges(), cannot_reach("clerk"))
    assert told(it) == [("clerk", "first notification")]


def test_an_alert_for_two_teams_climbs_in_both() -> None:
    route = {
        "receiver": "clerk",
        "routes": [
            {"receiver": "clerk", "escalation": "accounts", "continue": True},
            {"receiver": "security", "escalation": "safety"},
        ],
    }
    policies = [policy("accounts", (15, "manager")), policy("safety", (5, "executive"))]
    it = office(route=route, escalation_policies=policies).receives(fires()).passes("2026-01-09")
    assert told(it)[2:] == [("executive", LATE), ("manager", LATE)]


def test_getting_worse_does_not_restart_the_clock() -> None:
    it = office().receives(fires(severity="warning")).passes("2026-01-05T08:10").receives(fires(severity="critical"))
    it.passes("2026-01-05T08:15:01")
    assert told(it)[-1] == ("manager", LATE)


def test_being_told_to_more_people_does_not_restart_the_clock() -> None:
    worse_to_security = [{"matchers": ['severity="critical"'], "receiver": "security", "continue": True}, {}]
    it = office(route={"receiver": "clerk", "escalation": "up", "routes": worse_to_security})
    it.receives(fires(severity="warning")).passes("2026-01-05T08:10").receives(fires(severity="critical"))
    it.passes("2026-01-05T08:15:01")
    assert sorted(told(it)[1:3]) == [("clerk", "alert changed"), ("security", "first notification")]
    assert told(it)[3:] == [("manager", LATE)]


INFORMATION = {
    "receiver": "clerk",
    "escalation": "up",
    "routes": [{"matchers": ['severity="info"'], "escalation": "none"}],
}


def test_what_only_informs_is_told_and_climbs_nowhere() -> None:
    it = office(route=INFORMATION).receives(fires(severity="info"), cannot_reach("clerk")).passes("2026-02-09")
    assert told(it) == [("clerk", "first notification")]


def test_an_information_that_becomes_an_error_begins_to_climb_then() -> None:
    it = office(route=INFORMATION).receives(fires(severity="info")).passes("2026-01-06T09:00")
    it.receives(fires(severity="error")).passes("2026-01-06T09:15:00")
    assert told(it) == [("clerk", "first notification"), ("clerk", "alert changed")]
    it.passes("2026-01-06T09:15:01")
    assert told(it)[2:] == [("manager", LATE)]


def test_by_default_nothing_that_only_informs_reaches_the_executive() -> None:
    defaults = Office(processors=[alerting]).receives(
        fires(severity="info"), fires("correlation.impact", severity="info")
    )
    receivers = {notice.receiver for notice in defaults.passes("2026-03-01").notices()}
    assert receivers == {"accounting-clerk", "back-office-manager"}


def test_an_alert_without_a_policy_stays_where_it_is() -> None:
    it = office(route={"receiver": "clerk"}).receives(fires(), cannot_reach("clerk")).passes("2026-01-09")
    assert told(it) == [("clerk", "first notification")]


def test_a_policy_that_is_taken_away_ends_the_climb() -> None:
    it = office().receives(fires())
    it.told("alerting", {**SETTINGS, "route": {**EACH_AT_ONCE, "receiver": "clerk"}, "escalation_policies": []}).passes(
        "2026-01-09"
    )
    assert (told(it), it.dead_letters) == ([("clerk", "first notification")], [])


def test_each_alert_climbs_by_itself() -> None:
    other = ("it.outage", "service/vpn")
    it = office().receives(fires(), fires(*other), acknowledges(of(*other))).passes("2026-01-05T09:00")
    assert {n.fingerprints for n in it.notices()[2:]} == {(of(),)}


def test_positions_of_a_policy_count_on_over_its_repeats() -> None:
    up = EscalationPolicy.model_validate(policy("up", (1, "a"), (2, "b"), repeat=1))
    assert [step.targets if (step := up.step(p)) else None for p in range(6)] == [
        None,
        ("a",),
        ("b",),
        ("a",),
        ("b",),
        None,
    ]
    assert [up.step_number(p) for p in range(5)] == [0, 1, 2, 1, 2]

"""What is decided on the console, to its effect: alerting itself applies it."""

from datetime import timedelta
from typing import Any

import pytest

from consumers.api.errors import Problem
from consumers.console import actions, silences
from consumers.console.board import Board, board
from consumers.console.signing_in.people import Person, Role
from schemas.alerts import Alert, SilenceMatcher
from schemas.signals import ConditionFired, fingerprint
from tests.office import START
from tests.unit.api.served import Served

DANA = Person("dana", Role.OPERATOR)
KIM = Person("kim", Role.OPERATOR)


def outage(service: str, severity: str = "critical", **labels: str) -> tuple[str, ConditionFired]:
    return f"service/{service}", ConditionFired(
        rule="it.outage",
        severity=severity,
        summary=f"{service} is down",
        starts_at=START,
        labels={"department": "it", **labels},
    )


def id_of(service: str) -> str:
    return fingerprint("it.outage", f"service/{service}", {})


def served(*services: str) -> Served:
    return Served().receives(*(outage(service) for service in services or ("vpn",)))


def alert(served: Served, service: str = "vpn") -> Alert:
    with served.view.reading() as standing:
        return standing.alerts[id_of(service)].event


def shown(served: Served) -> Board:
    return board(served.service, ["it", "hr"])


def states(served: Served) -> dict[str, str]:
    return {row.alert.subject.partition("/")[2]: row.state for row in shown(served).rows}


@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (lambda now: actions.acknowledge(DANA), "acknowledged"),
        (lambda now: actions.snooze(DANA, now + timedelta(hours=1)), "snoozed"),
        (lambda now: actions.assign(DANA, ["it-manager"]), "firing"),
    ],
)
def test_a_decision_shows_and_is_taken_back(decide: Any, state: str) -> None:
    at = served()
    done = actions.give(at.service, [id_of("vpn")], decide(at.office.now))
    assert states(at) == {"vpn": state}
    undone = actions.take_back(at.service, KIM, done)
    assert undone.what.startswith("Undone")
    assert states(at) == {"vpn": "firing"}
    assert alert(at).assigned_to == ()
    assert [command.by for command in at.commands] == ["dana", "kim"]
    assert {action.by_way_of for _, action in at.audited} == {"console"}


def test_giving_back_is_taken_back_by_having_it_again_until_the_same_time() -> None:
    at = served()
    until = at.office.now + timedelta(hours=2)
    actions.give(at.service, [id_of("vpn")], actions.acknowledge(DANA, until))
    done = actions.give(at.service, [id_of("vpn")], actions.unacknowledge(DANA))
    assert alert(at).acknowledged_by is None
    actions.take_back(at.service, DANA, done)
    assert (alert(at).acknowledged_by, alert(at).acknowledged_until) == ("dana", until)


def test_waking_is_taken_back_by_snoozing_until_the_same_time() -> None:
    at = served()
    until = at.office.now + timedelta(hours=2)
    actions.give(at.service, [id_of("vpn")], actions.snooze(DANA, until))
    woken = actions.give(at.service, [id_of("vpn")], actions.snooze(DANA, at.office.now - timedelta(seconds=1)))
    assert (woken.what, states(at)) == ("Woken", {"vpn": "firing"})
    actions.take_back(at.service, DANA, woken)
    assert (states(at), alert(at).snoozed_until) == ({"vpn": "snoozed"}, until)


def test_what_somebody_else_had_is_not_taken_from_them_by_undoing() -> None:
    at = served()
    actions.give(at.service, [id_of("vpn")], actions.acknowledge(KIM))
    assert not actions.give(at.service, [id_of("vpn")], actions.acknowledge(DANA)).undo


def test_a_resolve_holds() -> None:
    at = served()
    done = actions.give(at.service, [id_of("vpn")], actions.resolve(DANA, "it was the cable"))
    assert states(at) == {"vpn": "resolved"}
    assert not done.undo
    with pytest.raises(Problem, match="over"):
        actions.give(at.service, [id_of("vpn")], actions.acknowledge(DANA))
    assert actions.give(at.service, [id_of("vpn")], actions.write(DANA, "a new cable is on its way")).count == 1


def test_several_at_once_leave_out_what_is_over() -> None:
    at = served("vpn", "mail", "web")
    actions.give(at.service, [id_of("web")], actions.resolve(DANA))
    done = actions.give(at.service, [id_of(name) for name in ("vpn", "mail", "web", "vpn")], actions.acknowledge(DANA))
    assert (done.count, done.left_out) == (2, 1)
    assert states(at) == {"vpn": "acknowledged", "mail": "acknowledged", "web": "resolved"}


def test_merging_holds_one_back_while_the_other_fires() -> None:
    at = served("vpn", "mail")
    done = actions.give(at.service, [id_of("mail")], actions.merge(DANA, id_of("vpn")))
    assert states(at)["mail"] == "suppressed"
    actions.take_back(at.service, DANA, done)
    assert states(at)["mail"] == "firing"


def test_a_wrong_choice_is_said() -> None:
    at = served()
    with pytest.raises(Problem, match="choose an alert"):
        actions.give(at.service, [], actions.acknowledge(DANA))
    with pytest.raises(Problem, match="no alert"):
        actions.give(at.service, ["f" * 16], actions.acknowledge(DANA))
    with pytest.raises(Problem, match="at most"):
        actions.give(at.service, [f"{n:016x}" for n in range(1_001)], actions.acknowledge(DANA))
    assert not at.said


# Silences


def about(name: str, value: str, *, is_regex: bool = False, is_equal: bool = True) -> SilenceMatcher:
    return SilenceMatcher(name=name, value=value, is_regex=is_regex, is_equal=is_equal)


def test_a_silence_mutes_what_its_preview_named_and_ends_when_taken_back() -> None:
    at = served("vpn", "mail", "web")
    matchers = [about("subject", "service/(vpn|mail)", is_regex=True)]
    named = {one.subject for one in silences.muted_by(at.service, matchers)}
    done = silences.silence(at.service, DANA, matchers, 60, "new switches")
    assert named == {row.alert.subject for row in shown(at).rows if row.state == "silenced"}
    assert done.count == len(named) == 2
    actions.take_back(at.service, DANA, done)
    assert set(states(at.later(seconds=1)).values()) == {"firing"}


def test_a_silence_is_over_after_its_time() -> None:
    at = served()
    silences.silence(at.service, DANA, [about("alertname", "it.outage")], 60, "new switches")
    assert states(at.later(minutes=60)) == {"vpn": "silenced"}
    assert states(at.later(seconds=1)) == {"vpn": "firing"}


@pytest.mark.parametrize(
    ("matchers", "said"),
    [
        ([], "everything"),
        ([about("team", "")], "everything"),
        ([about("team", ".*", is_regex=True)], "everything"),
        ([about("team", "(", is_regex=True)], "regular expression|parenthes|missing"),
    ],
)
def test_a_silence_of_everything_is_refused(matchers: list[SilenceMatcher], said: str) -> None:
    at = served()
    with pytest.raises(Problem, match=said):
        silences.silence(at.service, DANA, matchers, 60, "why")
    assert not at.said


@pytest.mark.parametrize(("minutes", "comment"), [(0, "why"), (-1, "why"), (60 * 24 * 366, "why"), (60, " ")])
def test_a_silence_has_a_length_and_a_reason(minutes: float, comment: str) -> None:
    with pytest.raises(Problem):
        silences.silence(served().service, DANA, [about("alertname", "it.outage")], minutes, comment)


def test_a_silence_that_is_to_come_mutes_nothing_until_then() -> None:
    at = served()
    begins = at.office.now + timedelta(hours=1)
    done = silences.silence(at.service, DANA, [about("alertname", "it.outage")], 60, "new switches", begins)
    assert (done.what, done.count, states(at)) == ("Silenced from then on", 0, {"vpn": "firing"})
    (line,) = silences.lines(at.service, shown(at))
    assert (line.state, line.mutes) == ("pending", 1)
    assert states(at.later(minutes=60)) == {"vpn": "silenced"}
    (line,) = silences.lines(at.service, shown(at))
    assert (line.state, line.mutes) == ("active", 1)
    assert states(at.later(minutes=60, seconds=1)) == {"vpn": "firing"}
    (line,) = silences.lines(at.service, shown(at))
    assert (line.state, line.mutes) == ("expired", 0)


@pytest.mark.parametrize("away", [timedelta(seconds=-1), timedelta(days=367)])
def test_a_silence_begins_from_now_on_and_within_a_year(away: timedelta) -> None:
    at = served()
    with pytest.raises(Problem, match="within a year"):
        silences.silence(at.service, DANA, [about("alertname", "it.outage")], 60, "why", at.office.now + away)
    assert not at.said


def test_a_silence_that_was_ended_is_made_again_by_taking_that_back() -> None:
    at = served("vpn", "mail")
    silences.silence(at.service, DANA, [about("subject", "service/vpn")], 60, "new switches")
    (line,) = silences.lines(at.service, shown(at.later(minutes=10)))
    done = silences.expire(at.service, KIM, line.silence.silence)
    assert set(states(at.later(seconds=1)).values()) == {"firing"}
    actions.take_back(at.service, DANA, done)
    assert states(at)["vpn"] == "silenced"
    again, before = silences.lines(at.service, shown(at))
    assert (before.state, again.silence.comment, again.silence.ends_at) == (
        "expired",
        "new switches",
        line.silence.ends_at,
    )


def test_what_is_over_is_not_ended_again() -> None:
    at = served()
    silences.silence(at.service, DANA, [about("alertname", "it.outage")], 60, "new switches")
    (line,) = silences.lines(at.service, shown(at.later(minutes=61)))
    with pytest.raises(Problem, match="over already"):
        silences.expire(at.service, KIM, line.silence.silence)
    with pytest.raises(Problem, match="there is no silence"):
        silences.expire(at.service, KIM, "nothing")

"""A simulation's alerts held against what had to follow: missing, unexpected, or not as they had to be."""

from datetime import datetime
from typing import Any

import pytest

from backoffice.simulating import SimulationJob, events_in, identity, outcome
from producers.simulator import Expected, SimulatedOffice, Simulation
from producers.simulator.office import Said
from producers.slices import Slice
from schemas.alerts import Alert
from schemas.commands import AlertAcknowledge
from schemas.signals import fingerprint
from schemas.topics import Space
from tests.unit.core.library import OPENING, DoorOpened, minutes

OVERDUE = Expected("library.overdue", "member/ada", {"book": "dune"})
INDEBTED = Expected("library.indebted", "member/ada")


def simulation(*expected: Expected, said: tuple[Said, ...] = ()) -> Simulation:
    return Simulation(SimulatedOffice(), said, expected)


def alert(of: Expected, at: datetime = OPENING, **told: Any) -> Alert:
    return Alert(
        fingerprint=identity(of),
        rule=of.rule,
        subject=of.subject,
        labels={},
        annotations={},
        starts_at=at,
        **{"status": "firing", **told},
    )


def by_fingerprint(*alerts: Alert) -> dict[str, Alert]:
    return {each.fingerprint: each for each in alerts}


def wrong(expected: Expected, **told: Any) -> tuple[str, ...]:
    result = outcome(simulation(expected), by_fingerprint(alert(expected, **told)))
    assert (result.missing, result.unexpected) == ((), ())
    assert result.as_expected == (not result.wrong)
    return result.wrong


def test_an_expected_alert_is_known_by_the_fingerprint_it_will_have() -> None:
    assert identity(OVERDUE) == fingerprint("library.overdue", "member/ada", {"book": "dune"})


def test_all_that_had_to_come_and_nothing_else_is_as_expected() -> None:
    late, early = alert(OVERDUE, minutes(9)), alert(INDEBTED, minutes(3))
    result = outcome(simulation(OVERDUE, INDEBTED), by_fingerprint(late, early))
    assert result.as_expected
    assert result.alerts == (early, late), "in the order in which they began"


def test_what_did_not_come_is_missing() -> None:
    result = outcome(simulation(OVERDUE, INDEBTED), by_fingerprint(alert(OVERDUE)))
    assert (result.missing, result.unexpected, result.wrong) == ((INDEBTED,), (), ())
    assert not result.as_expected


def test_what_nobody_planted_is_unexpected() -> None:
    other = alert(Expected("library.overdue", "member/ada", {"book": "emma"}))
    result = outcome(simulation(OVERDUE), by_fingerprint(alert(OVERDUE), other))
    assert (result.missing, result.unexpected, result.wrong) == ((), (other,), ())
    assert not result.as_expected


@pytest.mark.parametrize(("resolved", "status"), [(False, "firing"), (True, "resolved")])
def test_an_alert_must_have_ended_or_not(resolved: bool, status: str) -> None:
    expected = Expected("library.overdue", "member/ada", resolved=resolved)
    assert wrong(expected, status=status) == ()
    other = "firing" if resolved else "resolved"
    assert wrong(expected, status=other) == (f"library.overdue of member/ada is {other}, but had to be {status}",)


def test_one_that_nobody_takes_must_escalate() -> None:
    expected = Expected("library.overdue", "member/ada", escalates=True)
    assert wrong(expected, escalation_step=1) == ()
    assert wrong(expected) == ("library.overdue of member/ada has not escalated",)


def test_one_that_is_taken_must_say_by_whom() -> None:
    expected = Expected("library.overdue", "member/ada", acknowledged_at=minutes(5), acknowledged_by="gina")
    assert wrong(expected, acknowledged_by="gina") == ()
    sentence = "library.overdue of member/ada is acknowledged by None, not by gina"
    assert wrong(expected) == (sentence,)


def test_several_things_may_be_wrong_with_one() -> None:
    assert len(wrong(Expected("library.overdue", "member/ada", resolved=True, escalates=True))) == 2


def test_commands_of_the_offices_people_are_fed_among_its_events_in_order_of_time() -> None:
    taken = Expected("library.overdue", "member/ada", acknowledged_at=minutes(5), acknowledged_by="gina")
    said = (Said(minutes(1), "room/1", DoorOpened()), Said(minutes(9), "room/1", DoorOpened(), id="twice"))
    job = SimulationJob(simulation(taken, OVERDUE, said=said), Space("trial", replay=True), "broker:9092")
    fed = list(job._feed())
    assert [each.about.id for each, _ in fed] == ["sim-1-0", f"ack-{identity(taken)}", "twice"]
    assert [progress["events"] for _, progress in fed] == [1, 2, 3]
    command = fed[1][0]
    assert command.event == AlertAcknowledge(by="gina")
    assert (command.about.subject, command.about.time) == (f"alert/{identity(taken)}", minutes(5))
    assert events_in(Slice(minutes(60), tuple(each for each, _ in fed), {})) == len(said), "a command is no event"

"""Outages at the edges: how bad, since when, of what suspected, and when a service flaps."""

from datetime import datetime
from typing import Any

import pytest

from schemas.it import (
    OutageDetected,
    OutageResolved,
    OutageSuspected,
    OutageUpdated,
    ServiceDeclared,
)
from schemas.signals import ConditionFired
from tests.office import instant
from tests.unit.departments.telling_it import it_office, on_monday, times_fired, vpn, why_resolved

OUTAGE, FLAPPING = "it.outage", "it.flapping"


def on(clock: str) -> datetime:
    return instant(on_monday(clock))


def down(since: str = "09:00", outage: str = "O-1", **fields: Any) -> OutageDetected:
    return OutageDetected(outage=outage, since=on(since), **fields)


def up(until: str = "10:00", outage: str = "O-1") -> OutageResolved:
    return OutageResolved(outage=outage, until=on(until))


def suspected(change: str, revision: int = 1, holds: bool = True, outage: str = "O-1") -> OutageSuspected:
    return OutageSuspected(outage=outage, change=change, changed="core", holds=holds, revision=revision)


def test_an_outage_says_what_is_down_how_badly_and_what_stands_still_with_it() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(ServiceDeclared(category="network"), down(impact="partial")))
    alert = office.one(OUTAGE)
    assert alert.summary == "Service vpn is down for some of its users"
    assert alert.labels == {"impact": "partial", "category": "network"}
    assert alert.annotations == {"outages": "O-1", "downstream": "none declared"}
    office.receives(*vpn(down(outage="O-2", impact="degraded")))
    assert (office.one(OUTAGE).severity, times_fired(office, OUTAGE)) == ("error", 1), "the worst of them counts"
    assert office.receives(*vpn(up())).one(OUTAGE).summary == "Service vpn is slow"


def test_an_outage_names_the_kind_of_service_from_when_that_is_declared() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down()))
    assert office.one(OUTAGE).labels == {"impact": "complete"}
    assert office.receives(*vpn(ServiceDeclared(category="telecom"))).one(OUTAGE).labels["category"] == "telecom"
    quiet = it_office().receives(*vpn(ServiceDeclared(category="telecom")))
    assert quiet.signals() == []


def test_an_outage_names_the_changes_that_are_suspected_of_it() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down(), suspected("CHG-2"), suspected("CHG-1")))
    assert office.one(OUTAGE).annotations["suspects"] == "CHG-1 of core, CHG-2 of core"
    assert office.one(OUTAGE).summary == "Service vpn is down; suspected: CHG-1 of core, CHG-2 of core"
    office.receives(*vpn(suspected("CHG-1", 2, holds=False), suspected("CHG-1", 2), suspected("CHG-1", 1)))
    assert office.one(OUTAGE).annotations["suspects"] == "CHG-2 of core"
    office.receives(*vpn(suspected("CHG-2", 2, holds=False)))
    assert "suspects" not in office.one(OUTAGE).annotations
    assert office.receives(*vpn(suspected("CHG-3", outage="O-9"))).one(OUTAGE).summary == "Service vpn is down"


def test_at_most_twenty_changes_are_suspected_and_what_is_over_says_nothing_more() -> None:
    office = it_office().at(on("09:05")).receives(*vpn(down(), *(suspected(f"CHG-{n:02}") for n in range(21))))
    assert len(office.one(OUTAGE).annotations["suspects"].split(", ")) == 20
    office.receives(*vpn(suspected("CHG-19", 2, holds=False)))
    assert len(office.one(OUTAGE).annotations["suspects"].split(", ")) == 19
    said = len(office.receives(*vpn(up())).signals())
    assert len(office.receives(*vpn(suspected("CHG-18", 2, holds=False))).signals()) == said


@pytest.mark.parametrize(("said", "impact"), [("09:10", "complete"), ("09:09", "degraded")])
def test_of_two_words_of_its_impact_the_one_said_later_counts(said: str, impact: str) -> None:
    office = it_office().at(on("09:30")).receives(*vpn(down(impact="degraded")), time=on("09:10"))
    office.receives(*vpn(OutageUpdated(outage="O-1", impact="complete")), time=on(said))
    assert office.one(OUTAGE).labels == {"impact": impact}


def test_an_outage_that_began_again_after_its_end_counts_and_one_at_its_very_end_does_not() -> None:
    office = it_office().at(on("12:00")).receives(*vpn(down("09:00"), up("10:00"), down("10:00")))
    assert office.firing() == set()
    assert office.receives(*vpn(down("10:01"))).firing() == {OUTAGE}


def test_an_outage_is_remembered_for_thirty_days_after_its_end() -> None:
    for when, end in (("2026-02-04T10:00", "10:30"), ("2026-02-04T10:00:01", None)):
        office = it_office().at(on("10:00")).receives(*vpn(down(), up())).at(when)
        office.receives(*vpn(OutageUpdated(outage="O-1", until=on("10:30"))))
        outage = office.state("service/vpn").outages["O-1"]
        assert (outage.since, outage.until) == (on("09:00") if end else None, on("10:30"))


def test_a_service_flaps_within_the_window_by_when_outages_began_whatever_is_heard_first() -> None:
    office = it_office(flapping_outages=3, flapping_minutes=10).at(on("12:00"))
    office.receives(*vpn(down("09:10", "O-3"), up("09:10", "O-3"), down("09:00"), up("09:01")))
    assert office.firing() == set()
    office.receives(*vpn(down("09:05", "O-2")))
    alert = office.one(FLAPPING)
    assert (alert.severity, alert.labels) == ("warning", {})
    assert alert.summary == "Service vpn is flapping: 3 outages within 10 min"


def test_flapping_ends_when_it_was_quiet_and_the_last_turn_counts() -> None:
    office = it_office(flapping_outages=2, flapping_minutes=10).at(on("09:00")).receives(*vpn(down("09:00")))
    office.at(on("09:01")).receives(*vpn(up("09:01"))).at(on("09:02")).receives(*vpn(down("09:02", "O-2")))
    office.at(on("09:08")).receives(*vpn(up("09:08", "O-2")))
    assert office.at(on("09:18")).firing() == {OUTAGE, FLAPPING}
    assert office.at(on("09:18:01")).firing() == set()
    quiet = "it was quiet for 10 min"
    assert (why_resolved(office, FLAPPING), why_resolved(office, OUTAGE)[-1]) == ([quiet], quiet)


def test_an_outage_of_which_only_the_end_is_known_raises_nothing() -> None:
    office = it_office().at(on("11:00")).receives(*vpn(up()))
    assert (office.signals(), office.state("service/vpn").down) == ([], False)


def test_alerts_in_a_flapping_service_are_not_said_again_by_each_outage() -> None:
    office = it_office(flapping_outages=2).at(on("09:00")).receives(*vpn(down("09:00"), up("09:01"), down("09:02")))
    office.receives(*vpn(up("09:03"), down("09:04")))
    fired = [s for s in office.signals(FLAPPING) if isinstance(s, ConditionFired)]
    assert len(fired) == 1

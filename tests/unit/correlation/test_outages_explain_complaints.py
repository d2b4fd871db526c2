"""Outages explain complaints: whichever is heard of first, the same complaints are explained in the end."""

import random
from typing import Any

import pytest

from processors.alerting import alerting
from processors.correlation import correlation
from processors.departments.front_office import department as front_office
from processors.departments.it import department as it
from processors.step import Emission
from schemas.envelope import Event
from schemas.facts import ComplaintNamedService, ServiceDown, ServiceUp
from schemas.front_office import ComplaintAssigned, ComplaintReceived, RepresentativeGaveUp
from schemas.it import OutageDetected, OutageResolved, OutageUpdated
from schemas.signals import LinkMade, LinkWithdrawn
from tests.office import Office, instant

RULE = "correlation.outage_explains_complaints"
SHUFFLES = 100


def at(clock: str) -> Any:
    return instant(f"2026-01-05T{clock}")


def down(since: str, revision: int = 1, outage: str = "OUT-1") -> Emission:
    return Emission("service/vpn", ServiceDown(outage=outage, since=at(since), revision=revision))


def up(since: str, until: str, revision: int = 2, outage: str = "OUT-1") -> Emission:
    return Emission("service/vpn", ServiceUp(outage=outage, since=at(since), until=at(until), revision=revision))


def complaint(name: str, received: str, **fields: Any) -> Emission:
    return Emission("service/vpn", ComplaintNamedService(complaint=name, received_at=at(received), **fields))


def links(office: Office) -> set[str]:
    """The subjects that are explained now; each link was made, or withdrawn, only when that was news."""
    explained: set[str] = set()
    for said in office.said(LinkMade, LinkWithdrawn):
        if isinstance(said, LinkMade):
            assert said.explained not in explained
            assert (said.explained_by.partition("/")[0], said.rule) == ("service", "it.outage")
            assert said.about.subject == said.explained
            explained.add(said.explained)
        elif isinstance(said, LinkWithdrawn):
            assert said.about.subject == said.explained
            explained.remove(said.explained)
    return explained


def correlating(*said: Emission, **settings: Any) -> Office:
    told = {"correlation": settings} if settings else None
    return Office(processors=[correlation], settings=told).at(at("12:00")).receives(*said)


@pytest.mark.parametrize(
    ("received", "explained"),
    [("08:59", False), ("09:00", True), ("10:00", True), ("10:30", True), ("10:31", False)],
)
def test_a_complaint_is_explained_from_the_outages_beginning_until_half_an_hour_after_its_end(
    received: str, explained: bool
) -> None:
    for said in (
        [up("09:00", "10:00"), complaint("C-1", received)],
        [complaint("C-1", received), up("09:00", "10:00")],
    ):
        assert links(correlating(*said)) == ({"complaint/C-1"} if explained else set())


def test_the_grace_is_a_setting() -> None:
    said = [up("09:00", "10:00"), complaint("C-1", "10:01")]
    assert links(correlating(*said, outage_grace_minutes=0)) == set()


def test_one_alert_counts_and_names_the_complaints_of_an_outage() -> None:
    office = correlating(down("09:00"), complaint("C-2", "09:10"), complaint("C-1", "09:20"), complaint("C-0", "08:00"))
    alert = office.one(RULE)
    assert alert.identity == {"outage": "OUT-1"}
    assert alert.annotations == {"count": "2", "complaints": "C-1, C-2"}
    assert alert.severity == "warning"


def test_the_alert_names_at_most_fifty_of_many() -> None:
    office = correlating(down("09:00"), *(complaint(f"C-{n:02}", "09:10") for n in range(60)))
    assert office.one(RULE).annotations["count"] == "60"
    assert office.one(RULE).annotations["complaints"].endswith("C-49 and 10 more")


def test_the_alert_ends_with_the_outage_and_the_links_stay() -> None:
    office = correlating(down("09:00"), complaint("C-1", "09:10"), up("09:00", "10:00"))
    assert office.firing() == set()
    assert links(office) == {"complaint/C-1"}


def test_an_outage_that_explains_nothing_is_not_mentioned() -> None:
    assert correlating(down("09:00"), complaint("C-1", "08:10")).signals() == []


def test_a_corrected_interval_withdraws_what_it_no_longer_covers() -> None:
    office = correlating(down("09:00"), complaint("C-1", "09:10"), complaint("C-2", "11:30"))
    assert links(office) == {"complaint/C-1", "complaint/C-2"}
    office.receives(down("09:30", revision=2))
    assert links(office) == {"complaint/C-2"}
    assert office.one(RULE).annotations["count"] == "1"
    office.receives(down("11:40", revision=3))
    assert (links(office), office.firing()) == (set(), set())


def test_an_older_revision_that_comes_late_changes_nothing() -> None:
    office = correlating(up("09:00", "10:00", revision=2), complaint("C-1", "11:00"), down("09:00", revision=1))
    assert (links(office), office.firing()) == (set(), set())


def test_a_complaint_that_names_another_service_after_all_is_no_longer_explained() -> None:
    office = correlating(down("09:00"), complaint("C-1", "09:10"))
    office.receives(complaint("C-1", "09:10", names=False, revision=2))
    assert (links(office), office.firing()) == (set(), set())


def test_a_complaint_within_two_outages_is_linked_once_until_neither_covers_it() -> None:
    office = correlating(down("09:00"), up("09:30", "10:00", outage="OUT-2"), complaint("C-1", "09:40"))
    assert links(office) == {"complaint/C-1"}
    office.receives(up("09:00", "09:05", revision=2))
    assert links(office) == {"complaint/C-1"}
    office.receives(up("09:00", "09:01", revision=3, outage="OUT-2"))
    assert links(office) == set()


def test_complaints_and_outages_are_forgotten_after_two_weeks() -> None:
    office = correlating(complaint("C-1", "09:10"), up("09:00", "10:00"))
    office.passes("2026-01-20")
    state = office.state("service/vpn")
    assert state is None or (dict(state.complaints), dict(state.outages)) == ({}, {})


# Whatever comes first.

FACTS = [
    down("09:00", 1),
    up("09:00", "11:00", 2),
    up("09:00", "10:00", 3),
    down("11:30", 1, "OUT-2"),
    down("11:20", 2, "OUT-2"),
    complaint("C-covered", "09:30"),
    complaint("C-grace", "10:30"),
    complaint("C-corrected-away", "11:10"),
    complaint("C-second", "11:25"),
    complaint("C-mistaken", "09:40"),
    complaint("C-mistaken", "09:40", names=False, revision=2),
    complaint("C-before", "08:00"),
]


@pytest.mark.parametrize("seed", range(SHUFFLES))
def test_facts_in_any_order_give_the_same_links_and_alerts(seed: int) -> None:
    said = list(FACTS)
    random.Random(seed).shuffle(said)
    office = correlating(*said)
    assert links(office) == {"complaint/C-covered", "complaint/C-grace", "complaint/C-second"}
    assert {rule_labels: c.annotations for rule_labels, c in office.conditions().items()} == {
        (RULE, "service/vpn", (("outage", "OUT-2"),)): {"count": "1", "complaints": "C-second"}
    }


def story(n: int, ended: bool) -> list[tuple[str, str, Event]]:
    """What two departments say of one service and four complaints, each with its own time."""
    service = f"svc-{n}"
    outage: list[tuple[str, Event]] = [
        ("09:05", OutageDetected(outage="OUT", since=at("09:00"))),
        ("10:00", OutageUpdated(outage="OUT", since=at("08:30"))),
    ]
    if ended:
        outage.append(("10:31", OutageResolved(outage="OUT", until=at("10:30"))))
        outage.append(("11:00", OutageUpdated(outage="OUT", until=at("10:00"))))
    said: list[tuple[str, str, Event]] = [(clock, f"service/{service}", event) for clock, event in outage]
    for name, received in (("early", "08:00"), ("first", "08:45"), ("grace", "10:20"), ("late", "10:45")):
        subject, named = f"complaint/{n}-{name}", service if name != "first" else None
        told = ComplaintReceived(customer="CU-1", received_at=at(received), service=named)
        said.append((received, subject, told))
        said.append(("11:10", subject, RepresentativeGaveUp(representative="R-1")))
    said.append(("11:20", f"complaint/{n}-first", ComplaintAssigned(representative="R-1", service=service)))
    return said


@pytest.mark.parametrize("ended", [False, True])
def test_departments_in_any_order_give_the_same_links_and_suppressed_alerts(ended: bool) -> None:
    """One office, a hundred services with the same story, each told in another order."""
    office = Office(processors=[it, front_office, correlation, alerting]).at(at("12:00"))
    for n in range(SHUFFLES):
        said = story(n, ended)
        random.Random(n).shuffle(said)
        for clock, subject, event in said:
            office.receives((subject, event), time=at(clock))
    explained = ("first", "grace") if ended else ("first", "grace", "late")
    assert links(office) == {f"complaint/{n}-{name}" for n in range(SHUFFLES) for name in explained}
    suppressed = {a.subject for a in office.alerts().values() if a.suppressed and a.rule == "front_office.escalated"}
    assert suppressed == (set() if ended else links(office))
    assert office.dead_letters == []

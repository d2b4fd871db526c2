"""Passing on: whatever is declared in whatever order, each service knows of those that need it, as far as it goes."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.correlation.service import Service
from processors.step import Emission
from tests.office import Office
from tests.unit.correlation.telling import change, correlating, down, needs, remembered

SERVICES = "abcde"
DEPTH = 3

Graph = dict[str, tuple[str, ...]]

declarations = st.lists(
    st.tuples(st.sampled_from(SERVICES), st.lists(st.sampled_from(SERVICES), max_size=3, unique=True)), max_size=12
)


def reached(graph: Graph, origin: str) -> dict[str, int]:
    """The services that `origin` needs, at most so many steps away, and how far each is."""
    found, edge = {origin: 0}, [origin]
    for distance in range(1, DEPTH + 1):
        edge = [d for service in edge for d in graph.get(service, ()) if d not in found]
        found |= dict.fromkeys(edge, distance)
    return {service: distance for service, distance in found.items() if distance}


def known(office: Office) -> dict[tuple[str, str, str], int]:
    """Service, what it knows of, of which service, and how far that is."""
    found = {}
    for name in SERVICES:
        service = remembered(office, f"service/{name}")
        assert service is None or isinstance(service, Service)
        for entry, passed in (service.passed if service else {}).items():
            what, origin, _ = json.loads(entry)
            if passed.latest.happening.holds:
                found[name, what, origin] = passed.latest.distance
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(declarations, st.randoms(use_true_random=False), st.integers(1, 4))
def test_every_service_knows_of_those_that_need_it_and_how_far_they_are(
    declared: list[tuple[str, list[str]]], rng: object, partitions: int
) -> None:
    said: list[Emission] = [change(f"CHG-{name}", name, "20:00", "22:00") for name in SERVICES]
    said += [down(name, "09:00", outage=f"OUT-{name}") for name in SERVICES]
    revisions: dict[str, int] = {}
    graph: Graph = {}
    for name, dependencies in declared:
        revisions[name] = revisions.get(name, 0) + 1
        graph[name] = tuple(d for d in dependencies if d != name)
        said.append(needs(name, *dependencies, revision=revisions[name]))
    rng.shuffle(said)  # type: ignore[attr-defined]
    office = correlating(*said, partitions=partitions, dependency_depth=DEPTH)
    assert known(office) == {
        (service, what, origin): distance
        for what in ("change", "outage")
        for origin in SERVICES
        for service, distance in reached(graph, origin).items()
    }
    assert office.dead_letters == []


def test_what_moves_out_of_reach_is_taken_back() -> None:
    """From e to a directly, and over b and c; without the direct way, d behind a is four steps away."""
    office = correlating(
        needs("e", "a", "b"),
        needs("b", "c"),
        needs("c", "a"),
        needs("a", "d"),
        down("e", "09:00"),
        dependency_depth=DEPTH,
    )
    assert known(office)["d", "outage", "e"] == 2
    assert ("d", "outage", "e") not in known(office.receives(needs("e", "b", revision=2)))
    assert known(office)["a", "outage", "e"] == 3

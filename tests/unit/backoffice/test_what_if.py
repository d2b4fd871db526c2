"""What if: two worlds compared, over time, in words, as JSON and as a picture."""

import itertools
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.what_if.difference import SAME, Difference, Episodes, Moved, Window, compare
from backoffice.what_if.episodes import Episode, Identity, Signal, episodes, signal_in
from backoffice.what_if.plot import svg
from backoffice.what_if.shown import summed
from backoffice.what_if.timeline import MOST, timeline
from backoffice.what_if.told import as_json, by_rule, how, in_a_line
from schemas.codec import encode
from schemas.envelope import About
from schemas.signals import ConditionFired, ConditionResolved, fingerprint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALWAYS = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
WINDOW = Window(NOON, NOON + timedelta(hours=10))
LATE = Identity("accounting.invoice_overdue", "vendor/acme", (("invoice", "R-1"),))
DOWN = Identity("it.outage", "service/vpn")

Hours = float | None
Told = tuple[Hours, Hours] | tuple[Hours, Hours, str]


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def held(*times: Told, identity: Identity = LATE) -> list[Episode]:
    """Episodes of an alert: from and until so many hours after noon (None: it goes on), a warning unless said so."""
    return [
        Episode(identity, at(t[0] or 0), None if t[1] is None else at(t[1]), t[2] if len(t) > 2 else "warning")
        for t in times
    ]


def world(*found: Sequence[Episode]) -> Episodes:
    return {each[0].identity: each for each in found if each}


def test_signals_are_told_as_episodes() -> None:
    said = [
        Signal(LATE, at(1), "warning", "R-1 is late"),
        Signal(DOWN, at(1), "critical"),
        Signal(LATE, at(1), "error", "R-1 is very late"),
        Signal(LATE, at(3), "info"),
        Signal(LATE, at(5), None),
        Signal(LATE, at(6), None),
        Signal(LATE, at(7), "info", "again"),
    ]
    assert episodes(said) == {
        LATE: [
            Episode(LATE, at(1), at(5), "error", "R-1 is late"),
            Episode(LATE, at(7), None, "info", "again"),
        ],
        DOWN: [Episode(DOWN, at(1), None, "critical")],
    }


def test_a_condition_that_ends_without_having_begun_is_none() -> None:
    assert episodes([Signal(LATE, at(1), None)]) == {}


def test_a_signal_is_read_from_what_alerting_is_told_and_nothing_else_is() -> None:
    about = About("0-1-1", "/backoffice/processors/accounting", "vendor/acme", NOON)
    fired = ConditionFired(
        rule=LATE.rule, identity={"invoice": "R-1"}, severity="error", summary="late", starts_at=at(1)
    )
    ended = ConditionResolved(rule=LATE.rule, identity={"invoice": "R-1"}, because="paid", ends_at=at(2))
    assert signal_in(encode(fired, about)) == Signal(LATE, at(1), "error", "late")
    assert signal_in(encode(ended, about)) == Signal(LATE, at(2), None)
    assert signal_in(encode(fired, about).replace(b'"error"', b'"bad"')) is None
    for other in (None, b"", b"{", b'{"type": "alerting.condition.fired"'):
        assert signal_in(other) is None
    assert LATE.fingerprint == fingerprint(LATE.rule, "vendor/acme", {"invoice": "R-1"})


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], "0 added, 0 removed, 0 moved"),
        ([(1, 2)], [(1, 2)], "0 added, 0 removed, 0 moved"),
        ([], [(1, 2)], "1 added, 0 removed, 0 moved"),
        ([(1, 2)], [], "0 added, 1 removed, 0 moved"),
        ([(1, 2)], [(3, 4)], "0 added, 0 removed, 1 moved"),
        ([(1, 2)], [(1, 3)], "0 added, 0 removed, 1 moved"),
        ([(1, 2)], [(1, None)], "0 added, 0 removed, 1 moved"),
        ([(1, 2)], [(1, 2, "error")], "0 added, 0 removed, 1 moved"),
        ([(1, 2), (5, 6)], [(5, 6)], "0 added, 1 removed, 0 moved"),
        ([(1, 2), (5, 6)], [(1, 2)], "0 added, 1 removed, 0 moved"),
        ([(1, 2), (5, 6)], [(3, 4), (5, 6), (7, 8)], "1 added, 0 removed, 1 moved"),
        ([(1, 2), (3, 4)], [(1.5, 2), (3.5, 4)], "0 added, 0 removed, 2 moved"),
        # of the window, noon until ten:
        ([], [(-2, -1)], "0 added, 0 removed, 0 moved"),
        ([], [(-2, 0)], "1 added, 0 removed, 0 moved"),
        ([], [(-2, 10)], "0 added, 0 removed, 0 moved"),
        ([], [(10, 11)], "0 added, 0 removed, 0 moved"),
        ([], [(9.99, 11)], "1 added, 0 removed, 0 moved"),
        ([(1, 2)], [(-1, 2)], "0 added, 0 removed, 1 moved"),
        ([(-1, None)], [(-2, None)], "0 added, 0 removed, 0 moved"),
        ([(-1, 2)], [(-2, 2)], "0 added, 0 removed, 0 moved"),
        ([(-1, 12)], [(-1, 9)], "0 added, 0 removed, 1 moved"),
        ([(-1, None, "error")], [(-1, None)], "0 added, 0 removed, 0 moved"),
    ],
)
def test_what_one_world_has_and_the_other_has_not(before: list[Told], after: list[Told], found: str) -> None:
    assert summed(compare(world(held(*before)), world(held(*after)), WINDOW)) == found


@pytest.mark.parametrize(("apart", "moved"), [(SAME, 0), (SAME + timedelta(microseconds=1), 1)])
def test_a_second_apart_is_the_same_time(apart: timedelta, moved: int) -> None:
    (before,) = held((1, None))
    after = Episode(LATE, before.starts + apart, None, before.severity)
    assert len(compare(world([before]), world([after]), WINDOW).moved) == moved


def test_alerts_of_other_subjects_and_labels_are_others() -> None:
    elsewhere = Identity(LATE.rule, LATE.subject, (("invoice", "R-2"),))
    difference = compare(world(held((1, 2))), world(held((1, 2), identity=elsewhere)), WINDOW)
    assert summed(difference) == "1 added, 1 removed, 0 moved"
    assert by_rule(difference) == {LATE.rule: {"before": 1, "after": 1, "added": 1, "removed": 1, "moved": 0}}


SEVERITIES = st.sampled_from(["info", "critical"])


@st.composite
def worlds(draw: st.DrawFn) -> Episodes:
    """Some episodes of two alerts, one after another."""
    found = []
    for identity in (LATE, DOWN):
        times = sorted(draw(st.lists(st.integers(-4, 14), max_size=8, unique=True)))
        pairs = list(zip(times[::2], [*times[1::2], None][: len(times[::2])], strict=True))
        found.append(held(*((begin, end, draw(SEVERITIES)) for begin, end in pairs), identity=identity))
    return world(*found)


@given(worlds())
def test_a_world_does_not_differ_from_itself(one: Episodes) -> None:
    assert not compare(one, one, WINDOW)


@given(worlds(), worlds())
def test_the_worlds_swapped_swap_added_and_removed(one: Episodes, other: Episodes) -> None:
    there, back = compare(one, other, WINDOW), compare(other, one, WINDOW)
    assert there.added == back.removed
    assert there.removed == back.added
    assert {*there.moved} == {Moved(moved.after, moved.before) for moved in back.moved}
    assert (there.before, there.after) == (back.after, back.before)


@given(worlds(), worlds())
def test_every_episode_is_accounted_for_once(one: Episodes, other: Episodes) -> None:
    difference = compare(one, other, ALWAYS)
    ours, theirs = sum(map(len, one.values())), sum(map(len, other.values()))
    same = ours - len(difference.removed) - len(difference.moved)
    assert same >= 0
    assert theirs == same + len(difference.moved) + len(difference.added)
    assert (difference.before.total(), difference.after.total()) == (ours, theirs)


def test_how_an_alert_moved_is_said() -> None:
    ((before,), (after,), (longer,)) = held((1, 2)), held((49.5, None, "error")), held((1, 2.5))
    assert Moved(before, after).what == ("starts", "ends", "severity")
    assert how(Moved(before, after)) == "begins 2 d 0 h later, ends not at all, error instead of warning"
    assert how(Moved(after, before)) == (
        "begins 2 d 0 h earlier, ends at 2026-03-02 14:00:00, warning instead of error"
    )
    assert how(Moved(before, longer)) == "ends 30 min later"
    assert in_a_line(before) == (
        "accounting.invoice_overdue of vendor/acme (invoice R-1): warning, "
        "from 2026-03-02 13:00:00 until 2026-03-02 14:00:00"
    )


def a_difference() -> Difference:
    before = world(held((1, 2), (3, 4)), held((1, 2, "error"), identity=DOWN))
    return compare(before, world(held((1, 2), (8, 9), (9.5, None))), WINDOW)


def test_json_has_everything() -> None:
    told = json.loads(json.dumps(as_json(a_difference())))
    assert told["rules"] == {
        "accounting.invoice_overdue": {"before": 2, "after": 3, "added": 1, "removed": 0, "moved": 1},
        "it.outage": {"before": 1, "after": 0, "added": 0, "removed": 1, "moved": 0},
    }
    (added,), (removed,), (moved,) = told["added"], told["removed"], told["moved"]
    assert (added["fingerprint"], added["starts_at"], added["ends_at"]) == (
        LATE.fingerprint,
        "2026-03-02T21:30:00Z",
        None,
    )
    assert (removed["rule"], removed["identity"], removed["severity"]) == ("it.outage", {}, "error")
    assert (moved["identity"], moved["what"]) == ({"invoice": "R-1"}, ["starts", "ends"])
    assert moved["before"] == {
        "severity": "warning",
        "starts_at": "2026-03-02T15:00:00Z",
        "ends_at": "2026-03-02T16:00:00Z",
    }


def test_the_timeline_goes_from_the_first_difference_to_the_last() -> None:
    length, stretches = timeline(a_difference())
    assert length == timedelta(minutes=15)
    assert (stretches[0].begin, stretches[-1].begin) == (at(1), at(9.5))
    assert [(s.begin, s.added, s.removed, s.moved) for s in stretches if s.added + s.removed + s.moved] == [
        (at(1), 0, 1, 0),
        (at(8), 0, 0, 1),
        (at(9.5), 1, 0, 0),
    ]


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_the_timeline_fits_a_screen_and_loses_nothing(seconds: list[int]) -> None:
    difference = Difference(ALWAYS)
    difference.added.extend(Episode(LATE, NOON + timedelta(seconds=s), None, "info") for s in seconds)
    length, stretches = timeline(difference)
    assert len(stretches) <= MOST
    assert sum(s.added for s in stretches) == len(seconds)
    assert all(b.begin - a.begin == length for a, b in itertools.pairwise(stretches))


def test_nothing_has_no_timeline_and_a_picture_that_says_so() -> None:
    length, stretches = timeline(Difference(WINDOW))
    assert not stretches
    assert "no difference" in svg(stretches, length, "nothing")


def test_the_picture_shows_each_stretch() -> None:
    length, stretches = timeline(a_difference())
    picture = ElementTree.fromstring(svg(stretches, length, "R&D <what if>"))
    names = {"svg": "http://www.w3.org/2000/svg"}
    bars = [bar for group in picture.findall("svg:g", names) for bar in group.findall("svg:rect", names)]
    assert picture.findtext("svg:title", namespaces=names) == "R&D <what if>"
    assert len(picture.findall("svg:g", names)) == len(stretches)
    assert sorted(bar.attrib["fill"] for bar in bars) == ["#2b6cb0", "#b7791f", "#c53030"]
    heights = {float(bar.attrib["height"]) for bar in bars}
    assert len(heights) == 1, "one alert each"

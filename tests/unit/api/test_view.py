"""What stands on the topic of alerts, held in memory: the last word on each key, found by its labels."""

import threading
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.api.standing import Standing
from consumers.api.view import Told, View
from processors.matchers import parse
from schemas.envelope import About, Event
from tests.office import START
from tests.unit.api.served import a_group, a_silence, an_alert

ANY = 1_000


def standing(*events: Event, most: int = ANY) -> Standing:
    found = Standing(most)
    for event in events:
        found.apply(b"key", event, START)
    return found


def matching(found: Standing, *matchers: str) -> set[str]:
    return {held.event.fingerprint for held in found.matching([parse(text) for text in matchers])}


def test_the_last_word_counts() -> None:
    found = standing(an_alert(labels={"site": "a"}), an_alert(labels={"site": "b"}))
    assert matching(found, "site=a") == set()
    assert matching(found, "site=b") == {"a" * 16}


def test_what_is_resolved_is_held_and_not_found_by_labels() -> None:
    found = standing(an_alert(), an_alert(status="resolved"))
    assert not matching(found)
    assert found.alerts["a" * 16].event.status == "resolved"


def test_a_tombstone_ends_what_its_key_names() -> None:
    found = standing(an_alert(), a_group(), a_silence())
    for key in ("alert/" + "a" * 16, "group/" + "b" * 16, "silence/f2f3a5b4-6a8e-4b0e-9d0a-0c3e5b9d7a11"):
        found.apply(key.encode(), None, START)
    assert (found.alerts, found.groups, found.silences) == ({}, {}, {})
    found.apply(b"alert/unknown", None, START)
    found.apply(None, None, START)


def test_a_group_knows_its_firing_alerts() -> None:
    found = standing(
        an_alert("1" * 16, groups=["b" * 16]), an_alert("0" * 16, groups=["b" * 16, "c" * 16]), an_alert("2" * 16)
    )
    assert [held.event.fingerprint for held in found.in_group("b" * 16)] == ["0" * 16, "1" * 16]
    found.apply(b"", an_alert("0" * 16, groups=["c" * 16]), START)
    assert [held.event.fingerprint for held in found.in_group("b" * 16)] == ["1" * 16]


def test_no_more_are_held_than_wanted_and_the_firing_stay() -> None:
    alerts = [an_alert(f"{n:016x}", status="resolved" if n % 2 else "firing") for n in range(10)]
    assert set(standing(*alerts, most=6).alerts) == {f"{n:016x}" for n in (0, 2, 4, 6, 8, 9)}
    assert set(standing(*alerts, most=1).alerts) == {f"{n:016x}" for n in (0, 2, 4, 6, 8)}


LABELS = st.dictionaries(st.sampled_from(["site", "team", "severity"]), st.sampled_from(["a", "b", "c"]))
ALERTS = st.lists(st.tuples(st.integers(0, 5), LABELS, st.sampled_from(["firing", "resolved"])), max_size=30)
MATCHERS = st.lists(
    st.tuples(
        st.sampled_from(["site", "team"]), st.sampled_from(["=", "!=", "=~", "!~"]), st.sampled_from(["", "a", "b|c"])
    ),
    max_size=3,
)


@given(ALERTS, MATCHERS)
@settings(max_examples=100)
def test_the_index_finds_what_looking_at_each_would(
    said: list[tuple[int, dict[str, str], Any]], asked: list[tuple[str, str, str]]
) -> None:
    matchers = [f'{name}{operator}"{value}"' for name, operator, value in asked]
    found, last = Standing(ANY), dict[str, tuple[dict[str, str], str]]()
    for n, labels, status in said:
        found.apply(b"", an_alert(f"{n:016x}", labels=labels, status=status), START)
        last[f"{n:016x}"] = labels, status
    assert matching(found, *matchers) == {
        fingerprint
        for fingerprint, (labels, status) in last.items()
        if status == "firing" and all(parse(text).matches(labels) for text in matchers)
    }


def told(event: Event, caused_by: int, source: str = "/backoffice/processors/alerting") -> Told:
    about = About(f"0-{caused_by}-0", source, "alert/x", START)
    return Told(b"alert/x", event.with_about(about), START + timedelta(seconds=caused_by))


def test_it_is_not_ready_before_the_topic_is_read_to_its_end() -> None:
    view = View(ANY)
    assert view.not_ready
    assert not view.is_read
    assert view.begins([[told(an_alert(), 3)], []]) == 1
    assert view.not_ready is None
    view.stopped("the broker is away")
    assert view.not_ready == "the broker is away"
    assert view.is_read


def test_reading_anew_forgets_what_is_not_there_any_more() -> None:
    view = View(ANY)
    view.begins([[told(an_alert("1" * 16), 1)]])
    view.begins([[told(an_alert("2" * 16), 2)]])
    with view.reading() as standing:
        assert set(standing.alerts) == {"2" * 16}


def test_an_effect_is_seen_with_the_first_record_that_its_cause_or_a_later_one_has() -> None:
    view = View(ANY)
    view.begins([[told(an_alert(), 7)]])
    assert view.wait_for_effect(7, 0)
    assert not view.wait_for_effect(8, 0)
    view.follows([told(an_alert(), 9, source="somebody else")])
    assert not view.wait_for_effect(8, 0)
    view.follows([told(an_alert(), 9)])
    assert view.wait_for_effect(8, 0)


def test_who_waits_is_woken() -> None:
    view = View(ANY)
    view.begins([])
    seen: list[bool] = []
    waiting = threading.Thread(target=lambda: seen.append(view.wait_for_effect(5, 30)))
    waiting.start()
    view.follows([told(an_alert(), 5)])
    waiting.join(30)
    assert seen == [True]

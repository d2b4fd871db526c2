"""The story of an alert on the console: the one that `backoffice story` tells, from what is held in memory."""

from collections.abc import Iterable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.console.silencing import in_words
from consumers.console.stories import MOST_OF_ONE, TYPES, Stories
from consumers.log import BEGINNING, Record
from consumers.moments import words
from consumers.seen import Reader
from consumers.story import TOPICS, story
from consumers.telling import Moment
from schemas.alerts import SilenceMatcher
from schemas.commands import AlertAcknowledge, AlertNote, AlertsPosted
from schemas.signals import ConditionResolved, labels_fingerprint
from schemas.topics import Space
from tests.office import START
from tests.unit.api.served import Served, an_alert
from tests.unit.console.test_actions import alert, id_of, outage

SPACE = Space("story")
READER = Reader(SPACE, {each.type: each for each in TYPES})
DISK = {"alertname": "DiskFull", "node": "a"}


def records(served: Served) -> list[Record]:
    """What stands on the topics, one topic after the other."""
    return [
        Record(SPACE.topic(topic), 0, offset, output.at, output.key, output.value, output.headers)
        for topic in TOPICS
        for offset, output in enumerate(served.office.records[topic])
    ]


def stories_of(served: Served) -> Stories:
    """Everything that alerting was told and has told, as a reader of the topics sees it."""
    stories = Stories("", SPACE, BEGINNING)
    stories.take(records(served))
    return stories


def told(served: Served, service: str = "vpn") -> list[str]:
    return [words(moment) for moment in stories_of(served).of(alert(served, service))]


def posts(served: Served, *nodes: str) -> Served:
    said = [{"labels": {**DISK, "node": node}, "starts_at": START, "ends_at": "2099-01-01T00:00:00Z"} for node in nodes]
    return served.receives(("sender/prometheus", AlertsPosted.model_validate({"alerts": said})))


def lines(moments: Iterable[Moment]) -> list[tuple[object, ...]]:
    """What people see of a story."""
    return [(m.at, words(m), m.seen.topic, m.seen.record.partition, m.seen.record.offset) for m in moments]


def day() -> Served:
    """An outage is heard of, taken, and over; another one lasts."""
    served = Served().receives(outage("vpn"), outage("mail")).later(minutes=1)
    served.receives((f"alert/{id_of('vpn')}", AlertAcknowledge(by="dana", note="calling the vendor"))).later(minutes=1)
    over = ConditionResolved(rule="it.outage", because="it answers again", ends_at=served.office.now)
    return served.receives(("service/vpn", over)).later(hours=1)


def test_it_has_the_signal_who_was_told_and_what_was_decided_in_order() -> None:
    said = told(day())
    assert said[0] == "the rule says critical: vpn is down"
    taken = said.index("dana takes it: calling the vendor")
    ended = said.index("the rule says that it is over: it answers again")
    assert 0 < said.index("it-clerk is to be told: first notification") < taken < ended
    assert "it-clerk is to be told: all alerts resolved" in said[ended:]


def test_it_is_the_story_that_the_command_line_tells() -> None:
    served = posts(day(), "a", "b").later(minutes=5)
    with served.view.reading() as standing:
        alerts = [held.event for held in standing.alerts.values()]
    stories = stories_of(served)
    assert len(alerts) == 4
    for each in alerts:
        assert lines(stories.of(each)) == lines(story(each.fingerprint, lambda: records(served), READER)) != []


@given(st.randoms(use_true_random=False), st.integers(1, 7))
@settings(max_examples=25, deadline=None)
def test_it_is_the_same_however_the_topics_come(random: Random, batches: int) -> None:
    served = day()
    by_topic = [[r for r in records(served) if SPACE.short(r.topic) == topic] for topic in TOPICS]
    mixed: list[Record] = []
    while any(by_topic):
        mixed.append(random.choice([waiting for waiting in by_topic if waiting]).pop(0))
    stories = Stories("", SPACE, BEGINNING)
    for n in range(0, len(mixed), batches):
        stories.take(mixed[n : n + batches])
    assert stories.of(alert(served)) == stories_of(served).of(alert(served))


def test_it_is_told_anew_only_when_something_was_added() -> None:
    served = day()
    stories = stories_of(served)
    once = stories.of(alert(served))
    assert stories.of(alert(served)) is once
    known = records(served)
    served.receives((f"alert/{id_of('vpn')}", AlertNote(by="kim", note="a new cable")))
    stories.take(record for record in records(served) if record not in known)
    assert "kim writes: a new cable" in [words(moment) for moment in stories.of(alert(served))]


def test_an_alert_that_nothing_is_known_of_has_no_story() -> None:
    assert stories_of(day()).of(an_alert("f" * 16, subject="service/web")) == ()


def test_what_is_remembered_of_one_is_bounded() -> None:
    served = Served().receives(outage("vpn"))
    for n in range(MOST_OF_ONE + 20):
        served.receives((f"alert/{id_of('vpn')}", AlertNote(by="dana", note=f"note {n}")))
    said = told(served)
    assert len(said) <= MOST_OF_ONE
    assert f"dana writes: note {MOST_OF_ONE + 19}" in said
    assert "dana writes: note 0" not in said


def test_a_sender_that_repeats_itself_does_not_push_the_rest_out() -> None:
    served = posts(Served(), "a")
    fingerprint = labels_fingerprint(DISK)
    served.receives((f"alert/{fingerprint}", AlertAcknowledge(by="dana")))
    for _ in range(MOST_OF_ONE + 20):
        posts(served.later(seconds=20), "a")
    with served.view.reading() as standing:
        standing_now = standing.alerts[fingerprint].event
    said = [words(moment) for moment in stories_of(served).of(standing_now)]
    assert said[0] == "sender/prometheus raises it, or says that it is over"
    assert said.count(said[0]) == 1
    assert "dana takes it" in said


def test_what_cannot_be_read_is_passed_over() -> None:
    stories = Stories("", SPACE, BEGINNING)
    stories.take([Record(SPACE.topic("alerting"), 0, n, START, b"k", value) for n, value in enumerate([b"{", None])])
    assert stories.of(an_alert()) == ()


def test_a_silences_conditions_in_words() -> None:
    odd = SilenceMatcher(name="a", value="b|c", is_regex=True, is_equal=False)
    assert in_words([odd, SilenceMatcher(name="a", value='"')]) == 'a!~"b|c", a="\\""'

"""The story of an alert: what the log says of it, in order, with where it stands."""

from datetime import timedelta
from typing import Any

from consumers.console.stories import MOST_OF_ONE, Stories
from consumers.console.telling import matcher_in_words, told_of
from consumers.log import BEGINNING, Record
from schemas.alerts import SilenceMatcher
from schemas.commands import AlertAcknowledge, AlertAssign, AlertMerge, AlertNote, AlertResolve, AlertsPosted
from schemas.envelope import About, Event
from schemas.notices import NoticeFailed
from schemas.signals import ConditionResolved, labels_fingerprint
from schemas.topics import Space
from tests.office import START
from tests.unit.api.served import Served
from tests.unit.console.test_actions import id_of, outage

SPACE = Space("story")


def stories_of(served: Served) -> Stories:
    """Everything that alerting was told and has told, as a reader of the topics sees it."""
    stories = Stories("", SPACE, BEGINNING)
    stories.take(
        Record(SPACE.topic(topic), 0, offset, output.at, output.key, output.value, output.headers)
        for topic in ("alerting", "notices")
        for offset, output in enumerate(served.office.records[topic])
    )
    return stories


def said(subject: str, event: Event) -> list[tuple[str, ...]]:
    return [tuple(told) for told in told_of(event.with_about(About("1", "/tests", subject, START)))]


def test_a_story_has_the_signal_who_was_told_and_what_was_decided_in_order() -> None:
    alert = f"alert/{id_of('vpn')}"
    served = Served().receives(outage("vpn")).later(minutes=1)
    served.receives((alert, AlertAcknowledge(by="dana", note="calling the vendor"))).later(minutes=1)
    served.receives(
        ("service/vpn", ConditionResolved(rule="it.outage", because="it answers again", ends_at=served.office.now))
    )
    told = stories_of(served).of(id_of("vpn"))
    words = [(entry.who, entry.what, entry.note) for entry in told]
    assert words[0] == ("", "it.outage says critical", "vpn is down")
    taken = words.index(("dana", "acknowledged", "calling the vendor"))
    ended = words.index(("", "it.outage says it has ended", "it answers again"))
    assert 0 < taken < ended
    assert ("", "told it-clerk", "first notification") in words[:taken]
    assert ("", "told it-clerk", "all alerts resolved") in words[ended:]
    assert {entry.topic for entry in told} == {"alerting", "notices"}
    assert [entry.at for entry in told] == sorted(entry.at for entry in told)


def test_a_story_is_of_one_alert() -> None:
    stories = stories_of(Served().receives(outage("vpn"), outage("mail")))
    assert [e.note for e in stories.of(id_of("vpn")) if e.topic == "alerting"] == ["vpn is down"]
    assert not stories.of("f" * 16)


def test_a_story_has_what_happened_to_its_group_since_the_alert_began() -> None:
    failed: dict[str, Any] = {"notice": "0-1-2", "group": "a" * 16, "channel": "webhook", "attempts": 5, "error": "404"}
    served = Served().receives(("receiver/books", NoticeFailed(**failed)))
    stories = stories_of(served)
    (entry,) = stories.of("f" * 16, ["a" * 16])
    assert (entry.what, entry.note) == ("books could not be told", "404")
    assert stories.of("f" * 16, ["a" * 16], since=entry.at)
    assert not stories.of("f" * 16, ["a" * 16], since=entry.at + timedelta(seconds=1))


def test_what_is_remembered_of_one_is_bounded() -> None:
    alert = f"alert/{id_of('vpn')}"
    served = Served().receives(outage("vpn"))
    for n in range(MOST_OF_ONE + 20):
        served.receives((alert, AlertNote(by="dana", note=str(n))))
    told = stories_of(served).of(id_of("vpn"))
    assert len(told) == MOST_OF_ONE
    assert str(MOST_OF_ONE + 19) in {entry.note for entry in told}
    assert "0" not in {entry.note for entry in told}


def test_what_cannot_be_read_is_passed_over() -> None:
    stories = Stories("", SPACE, BEGINNING)
    stories.take([Record(SPACE.topic("alerting"), 0, n, START, b"k", value) for n, value in enumerate([b"{", None])])
    assert not stories.of("f" * 16)


def test_decisions_in_words() -> None:
    alert = "alert/" + "a" * 16
    assert said(alert, AlertAcknowledge(by="dana", until=START)) == [
        (alert, "acknowledged until 2026-01-05 08:00 UTC", "dana", "")
    ]
    assert said(alert, AlertAssign(by="dana", to=()))[0][1] == "assigned to nobody"
    assert said(alert, AlertAssign(by="dana", to=("kim", "eve")))[0][1] == "assigned to kim, eve"
    assert said(alert, AlertResolve(by="dana"))[0][1] == "resolved by hand"
    assert said(alert, AlertMerge(by="dana", into="b" * 16))[0][1] == f"merged into {'b' * 16}"
    assert said(alert, AlertMerge(by="dana", into=None))[0][1] == "dealt with by itself again"


def test_a_posted_alert_is_in_the_story_of_each_that_it_names() -> None:
    labels = [{"alertname": "DiskFull", "node": node} for node in "ab"]
    posted = AlertsPosted.model_validate(
        {"alerts": [{"labels": one, "starts_at": START, "ends_at": START} for one in labels]}
    )
    assert [told[0] for told in said("sender/prometheus", posted)] == [
        f"alert/{labels_fingerprint(one)}" for one in labels
    ]


def test_a_silences_condition_in_words() -> None:
    assert matcher_in_words(SilenceMatcher(name="a", value="b|c", is_regex=True, is_equal=False)) == 'a!~"b|c"'
    assert matcher_in_words(SilenceMatcher(name="a", value="b")) == 'a="b"'

"""An alert's story, read from the topics of an office: whole, in order, and nothing of others."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from backoffice.registry import event_types
from consumers.log import Record
from consumers.moments import words
from consumers.origins import evidence
from consumers.seen import Reader
from consumers.story import TOPICS, story
from consumers.telling import Moment
from processors.alerting import alerting, notices
from processors.departments.accounting import department as accounting
from schemas.accounting import InvoiceReceived
from schemas.alerts import Alert
from schemas.commands import AlertAcknowledge, AlertMerge, AlertSnooze, AlertsPosted, AlertUnacknowledge, PostedAlert
from schemas.notices import NoticeDelivered, NoticeFailed
from schemas.signals import labels_fingerprint
from schemas.topics import Space
from tests.office import START, Office
from tests.unit.alerting.saying import OUTAGE, Said, acknowledges, ends, fires, grouping, links, of, office

SPACE = Space("test", replay=True)
VPN = of(*OUTAGE)


def records(told: Office, compacted: bool = False) -> list[Record]:
    """What stands on the topics. `compacted`: of `alerts` only the last state of each key."""
    states = list(_records(told, "alerts"))
    last = {record.key: record for record in states}
    others = [record for topic in TOPICS if topic != "alerts" for record in _records(told, topic)]
    return [*(list(last.values()) if compacted else states), *others]


def _records(told: Office, topic: str) -> Iterator[Record]:
    for offset, said in enumerate(told.records[topic]):
        yield Record(SPACE.topic(topic), 0, offset, said.at, said.key, said.value, said.headers)


def read(told: Office, alert: str | None = None, compacted: bool = False) -> tuple[Moment, ...]:
    stood = records(told, compacted)
    return story(alert or of(), lambda: stood, Reader(SPACE, event_types()))


def lines(moments: Iterable[Moment]) -> list[str]:
    return [f"{moment.at - START} {words(moment)}" for moment in moments]


def outcome(told: Office, receiver: str, error: str = "") -> Said:
    """What the notifier says of the last notice to a receiver."""
    notice = [n for n in told.notices() if n.receiver == receiver][-1]
    about: dict[str, Any] = {
        "notice": notice.about.id,
        "group": notice.group,
        "escalation_step": notice.escalation_step,
    }
    if error:
        return f"receiver/{receiver}", NoticeFailed(**about, channel="webhook", attempts=5, error=error)
    return f"receiver/{receiver}", NoticeDelivered(**about, channel="webhook", attempts=1)


def climbed() -> Office:
    """An alert that climbs, is taken, and ends; another one does so beside it."""
    told = office().receives(fires())
    told.receives(outcome(told, "clerk")).passes(START + timedelta(minutes=16))
    told.receives(outcome(told, "manager", "webhook: HTTP 404 (final)"), fires(*OUTAGE))
    told.receives(acknowledges(note="calling them"))
    return told.passes(START + timedelta(minutes=20)).receives(ends())


def test_it_tells_all_that_happened_in_the_order_in_which_it_did() -> None:
    assert lines(read(climbed())) == [
        "0:00:00 the rule says error: Invoice INV-7 of acme came twice",
        "0:00:00 the alert is firing, P2",
        "0:00:00 the group told by clerk climbs at 2026-01-05 08:15:00 UTC",
        "0:00:00 clerk is to be told: first notification",
        "0:00:00 clerk was reached by webhook",
        "0:15:00 the alert is at step 1",
        "0:15:00 the group told by clerk is at step 1 of up, climbs at 2026-01-05 08:45:00 UTC",
        "0:15:00 manager is to be told: escalated: not acknowledged in time, step 1",
        "0:16:00 manager could not be reached in 5 tries: webhook: HTTP 404 (final)",
        "0:16:00 the alert is at step 2",
        "0:16:00 the group told by clerk does not reach manager, is at step 2 of up, climbs no further",
        "0:16:00 executive is to be told: escalated: delivery failed, step 2",
        "0:16:00 dana takes it: calling them",
        "0:16:00 the alert is taken by dana",
        "0:20:00 the rule says that it is over: the invoice was rejected",
        "0:20:00 the alert is resolved",
        "0:20:00 clerk is to be told: all alerts resolved",
        "0:20:00 manager is to be told: all alerts resolved",
        "0:20:00 executive is to be told: all alerts resolved",
    ]


def test_what_was_compacted_away_leaves_who_did_what_and_who_was_told() -> None:
    whole, rest = read(climbed()), read(climbed(), compacted=True)
    lasting = [moment.seen for moment in whole if moment.seen.topic != "alerts"]
    assert [moment.seen for moment in rest if moment.seen.topic != "alerts"] == lasting
    assert lines(rest)[-4] == "0:20:00 the alert is resolved, P2, taken by dana, at step 2"


def test_it_begins_with_the_events_that_the_condition_rests_on() -> None:
    told = Office(processors=[accounting, alerting])
    for name in ("R-1", "R-2"):
        fields = {"invoice": name, "number": "INV-7", "amount": {"amount": "10.00", "currency": "EUR"}}
        days = {"issued_on": "2026-01-02", "due_on": "2027-01-02"}
        told.receives(("vendor/acme", InvoiceReceived.model_validate({**fields, **days})))
    (alert,) = told.said(Alert)
    assert isinstance(alert, Alert)
    moments = read(told, alert.fingerprint)
    assert evidence(moments) == alert.evidence
    assert [one.topic for one in evidence(moments)] == ["events.accounting"] * 2


def test_of_a_sender_that_posts_again_and_again_what_changed_something_is_told() -> None:
    labels = {"alertname": "DiskFull", "instance": "db-1"}

    def posts(told: Office, **more: Any) -> None:
        times = {"starts_at": START, "ends_at": told.now + timedelta(minutes=5), "timeout": True, **more}
        told.receives(("sender/prometheus", AlertsPosted(alerts=(PostedAlert(labels=labels, **times),))))

    told = office()
    for minute in range(10):
        posts(told.at(START + timedelta(minutes=minute)))
    posts(told.at(START + timedelta(minutes=10)), ends_at=told.now, timeout=False)
    posted = [line for line in lines(read(told, labels_fingerprint(labels), compacted=True)) if "raises it" in line]
    assert [line.partition(" ")[0] for line in posted] == ["0:00:00", "0:10:00"]


def test_a_groups_affairs_are_those_of_its_alerts_while_they_fire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is named in its notices: there is room for one alert only."""
    monkeypatch.setattr(notices, "MOST_BYTES", 1)
    told = office(route=grouping("department")).receives(fires(subject="vendor/a"), fires(subject="vendor/b"))
    told.passes(START + timedelta(seconds=31))
    (notice,) = told.notices()
    told.receives((f"group/{notice.group}", AlertAcknowledge(by="dana")))
    told.receives(ends(subject="vendor/b")).passes(START + timedelta(minutes=6))
    told.receives((f"group/{notice.group}", AlertUnacknowledge(by="kim"))).passes(START + timedelta(minutes=22))
    (named,) = notice.fingerprints
    hidden, other = (of(subject=s) for s in ("vendor/b", "vendor/a"))
    assert named == other
    said = lines(read(told, hidden))
    assert [line for line in said if "is to be told" in line] == [
        "0:00:30 clerk is to be told: first notification",
        "0:05:30 clerk is to be told: some alerts resolved",
    ]
    assert [line for line in said if line.endswith((" takes it", " gives it back"))] == ["0:00:31 dana takes it"]
    assert "0:06:00 kim gives it back" in lines(read(told, other))


def test_what_explains_it_is_told_and_every_command_has_its_words() -> None:
    told = office().receives(fires("front_office.first_response", "complaint/C-1"), fires(*OUTAGE), links())
    mine = of("front_office.first_response", "complaint/C-1")
    until = START + timedelta(hours=1)
    told.receives(
        (f"alert/{mine}", AlertMerge(by="dana", into=VPN)), (f"alert/{mine}", AlertMerge(by="dana", into=None))
    )
    told.receives((f"alert/{VPN}", AlertSnooze(by="kim", until=until)))
    said = lines(read(told, mine))
    assert f"0:00:00 the alert is explained by {VPN}" in said
    assert "0:00:00 it.outage of service/vpn explains it: it names the service" in said
    assert f"0:00:00 dana merges it into {VPN}" in said
    assert "0:00:00 dana parts it from the other" in said
    assert not [line for line in said if "kim" in line]
    assert "0:00:00 kim puts it off until 2026-01-05 09:00:00 UTC" in lines(read(told, VPN))


def test_an_alert_that_there_is_not_has_no_story() -> None:
    assert read(climbed(), "0" * 16) == ()

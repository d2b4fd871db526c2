"""Alerts that other programs post, as to an Alertmanager."""

from datetime import datetime, timedelta

import pytest

from schemas.alerts import Alert
from schemas.commands import AlertsPosted, PostedAlert
from schemas.signals import labels_fingerprint
from tests.office import START, Office
from tests.unit.alerting.saying import Said, grouping, office, resolves_by_hand, told

LABELS = {"alertname": "DiskFull", "instance": "db-1"}
DISK = labels_fingerprint(LABELS)
MINUTE, MS = timedelta(minutes=1), timedelta(milliseconds=1)


def posts(
    until: datetime, since: datetime = START, timeout: bool = False, labels: dict[str, str] | None = None
) -> Said:
    alert = PostedAlert(labels=labels or LABELS, starts_at=since, ends_at=until, timeout=timeout)
    return "sender/prometheus", AlertsPosted(alerts=(alert,))


def known(it: Office) -> Alert:
    return it.alerts()[DISK]


def posted(it: Office) -> datetime | None:
    """When it ends, as far as is known."""
    found: datetime | None = it.state("office").alerts[DISK].posted_until
    return found


def test_the_fingerprint_is_that_of_prometheus() -> None:
    """As the real Alertmanager gives it, see tests/contract/test_alertmanager_groups.py."""
    assert labels_fingerprint({}) == "cbf29ce484222325"
    assert labels_fingerprint({"alertname": "test"}) == "1f56cb8f931d1bd4"
    assert labels_fingerprint({"b": "2", "a": "1"}) == labels_fingerprint({"a": "1", "b": "2"})


def test_a_posted_alert_is_routed_told_and_climbs_like_our_own() -> None:
    it = office().receives(posts(START + timedelta(hours=1)))
    assert (known(it).status, known(it).rule, known(it).subject) == ("firing", "DiskFull", "sender/prometheus")
    assert known(it).labels == LABELS
    it.passes(START + 15 * MINUTE + MS)
    assert told(it) == [("clerk", "first notification"), ("manager", "escalated: not acknowledged in time")]


@pytest.mark.parametrize(("later", "status"), [(-MS, "firing"), (timedelta(0), "firing"), (MS, "resolved")])
def test_it_ends_when_it_is_not_posted_again_in_time(later: timedelta, status: str) -> None:
    it = office().receives(posts(START + 5 * MINUTE)).at(START + 5 * MINUTE + later)
    assert known(it).status == status, "at the very instant, the deadline is still to come"
    if status == "resolved":
        assert (known(it).ends_at, told(it)[-1]) == (START + 5 * MINUTE, ("clerk", "all alerts resolved"))


def test_the_end_is_noticed_when_its_group_is_looked_at() -> None:
    it = office(route=grouping("alertname")).receives(posts(START + 2 * MINUTE)).at(START + 5 * MINUTE)
    assert known(it).status == "firing"
    it.at(START + 6 * MINUTE)
    assert (known(it).status, known(it).ends_at) == ("resolved", START + 2 * MINUTE)


def test_posted_again_it_goes_on_and_nobody_hears_of_it() -> None:
    it = office().receives(posts(START + 5 * MINUTE))
    for n in range(1, 10):
        it.at(START + n * MINUTE).receives(posts(START + (n + 5) * MINUTE))
    assert (told(it), len(it.said(Alert))) == ([("clerk", "first notification")], 1)
    assert known(it.at(START + 14 * MINUTE)).status == "firing"
    assert known(it.at(START + 14 * MINUTE + MS)).status == "resolved"


def test_its_sender_says_that_it_has_ended() -> None:
    it = office().receives(posts(START + 5 * MINUTE)).at(START + MINUTE).receives(posts(START + MINUTE))
    assert (known(it).status, known(it).ends_at) == ("resolved", START + MINUTE)
    assert told(it)[-1] == ("clerk", "all alerts resolved")


def test_an_end_that_is_moved_to_before_counts() -> None:
    it = office().receives(posts(START + timedelta(hours=5), timeout=True)).at(START + MINUTE)
    it.receives(posts(START + 2 * MINUTE)).at(START + 3 * MINUTE)
    assert known(it).status == "resolved"


@pytest.mark.parametrize(
    ("first", "then", "at", "span"),
    [
        ((0, 10, False), (2, 5, False), 1, (0, 10)),  # an end that was named, and is later, stands
        ((0, 10, True), (2, 5, False), 1, (0, 5)),  # one that was only assumed does not
        ((0, 10, False), (2, 20, False), 1, (0, 20)),
        ((5, 10, False), (0, 7, False), 1, (0, 10)),  # the earlier start counts
        ((0, 10, False), (0, 3, False), 4, (0, 3)),  # it has ended: the newer word counts
        ((0, 5, False), (2, 4, False), 6, (0, 5)),  # both have: the later end
        ((0, 2, False), (3, 9, False), 4, (3, 9)),  # spans that do not meet: another time
    ],
)
def test_two_posts_of_one_alert_become_one_as_in_alertmanager(
    first: tuple[int, int, bool], then: tuple[int, int, bool], at: int, span: tuple[int, int]
) -> None:
    it = office(route=grouping("alertname", group_interval="1d", group_wait="1d"))
    for (since, until, timeout), when in ((first, 0), (then, at)):
        it.at(START + when * MINUTE)
        it.receives(posts(START + until * MINUTE, START + since * MINUTE, timeout))
    row = it.state("office").alerts[DISK]
    assert (row.starts_at, row.posted_until) == tuple(START + n * MINUTE for n in span)


def test_resolved_by_hand_it_stays_so_while_its_sender_goes_on() -> None:
    it = office().receives(posts(START + 5 * MINUTE), resolves_by_hand(DISK))
    it.at(START + 4 * MINUTE).receives(posts(START + 9 * MINUTE))
    assert (known(it).status, len(told(it))) == ("resolved", 2)
    it.at(START + 6 * MINUTE).receives(posts(START + 6 * MINUTE)).at(START + 7 * MINUTE)
    it.receives(posts(START + 12 * MINUTE, START + 7 * MINUTE))
    assert (known(it).status, told(it)[2:]) == ("firing", [("clerk", "first notification")])


def test_resolved_by_hand_and_then_silent_for_too_long_it_may_begin_again() -> None:
    it = office().receives(posts(START + 5 * MINUTE), resolves_by_hand(DISK)).at(START + 6 * MINUTE)
    assert known(it.receives(posts(START + 11 * MINUTE, START + 6 * MINUTE))).status == "firing"


def test_one_that_comes_as_ended_tells_nobody_by_itself() -> None:
    it = office().at(START + 5 * MINUTE).receives(posts(START + MINUTE))
    assert (known(it).status, told(it)) == ("resolved", [])


def test_labels_that_no_notice_could_tell_are_refused() -> None:
    it = office().receives(posts(START + MINUTE, labels={"alertname": "x" * 60_000}))
    assert (it.alerts(), len(it.dead_letters)) == ({}, 1)


def test_many_in_one_post_are_one_group_and_one_notice() -> None:
    alerts = tuple(
        PostedAlert(labels={"alertname": "Down", "instance": f"{n}"}, starts_at=START, ends_at=START + 5 * MINUTE)
        for n in range(500)
    )
    it = office(route=grouping("alertname")).receives(("sender/prometheus", AlertsPosted(alerts=alerts)))
    (notice,) = it.at(START + MINUTE).notices()
    assert (len(notice.alerts), notice.summary) == (500, "500 alerts of Down fire")
    assert notice.common_labels == {"alertname": "Down"}
    (ended,) = it.at(START + 10 * MINUTE).notices()[1:]
    assert (ended.status, ended.summary) == ("resolved", "500 alerts of Down have ended")
    assert not it.state("office").pages, "nothing of the group is left"

"""What holds for groups whatever happens: their counters, their pages, and what a restart or another order changes."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.alerting import alerting
from processors.alerting.groups import pages
from processors.alerting.state import Alerting
from processors.fold import Fold
from schemas.alerts import SilenceMatcher
from schemas.commands import (
    AlertAcknowledge,
    AlertAssign,
    AlertMerge,
    AlertSnooze,
    AlertsPosted,
    AlertUnacknowledge,
    PostedAlert,
    SilenceExpire,
    SilenceSet,
)
from schemas.signals import labels_fingerprint
from tests.office import START, Office
from tests.unit.alerting.saying import (
    COMPLAINT,
    OUTAGE,
    Said,
    ends,
    fires,
    grouping,
    links,
    of,
    office,
    resolves_by_hand,
    unlinks,
)

MINUTE = timedelta(minutes=1)
OURS = [OUTAGE, ("it.outage", "service/mail"), COMPLAINT]
DISKS = [{"alertname": "DiskFull", "severity": "error", "instance": f"db-{n}"} for n in range(3)]
FINGERPRINTS = [of(*one) for one in OURS] + [labels_fingerprint(labels) for labels in DISKS]

TREE: dict[str, Any] = grouping(
    "alertname",
    routes=[
        {"matchers": ['severity="critical"'], "receiver": "security", "group_wait": "0s", "continue": True},
        {"matchers": ['alertname="DiskFull"'], "group_by": ["..."], "group_interval": "0s"},
        {"matchers": ['severity="info"'], "group_by": ["severity"], "escalation": "none"},
        {},
    ],
)
INHIBIT = [{"source_matchers": ['severity="critical"'], "target_matchers": ['severity="error"'], "equal": ["instance"]}]

alerts = st.sampled_from([f"alert/{one}" for one in FINGERPRINTS])
severities = st.sampled_from(["critical", "error", "info"])
minutes = st.integers(1, 90).map(lambda n: START + n * MINUTE)


def posts(labels: dict[str, str], until: Any) -> Said:
    posted = PostedAlert(labels=labels, starts_at=START, ends_at=until)
    return "sender/prometheus", AlertsPosted(alerts=(posted,))


def silences(name: str, severity: str, until: Any) -> Said:
    matchers = (SilenceMatcher(name="severity", value=severity),)
    command = SilenceSet(by="d", silence=name, matchers=matchers, starts_at=START, ends_at=until, comment="")
    return f"silence/{name}", command


events = st.one_of(
    st.builds(lambda a, s: fires(a[0], a[1], s), st.sampled_from(OURS), severities),
    st.builds(lambda a: ends(a[0], a[1]), st.sampled_from(OURS)),
    st.builds(posts, st.sampled_from(DISKS), minutes),
    st.builds(silences, st.sampled_from(["a", "b"]), severities, minutes),
    st.builds(lambda n: (f"silence/{n}", SilenceExpire(by="d", silence=n)), st.sampled_from(["a", "b"])),
    st.just(links()),
    st.just(unlinks()),
    st.builds(lambda a, until: (a, AlertAcknowledge(by="d", until=until)), alerts, st.none() | minutes),
    st.builds(lambda a: (a, AlertUnacknowledge(by="d")), alerts),
    st.builds(lambda a: (a, AlertAssign(by="d", to=("security",))), alerts),
    st.builds(lambda a, until: (a, AlertSnooze(by="d", until=until)), alerts, minutes),
    st.builds(lambda a, b: (a, AlertMerge(by="d", into=b)), alerts, st.none() | st.sampled_from(FINGERPRINTS)),
    st.builds(resolves_by_hand, st.sampled_from(FINGERPRINTS)),
)
moments = st.lists(st.tuples(events, st.integers(0, 12)), max_size=25)
"""Events, and the minutes that pass before each."""


def a_tree() -> Office:
    return office(route=TREE, inhibit_rules=INHIBIT)


def lived(moments: list[tuple[Said, int]], restart: int | None = None, check: bool = False) -> Office:
    it, now = a_tree(), START
    for n, (said, pause) in enumerate(moments):
        now += pause * MINUTE
        if n == restart:
            fresh = Fold(alerting)
            fresh.restore(it.folds["alerting"][0].take_changes())
            it.folds["alerting"] = [fresh]
        it.at(now).receives(said)
        if check:
            sound(it.state("office"))
    return it.at(now + timedelta(days=1))


def sound(state: Alerting | None) -> None:
    """Counters say what the alerts say; each alert is on the pages it says it is on, and on no other."""
    if state is None:
        return
    marked = {
        (group, fingerprint): mark
        for group in state.groups
        for _, page in pages(state, group)
        for fingerprint, mark in page.alerts.items()
    }
    members = {where for where, mark in marked.items() if not mark.startswith("left")}
    assert members == {(group, f) for f, row in state.alerts.items() for group in row.groups}
    for group, row in state.groups.items():
        its = [state.alerts[f] for g, f in members if g == group]
        count = Counter(firing=0, ended=0, wanting=0)
        count.update(firing=sum(a.firing for a in its), ended=sum(not a.firing for a in its))
        count.update(wanting=sum(a.wants_somebody for a in its))
        assert (row.count.firing, row.count.ended, row.count.wanting) == tuple(count.values())
        said = [mark for (g, _), mark in marked.items() if g == group]
        assert row.known.firing == said.count("firing") + said.count("left firing")
        climbs = f"escalation/{group}" in state.deadlines
        assert not climbs or (row.count.wanting and row.known.firing), "its clock stands"
    assert {entry.partition("/")[0] for entry in state.pages} == {group for group, _ in marked}
    assert state.pending == ()


@settings(max_examples=60, deadline=None)
@given(moments)
def test_counters_and_pages_say_what_the_alerts_say(moments: list[tuple[Said, int]]) -> None:
    it = lived(moments, check=True)
    assert it.dead_letters == []
    sound(it.state("office"))


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(0, 25))
def test_what_is_remembered_between_two_runs_is_all_there_is_to_know(
    moments: list[tuple[Said, int]], restart: int
) -> None:
    assert lived(moments, restart).records == lived(moments).records


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DISKS), minutes), max_size=12), st.randoms(use_true_random=False))
def test_what_is_posted_at_one_instant_is_told_alike_in_any_order(
    posted: list[tuple[dict[str, str], Any]], random: Random
) -> None:
    """Of each alert the order counts; of different ones it does not."""
    queues = {labels["instance"]: iter([posts(*one) for one in posted if one[0] is labels]) for labels in DISKS}
    turns = [labels["instance"] for labels, _ in posted]
    random.shuffle(turns)
    usual = [posts(*one) for one in posted]
    assert told(usual) == told([next(queues[turn]) for turn in turns])


def told(said: list[Said]) -> list[tuple[Any, ...]]:
    """The notices, without their ids, in an order that is none of the log's."""
    it = office(route=grouping("alertname")).receives(*said).at(START + timedelta(days=1))
    return sorted((n.about.time, n.receiver, n.reason, n.group, n.fingerprints, n.summary) for n in it.notices())

"""What holds for alerting whatever happens, in whatever order."""

from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.alerting import alerting
from processors.alerting.state import Alerting
from processors.alerting.step import step
from processors.fold import Fold
from processors.step import Step
from schemas.alerts import Alert
from schemas.notices import Notice
from schemas.processing import DeadlinePassed
from tests.office import START, Office
from tests.unit.alerting.saying import (
    COMPLAINT,
    OUTAGE,
    Said,
    acknowledges,
    cannot_reach,
    ends,
    fires,
    links,
    of,
    office,
    reaches,
    resolves_by_hand,
    unlinks,
)

ALERTS = [OUTAGE, ("it.outage", "service/mail"), COMPLAINT, ("accounting.duplicate_invoice", "vendor/acme")]
SUBJECTS = [subject for _, subject in ALERTS]
RECEIVERS = ["clerk", "manager", "executive", "nobody-we-know"]

fingerprints = st.sampled_from([of(*one) for one in ALERTS] + ["0" * 16])
severities = st.sampled_from(["critical", "error", "warning", "info"])
events = st.one_of(
    st.builds(lambda a, s: fires(a[0], a[1], s, f"it is {s}"), st.sampled_from(ALERTS), severities),
    st.builds(lambda a: ends(a[0], a[1]), st.sampled_from(ALERTS)),
    st.builds(links, st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS)),
    st.builds(unlinks, st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS)),
    st.builds(acknowledges, fingerprints),
    st.builds(resolves_by_hand, fingerprints),
    st.builds(cannot_reach, st.sampled_from(RECEIVERS), fingerprints, st.integers(0, 3)),
    st.builds(reaches, st.sampled_from(RECEIVERS), fingerprints),
)
moments = st.tuples(events, st.integers(0, 40))
"""An event, and the minutes that pass before it."""

ROUNDS = 2
REPEATING = {
    "name": "up",
    "steps": [{"targets": ["manager"], "delay_minutes": 15}, {"targets": ["executive"], "delay_minutes": 30}],
    "repeat": ROUNDS - 1,
}


def lived(moments: list[tuple[Said, int]], restart: int | None = None) -> Office:
    """An office through all this and two quiet days; before event `restart`, it starts anew from its changelog."""
    it = office(escalation_policies=[REPEATING])
    now = START
    for n, (said, minutes) in enumerate(moments):
        now += timedelta(minutes=minutes)
        if n == restart:
            restarted(it)
        it.at(now).receives(said)
    return it.at(now + timedelta(days=2))


def restarted(it: Office) -> None:
    """The rows that the changelog holds are all that is left."""
    fresh = Fold(alerting)
    fresh.restore(it.folds["alerting"][0].take_changes())
    it.folds["alerting"] = [fresh]


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14))
def test_nothing_that_happens_breaks_it_and_the_same_log_gives_the_same_outputs(
    moments: list[tuple[Said, int]],
) -> None:
    one, two = lived(moments), lived(moments)
    assert one.records == two.records
    assert one.dead_letters == []


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14), st.integers(0, 14))
def test_what_is_remembered_between_two_runs_is_all_there_is_to_know(
    moments: list[tuple[Said, int]], restart: int
) -> None:
    assert lived(moments, restart).records == lived(moments).records


@given(
    st.text(max_size=20)
    | st.sampled_from(["link/", "link/[1]", "link/[1,2,3]", "escalation/a", "group/", "silence/a", "snoozed/a"])
)
def test_a_deadline_that_means_nothing_changes_nothing(name: str) -> None:
    meaningless = DeadlinePassed(name=name, due=START)
    known = step(Alerting(), meaningless, START).state
    assert step(known, meaningless, START) == Step(known)


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14))
def test_nobody_is_told_of_a_suppressed_alert_except_that_it_is_over(moments: list[tuple[Said, int]]) -> None:
    it = lived(moments)
    suppressed: set[str] = set()
    for event in in_order(it):
        if isinstance(event, Alert):
            (suppressed.add if event.suppressed else suppressed.discard)(event.fingerprint)
        else:
            assert event.status == "resolved" or not suppressed.intersection(event.fingerprints)


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14))
def test_an_alert_escalates_at_most_through_all_steps_of_all_rounds(moments: list[tuple[Said, int]]) -> None:
    escalated: dict[str, int] = {}
    for event in in_order(lived(moments)):
        if isinstance(event, Alert):
            if event.status == "resolved":
                escalated[event.fingerprint] = 0
            continue
        (fingerprint,) = event.fingerprints
        if event.reason.startswith("escalated"):
            escalated[fingerprint] = escalated.get(fingerprint, 0) + 1
        assert escalated.get(fingerprint, 0) <= 2 * ROUNDS


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14))
def test_nothing_escalates_once_acknowledged(moments: list[tuple[Said, int]]) -> None:
    acknowledged: set[str] = set()
    for event in in_order(lived(moments)):
        if isinstance(event, Alert):
            (acknowledged.add if event.acknowledged_by else acknowledged.discard)(event.fingerprint)
        elif event.reason.startswith("escalated"):
            assert not acknowledged.intersection(event.fingerprints)


@settings(max_examples=40, deadline=None)
@given(st.lists(moments, max_size=14), st.randoms(use_true_random=False))
def test_how_subjects_interleave_changes_nothing_about_who_explains_whom(
    moments: list[tuple[Said, int]], random: Random
) -> None:
    """Events of one subject keep their order, as Kafka keeps it; those of different ones come as they like."""
    said = [event for event, _ in moments if not event[0].startswith("receiver/")]
    assert standing(said) == standing(interleaved(said, random))


def standing(said: list[Said]) -> dict[str, tuple[object, ...]]:
    """How each alert stands at the end; without who was told on the way, which does depend on the order."""
    alerts = office().receives(*said).alerts()
    return {f: (a.status, a.suppressed_by, a.labels, a.annotations["summary"]) for f, a in alerts.items()}


def interleaved(said: list[Said], random: Random) -> list[Said]:
    """Another order, in which what concerns one subject, alert or link stays in its order."""
    order = [whose(event) for event in said]
    random.shuffle(order)
    queues = {name: iter([event for event in said if whose(event) == name]) for name in set(order)}
    return [next(queues[name]) for name in order]


def whose(said: Said) -> str:
    subject = said[0]
    for rule, of_subject in ALERTS:
        if subject == f"alert/{of(rule, of_subject)}":
            return of_subject
    return subject if not hasattr(said[1], "explained") else "links"


def in_order(it: Office) -> list[Alert | Notice]:
    """Alerts and notices as they were emitted: both carry the number of the record that caused them."""
    found = [event for event in (*it.said(Alert), *it.said(Notice)) if isinstance(event, Alert | Notice)]
    return sorted(found, key=lambda event: [int(part) for part in event.about.id.split("-")])

"""Correlation under any facts at all: its steps are total and pure, and only what was said is taken back."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.correlation import correlation
from schemas.signals import ConditionFired, ConditionResolved, LinkMade, LinkWithdrawn
from tests.happenings import Desk, happenings


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_facts_in_any_order_are_taken_and_leave_a_consistent_story(data: st.DataObject) -> None:
    desk = Desk(correlation).hears(data.draw(happenings(correlation)))
    holds: set[tuple[str, str, str]] = set()
    linked: set[str] = set()
    for emission in desk.emitted:
        match emission.event:
            case ConditionFired(rule=rule, identity=identity):
                holds.add((rule, emission.subject, str(identity)))
            case ConditionResolved(rule=rule, identity=identity):
                holds.remove((rule, emission.subject, str(identity)))
            case LinkMade(explained=explained, explained_by=by):
                linked.add(explained + by)
            case LinkWithdrawn(explained=explained, explained_by=by):
                linked.remove(explained + by)

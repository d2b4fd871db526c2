"""An event that comes twice changes nothing, in whatever story, as long as it comes within the window."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.correlation import correlation
from processors.departments.front_office import department as front_office
from processors.departments.it import department as it
from processors.processor import Processor
from tests.happenings import Happening, happenings
from tests.office import Office

PROCESSORS = (it, front_office, correlation)


def told(processor: Processor, story: list[Happening], twice: frozenset[int]) -> list[Any]:
    """What comes of a story, of which some events are repeated after the one that follows them."""
    office = Office(processors=[processor], partitions=1)
    for n, happening in enumerate(story):
        office.at(office.now + min(happening.after, timedelta(hours=100)))
        for m in (n, n - 1) if n - 1 in twice else (n,):
            again = story[m]
            office.receives((again.subject, again.event), id=f"e{m}", time=office.now - happening.late)
    office.at(office.now + timedelta(days=400))
    assert office.dead_letters == []
    return [_said(o.value or b"{}") for topic, sent in office.records.items() if topic != processor.inbox for o in sent]


def _said(value: bytes) -> Any:
    """Without what names records, whose offsets a duplicate moves."""
    envelope = json.loads(value)
    content = {name: v for name, v in envelope["data"].items() if name not in ("evidence", "record")}
    return envelope["type"], envelope["subject"], envelope["time"], content


@pytest.mark.told_again
@pytest.mark.parametrize("processor", PROCESSORS, ids=lambda p: p.name)
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_duplicate_changes_nothing(processor: Processor, data: st.DataObject) -> None:
    story = data.draw(happenings(processor))
    twice = data.draw(st.frozensets(st.integers(0, len(story) - 1)))
    assert told(processor, story, twice) == told(processor, story, frozenset())

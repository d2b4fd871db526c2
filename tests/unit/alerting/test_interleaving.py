"""Signals of several lanes meet in alerting's inbox: within a slice, how they interleave there changes nothing."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from processors.alerting import alerting
from processors.causing import Causing
from processors.fold import Fold
from processors.records import Record
from processors.slices import Hold
from processors.step import Emission
from processors.store import to_ms
from schemas.codec import HEADERS, encode
from schemas.envelope import About, Event
from schemas.processing import SettingsChanged, Tick
from tests.office import START
from tests.unit.alerting.saying import SETTINGS, Said, acknowledges, ends, fires, of

Lane = tuple[str, int]
Story = list[tuple[int, Said]]
"""What one lane says, each at a minute of the morning, in order."""

FEEDER: Lane = ("", 0)
ACME, GLOBEX = ("accounting.duplicate_invoice", "vendor/acme"), ("accounting.duplicate_invoice", "vendor/globex")
OUTAGE = ("it.outage", "service/vpn")
END = 600


def record(at: int, value: bytes, key: bytes | None) -> Record:
    return Record("alerting", 0, 0, to_ms(START + timedelta(minutes=at)), key, value, HEADERS)


def written(lane: Lane, story: Story) -> list[Record]:
    """A lane's records in the order in which it sends them."""
    made = []
    for n, (minute, (subject, event)) in enumerate(story):
        at = START + timedelta(minutes=minute)
        if lane == FEEDER:
            value = encode(event, About(f"f{n}", "/tests", subject, at))
        else:
            cause = Record("events.it", lane[1], n, to_ms(at), b"", b"", HEADERS)
            about = About(f"c{n}", "/tests", subject, at)
            (output,) = Causing(lane[0], cause).outputs([Emission(subject, event)], about, at)
            value = output.value or b""
        made.append(record(minute, value, subject.encode()))
    return made


def control(event: Event, minute: int) -> Record:
    about = About(f"control-{minute}", "/tests", "partition/0", START + timedelta(minutes=minute))
    return record(minute, encode(event, about), None)


TOLD = control(SettingsChanged(processor="alerting", settings=SETTINGS), 0)


def said(log: list[Record], *, in_slices: bool = True) -> list[tuple[str, bytes | None, Any, Any]]:
    """What alerting says of a log: topic, key, time and data of each output, without ids, which follow offsets."""
    stood = [each._replace(offset=n) for n, each in enumerate([TOLD, *log, control(Tick(partition=0), END)])]
    fold = Fold(alerting)
    outputs = [out for each in (Hold().take(stood) if in_slices else stood) for out in fold.apply(each)]
    return [(out.topic, out.key, out.at, without_evidence(out.value)) for out in outputs]


def without_evidence(value: bytes | None) -> str | None:
    """An output's data; None for a tombstone."""
    return None if value is None else json.dumps({**json.loads(value)["data"], "evidence": None})


MORNING = st.integers(0, 120)
CONDITIONS = st.one_of(
    st.builds(lambda one: fires(*one), st.sampled_from([ACME, GLOBEX, OUTAGE])),
    st.builds(lambda one: ends(*one), st.sampled_from([ACME, GLOBEX, OUTAGE])),
)
TAKEN = st.builds(lambda one: acknowledges(of(*one)), st.sampled_from([ACME, GLOBEX, OUTAGE]))


def stories(of_what: st.SearchStrategy[Said]) -> st.SearchStrategy[Story]:
    return st.lists(st.tuples(MORNING, of_what), max_size=6).map(lambda each: sorted(each, key=lambda one: one[0]))


LANES = st.fixed_dictionaries(
    {
        FEEDER: stories(TAKEN),
        ("accounting", 0): stories(CONDITIONS),
        ("accounting", 3): stories(CONDITIONS),
        ("correlation", 1): stories(CONDITIONS),
    }
)
TURNS = st.permutations(range(24))

JUST_STOPPED = {
    ("accounting", 0): [(0, fires(*ACME))],
    ("accounting", 3): [(30, fires(*GLOBEX))],
    FEEDER: [(14, acknowledges(of(*ACME)))],
}
"""An acknowledgement that just stops an escalation, beside a lane that is further on."""


def interleaved(lanes: dict[Lane, Story], turns: list[int]) -> list[Record]:
    """Each lane's records in its order; `turns` decides which lane comes next."""
    sequences = [written(lane, story) for lane, story in lanes.items()]
    slots = [n for n, sequence in enumerate(sequences) for _ in sequence]
    order = [slots[turn] for turn in turns if turn < len(slots)]
    return [sequences[n].pop(0) for n in order]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LANES, TURNS, TURNS)
@example(JUST_STOPPED, [0, 1, 2], [1, 2, 0])
def test_lanes_that_interleave_otherwise_give_the_same_alerts_and_notices(
    lanes: dict[Lane, Story], turns: list[int], others: list[int]
) -> None:
    assert said(interleaved(lanes, turns)) == said(interleaved(lanes, others))


def test_in_the_order_of_the_log_they_would_not() -> None:
    """Else the test above shows nothing."""
    usual, slow = (interleaved(JUST_STOPPED, turns) for turns in ([0, 2, 1], [1, 0, 2]))
    assert said(usual, in_slices=False) != said(slow, in_slices=False)
    assert said(usual) == said(slow)

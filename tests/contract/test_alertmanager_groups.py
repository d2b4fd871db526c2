"""Groups, inhibition and silences beside the real Alertmanager: the same notifications of the same alerts."""

from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from tests.alertmanager.real import alertmanager, hook
from tests.alertmanager.timelines import Heard, Play, Timeline, TooSlow, configuration, invented, ours
from tests.chaos.forms import pick

BEATS = 20
PACES = [timedelta(seconds=seconds) for seconds in (1, 1.2, 1.4, 1.4, 1.4, 1.4)]
"""How long a beat is: longer each time the machine was too busy, but never so long that a timeline takes 30 seconds."""
WORLDS = pick(40, 100)
SEEDS = pick([1], [*range(1, 16)])


@pytest.mark.parametrize("seed", SEEDS)
def test_random_timelines_are_told_alike(seed: int, tmp_path: Path) -> None:
    timelines = [invented(world, BEATS, Random(f"{seed}-{world}")) for world in range(WORLDS)]
    expected = theirs(timelines, tmp_path)
    told = ours(timelines, BEATS, PACES[0])
    assert sum(map(len, expected.values())) > 3 * WORLDS, "else it shows nothing"
    for where in expected.keys() | told.keys():
        assert told.get(where) == expected.get(where), f"{where}\n{_story(timelines, where)}"


def theirs(timelines: list[Timeline], folder: Path) -> Heard:
    """What the real one tells, on a machine that keeps time."""
    for n, beat in enumerate(PACES):
        here = folder / str(n)
        here.mkdir()
        with hook() as receiver, alertmanager(configuration(beat, receiver.url), here) as real:
            try:
                return Play(real, beat).theirs(timelines, BEATS, receiver.told)
            except TooSlow as late:
                reason = late
    raise reason


def _story(timelines: list[Timeline], where: tuple[str, str]) -> str:
    """The timeline of a group's world."""
    world = int(where[1].rpartition('world="')[2].partition('"')[0])
    return "\n".join(f"{beat}: {actions}" for beat, actions in timelines[world].items())

"""A rule that goes wrong hurts only the record it went wrong with, and says so; every other key goes on."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pytest

from backoffice.states import states
from processors.step import State
from schemas.codec import HEADERS, encode
from schemas.envelope import About
from schemas.processing import DeadLetterHeaders as H
from schemas.topics import Space
from tests.chaos.custom_worker import Custom, working
from tests.chaos.forms import pick
from tests.chaos.poison import Desk, Poison, TaskGiven, department
from tests.chaos.sender import Sender
from tests.chaos.spaces import PARTITIONS, drained, own_space, stop, with_department
from tests.chaos.valid import SENT_AT
from tests.kafka.topics import Stood, records

pytestmark = pytest.mark.kafka

MODULE = "tests.chaos.poison:department"
DESKS = 12
TASKS = 10
"""Given to each desk, one after the other."""

Task = tuple[str, int]
"""Desk and number."""

SAYS: dict[Poison, str] = {
    "raise": "divides by nothing",
    "loop": "RuleTimeout",
    "swell": "RowTooLarge",
    "shout": "TooLarge",
    "raise later": "was lost at desk/",
}
"""What the dead letter of each must say."""

BUDGET = 0.5
"""CPU seconds of a step."""


@pytest.fixture
def space(bootstrap: str) -> Space:
    return with_department(bootstrap, own_space(bootstrap, "poison"), department.name)


def give(bootstrap: str, space: Space, poisoned: dict[Task, Poison]) -> None:
    """Every desk gets its tasks, desks in turn; those named here go wrong."""
    sender = Sender(bootstrap, partitioner="murmur2_random")
    for number in range(TASKS):
        for desk in (f"desk/{n}" for n in range(DESKS)):
            event = TaskGiven(number=number, poison=poisoned.get((desk, number)))
            about = About(f"{desk}-{number}", "/tests", desk, SENT_AT)
            sender.send(space.topic(department.inbox), desk.encode(), encode(event, about), HEADERS)
    sender.placed()


def done(bootstrap: str, space: Space) -> dict[str, tuple[int, ...]]:
    """The tasks in the state of each desk, as the changelog has it."""

    def of(state: State) -> tuple[int, ...]:
        assert isinstance(state, Desk)
        return state.done

    return {key: of(state) for key, state in states(bootstrap, space, department, PARTITIONS)}


def signalled(bootstrap: str, space: Space) -> dict[str, list[int]]:
    """The tasks that each desk said are done, in the order in which it did."""
    found: dict[str, list[int]] = defaultdict(list)
    for record in records(bootstrap, space.topic("alerting")):
        event = json.loads(record.value or b"")
        if event["type"] == "alerting.condition.fired" and event["data"]["rule"] == "poison.task_done":
            found[event["subject"]].append(int(event["data"]["identity"]["number"]))
    return found


def why(letter: Stood) -> dict[str, str]:
    return {name: value.decode() for name, value in letter.headers if name.startswith("__connect.errors.")}


@pytest.mark.parametrize("poisons", pick([tuple(SAYS)], [tuple(SAYS), *((poison,) for poison in SAYS)]))
def test_only_the_poisoned_record_is_lost_and_is_not_met_again(
    bootstrap: str, space: Space, tmp_path: Path, poisons: tuple[Poison, ...]
) -> None:
    rng = Random(8)
    tasks = [(f"desk/{n}", number) for n in range(DESKS) for number in range(TASKS)]
    poisoned = {task: poisons[n % len(poisons)] for n, task in enumerate(rng.sample(tasks, 2 * len(poisons)))}
    give(bootstrap, space, poisoned)
    worker = Custom(space, {"rule_budget": BUDGET}, departments=(MODULE,))
    with working(bootstrap, tmp_path, worker, log="first") as process:
        drained(bootstrap, space, process, topics=[department.inbox, "alerting"])
        stop(process)
    letters = records(bootstrap, space.topic("dead-letters"))
    assert Counter(map(subject_and_poison, letters)) == Counter((desk, p) for (desk, _), p in poisoned.items())
    for letter in letters:
        said = why(letter)
        assert (said[H.STAGE], said[H.CLASS], said[H.TOPIC]) == ("TRANSFORMATION", "poison", department.inbox)
        assert SAYS[subject_and_poison(letter)[1]] in f"{said[H.EXCEPTION]}: {said[H.MESSAGE]}"
    kept = {
        f"desk/{n}": tuple(t for t in range(TASKS) if poisoned.get((f"desk/{n}", t), "raise later") == "raise later")
        for n in range(DESKS)
    }
    assert done(bootstrap, space) == kept
    assert signalled(bootstrap, space) == {desk: list(numbers) for desk, numbers in kept.items()}
    with working(bootstrap, tmp_path, worker, log="second") as process:
        give(bootstrap, space, {})  # mended: those that were done are duplicates
        drained(bootstrap, space, process, topics=[department.inbox, "alerting"])
    assert len(records(bootstrap, space.topic("dead-letters"))) == len(letters)
    mended = {desk: sorted(tasks) for desk, tasks in done(bootstrap, space).items()}
    assert mended == {f"desk/{n}": list(range(TASKS)) for n in range(DESKS)}
    assert ["dead letter" in (tmp_path / f"{log}.log").read_text() for log in ("first", "second")] == [True, False]


def subject_and_poison(letter: Stood) -> tuple[str, Poison]:
    """The desk of a dead letter, and how its task went wrong. A deadline's is the passing of that deadline."""
    event = json.loads(letter.value or b"")
    assert letter.key == event["subject"].encode()
    return event["subject"], event["data"].get("poison") or "raise later"

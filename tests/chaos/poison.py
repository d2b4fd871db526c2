"""A department of the tests' own whose rules go wrong when told to."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Literal

from processors.processor import Aggregate, Processor
from processors.rule import Rule
from processors.step import State, Step
from schemas.envelope import Event
from schemas.processing import DeadlinePassed
from schemas.topics import DEAD_LETTER_MAX_BYTES

Poison = Literal["raise", "loop", "swell", "shout", "raise later"]
DONE = Rule("poison.task_done", "info", "a task was done", "never", distinguish=("number",))
TOO_MUCH = Random(0).randbytes(DEAD_LETTER_MAX_BYTES).hex()
"""Twice the largest record of any topic; compressed it still does not fit."""


class PoisonEvent(Event, topic="events.poison"):
    """Anything that is asked of this department."""


class TaskGiven(PoisonEvent, type="poison.task.given", kind="desk"):
    """A task; `poison` says how doing it goes wrong, None: it does not."""

    number: int
    poison: Poison | None = None


@dataclass(frozen=True, kw_only=True)
class Desk(State):
    """The tasks that were done at one desk, in order."""

    done: tuple[int, ...] = ()
    pile: str = ""


def step(state: Desk, event: Event, at: object) -> Step[Desk]:
    match event:
        case TaskGiven(poison=None):
            return _done(state, event)
        case TaskGiven(poison="raise later"):
            return _done(state, event).awaits(f"task/{event.number}", event.about.time - timedelta(days=1))
        case TaskGiven():
            return _go_wrong(state, event)
        case DeadlinePassed():
            raise LookupError(f"{event.name} was lost at {state.key}")
    return Step(state)


def _go_wrong(state: Desk, event: TaskGiven) -> Step[Desk]:
    """What was done before it goes wrong must not be kept."""
    step = _done(state, event)
    match event.poison:
        case "raise":
            raise ZeroDivisionError(f"task {event.number} divides by nothing")
        case "loop":
            while True:
                step = _done(state, event)
        case "swell":
            return step.evolve(pile=TOO_MUCH)
    return step.fires(DONE, event.about.time, TOO_MUCH, labels={"number": "loud"})


def _done(state: Desk, event: TaskGiven) -> Step[Desk]:
    told = Step(state.evolve(done=(*state.done, event.number)))
    number = str(event.number)
    return told.fires(DONE, event.about.time, f"task {number} is done", because=[event], labels={"number": number})


department = Processor(
    name="poison",
    inbox="events.poison",
    events=(TaskGiven,),
    aggregates={"desk": Aggregate(Desk, step)},
    rules=(DONE,),
)

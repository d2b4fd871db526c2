"""Steps of a policy that have nobody to tell are passed over at once."""

from processors.alerting.oncall.targets import Reached, reach
from processors.alerting.settings import EscalationPolicy

POLICY = EscalationPolicy.model_validate(
    {
        "name": "up",
        "repeat": 1,
        "steps": [{"targets": [name], "delay_minutes": 15} for name in ("first-line", "second-line", "manager")],
    }
)


def reached(position: int, **people: str) -> Reached | None:
    """Where a climb to this position comes to, when only these targets have people."""
    known = {name.replace("_", "-"): person for name, person in people.items()}
    return reach(POLICY, position, lambda targets: tuple(known[target] for target in targets if target in known))


def test_a_step_with_somebody_is_where_the_climb_comes_to() -> None:
    assert reached(1, first_line="dana") == Reached(1, ("dana",), passed_over=False)


def test_steps_without_anybody_are_passed_over() -> None:
    assert reached(1, manager="mo") == Reached(3, ("mo",), passed_over=True)


def test_a_repeat_is_come_to_as_well() -> None:
    assert reached(2, first_line="dana") == Reached(4, ("dana",), passed_over=True)


def test_when_there_is_nobody_anywhere_the_climb_is_over() -> None:
    assert reached(1) is None
    assert reached(7, manager="mo") is None, "past the end"

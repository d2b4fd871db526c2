"""Frozen rows that a step changes field by field."""

from dataclasses import FrozenInstanceError, dataclass, replace

import pytest

from processors.evolving import Evolving


@dataclass(frozen=True, kw_only=True)
class Line(Evolving):
    ordered: int = 0
    received: int = 0
    note: str = ""


def test_what_is_changed_is_changed_and_the_rest_stays() -> None:
    line = Line(ordered=5, note="urgent")
    assert line.evolve(received=2) == replace(line, received=2) == Line(ordered=5, received=2, note="urgent")
    assert line == Line(ordered=5, note="urgent"), "the one it came from is as it was"


def test_what_comes_out_is_frozen_too() -> None:
    with pytest.raises(FrozenInstanceError):
        Line().evolve(ordered=1).ordered = 2  # type: ignore[misc]


def test_a_field_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="Line has no field colour, size"):
        Line().evolve(size=1, colour="red")

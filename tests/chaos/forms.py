"""The two forms of each test of failure: short in every run of the tests, long in `make chaos`."""

import os
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("BACKOFFICE_CHAOS") == "long"

MANY_SECONDS = 7_200
"""What a long form may take before it counts as hung."""


def pick(short: T, long: T) -> T:
    """The value of the form that runs."""
    return long if LONG else short

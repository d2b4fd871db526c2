"""A server to notify."""

from collections.abc import Iterator

import pytest

from tests.unit.notify.hooks import Hooks, serving


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with serving() as running:
        yield running

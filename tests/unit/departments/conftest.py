"""Every story told here is one of evidence, too: what fires is given again by what it names, what ends
names what ended it. And none is refused.

Tests of a real log name it (`LOG`) and its file (`FILE`), and are given the folder and the known answers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import ended, explained, offices
from tests.office import Office
from tests.real_logs import known_answers, known_ids, real_logs

__all__ = ["ended", "explained", "offices"]


@pytest.fixture(autouse=True)
def nothing_is_refused(offices: list[Office]) -> Iterator[None]:
    """What a rule cannot apply goes to dead letters, and leaves the state as it was: a test might not notice."""
    yield
    assert [office.dead_letters for office in offices if office.dead_letters] == []


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    return real_logs(request.module.FILE)


@pytest.fixture(scope="module")
def known(request: pytest.FixtureRequest, folder: Path) -> dict[str, set[str]]:
    """The case ids behind each answer."""
    return known_ids(folder, request.module.LOG)


@pytest.fixture(scope="module")
def counts(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    """The answers that are numbers."""
    return known_answers(folder, request.module.LOG)

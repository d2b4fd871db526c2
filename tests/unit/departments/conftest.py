"""Every story that is told here is one of evidence, too: whatever fires is given again by what it names.

Tests of a real log name it (`LOG`) and its file (`FILE`), and are given the folder and the known answers.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.evidence import explained
from tests.real_logs import known_answers, known_ids, real_logs

__all__ = ["explained"]


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

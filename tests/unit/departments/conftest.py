"""Every story told here is one of evidence, too: what fires is given again by what it names. And none is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.evidence import explained
from tests.office import Office

__all__ = ["explained"]


@pytest.fixture(autouse=True)
def nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a rule cannot apply goes to dead letters, and leaves the state as it was: a test might not notice."""
    offices, opened = list[Office](), Office.__init__

    def opens(office: Office, **told: Any) -> None:
        opened(office, **told)
        offices.append(office)

    monkeypatch.setattr(Office, "__init__", opens)
    yield
    assert [office.dead_letters for office in offices if office.dead_letters] == []

"""Passwords of these tests are hashed quickly: what is tried here is not how long guessing takes."""

import pytest
from argon2 import PasswordHasher

from consumers.console.signing_in import passwords


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

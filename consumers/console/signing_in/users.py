"""The users that the configuration names."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from threading import BoundedSemaphore

from consumers.console.signing_in.passwords import LONGEST, hashed, matches
from consumers.console.signing_in.people import Person

AT_ONCE = 2
"""How many passwords are looked at at once: each takes 64 MiB."""


@dataclass(frozen=True, slots=True)
class User:
    """A person and the argon2 hash of their password."""

    person: Person
    hash: str


class Users:
    """Local users, by name."""

    def __init__(self, users: Iterable[User]) -> None:
        self._users = {user.person.name: user for user in users}
        self._nobody = hashed(secrets.token_urlsafe())
        self._room = BoundedSemaphore(AT_ONCE)

    def __bool__(self) -> bool:
        return bool(self._users)

    def check(self, name: str, password: str) -> Person | None:
        """Whose name and password these are. Takes as long for a name that is not known."""
        user = self._users.get(name)
        with self._room:
            right = matches(user.hash if user else self._nobody, password[: LONGEST + 1])
        return user.person if user and right and len(password) <= LONGEST else None

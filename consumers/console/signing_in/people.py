"""Who somebody is to the console, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do. Each includes what the ones before it may."""

    VIEWER = "viewer"
    """Look, but not at personal data."""
    OPERATOR = "operator"
    """Act: acknowledge, assign, silence, redrive."""
    ADMINISTRATOR = "administrator"
    """Also see personal data, and change how the program works."""

    def includes(self, other: "Role") -> bool:
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(Role)


class NotAllowed(Exception):
    """Somebody wants what their role does not allow, or is not signed in any more; the text says which."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in. `name` is the login that commands and the audit carry."""

    name: str
    role: Role

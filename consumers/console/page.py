"""What a page of the console is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from consumers.console.signing_in.people import Role
from consumers.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `path` may have parameters, which `Visit.path` then holds; `icon` is a Material icon's name.

    `build` makes it, within the frame. Whoever has less than the role `least` is told so instead.
    """

    path: str
    title: str
    icon: str
    build: Callable[[Visit], Awaitable[None] | None]
    least: Role = Role.VIEWER
    in_menu: bool = True
    key: str = ""
    """The letter that opens it from every page."""

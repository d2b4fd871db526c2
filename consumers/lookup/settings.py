"""What the configuration's `lookup:` may say."""

from collections.abc import Iterable

from pydantic import Field

from schemas.privacy import Kind
from schemas.settings import Settings


class LookUpSettings(Settings):
    """Who sees which private fields when they look something up. What is not named is masked."""

    viewer: tuple[Kind, ...] = ()
    """What the role `viewer` sees."""
    operator: tuple[Kind, ...] = Field(default=(Kind.PERSONAL,), examples=[["personal"]])
    """What the role `operator` sees: whom an alert concerns."""
    administrator: tuple[Kind, ...] = tuple(Kind)
    """What the role `administrator` sees."""
    command_line: tuple[Kind, ...] = ()
    """What `backoffice lookup` shows, whoever runs it. Who may read the topics themselves may read everything."""

    def may_see(self, role: str) -> frozenset[Kind]:
        """What a role sees; nothing, where there is no such role."""
        kinds: Iterable[Kind] = getattr(self, role, ()) if role in type(self).model_fields else ()
        return frozenset(kinds)

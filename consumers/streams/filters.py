"""Which records somebody wants to see. What is cheap to ask is asked first."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from consumers.streams.look import Look
from consumers.streams.paths import Condition
from schemas.processing import SettingsChanged, Tick

QUIET = (Tick.type, SettingsChanged.type)
"""What inboxes hold besides events of their own: shown only when it is asked for by its type."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show. Each field has to let a record through, an empty one does; of several values one is enough.

    Bad records pass unless something is asked of what they say.
    """

    departments: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    """Globs over CloudEvents types, such as `hr.employee.*`."""
    severities: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Globs over keys, such as `vendor/*`."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names, in whatever case, with globs over values. All of them have to be there."""
    where: tuple[Condition, ...] = ()
    """Conditions on the JSON. All of them have to hold."""
    text: str = ""
    """Somewhere in the key or the value, in whatever case."""

    def passes(self, look: Look) -> bool:
        return self._key_passes(look) and self._headers_pass(look) and self._text_passes(look) and self._says(look)

    def _key_passes(self, look: Look) -> bool:
        return not self.keys or _matches((look.record.key or b"").decode(errors="replace"), self.keys)

    def _headers_pass(self, look: Look) -> bool:
        if not self.headers:
            return True
        there = [(name.lower(), (value or b"").decode(errors="replace")) for name, value in look.record.headers]
        return all(
            any(found == name.lower() and fnmatchcase(value, glob) for found, value in there)
            for name, glob in self.headers
        )

    def _text_passes(self, look: Look) -> bool:
        if not self.text:
            return True
        wanted = self.text.lower()
        said = (look.record.key, look.record.value)
        return any(wanted in (raw or b"").decode(errors="replace").lower() for raw in said)

    def _says(self, look: Look) -> bool:
        if self.types:
            if not _matches(look.type, self.types):
                return False
        elif look.type in QUIET:
            return False
        if not all(condition.holds(look.document) for condition in self.where):
            return False
        if self.departments and look.seen.department not in self.departments:
            return False
        return not self.severities or look.seen.severity in self.severities


def header(text: str) -> tuple[str, str]:
    """`name=glob`, or a name that only has to be there. Raises ValueError."""
    name, equals, glob = text.partition("=")
    if not name.strip():
        raise ValueError(f"{text!r}: a header is wanted as name=value")
    return name.strip(), glob if equals else "*"


def _matches(text: str, globs: Sequence[str]) -> bool:
    return any(fnmatchcase(text, glob) for glob in globs)

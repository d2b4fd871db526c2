"""What somebody wants to watch of a topic, as the page's address says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from consumers.streams.filters import Filter, header
from consumers.streams.paths import condition


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    topic: str = ""
    since: str = ""
    key: str = ""
    type: str = ""
    header: str = ""
    where: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        return cls(**{each.name: query.get(each.name, "")[:500] for each in fields(cls)})

    def query(self) -> dict[str, str]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def narrowed(self) -> dict[str, str]:
        """What is asked of the topic."""
        return {name: said for name, said in self.query().items() if name != "topic"}

    def filter(self) -> Filter:
        """Raises ValueError."""
        return Filter(
            types=_words(self.type),
            keys=_words(self.key),
            headers=tuple(header(each) for each in _words(self.header)),
            where=tuple(condition(each) for each in re.split(r"\s+and\s+|\n", self.where) if each.strip()),
            text=self.text.strip(),
        )


def _words(said: str) -> tuple[str, ...]:
    return tuple(said.split())

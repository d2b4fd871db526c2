"""Events and alerts of a subject, from the archive."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from consumers.archive.databases.base import Away
from consumers.archive.entries import ALWAYS, BEGINNING, AlertEntry, Entry, Span
from consumers.archive.listing import LARGEST_PAGE
from consumers.archive.reading import Archive
from consumers.lookup.found import Page, Remembered, Said, Unavailable
from schemas.alerts import Alert
from schemas.envelope import Evidence

States = Callable[[Sequence[str]], Sequence[Remembered]]
"""What is remembered of these subjects now. Raises Unreachable."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A look-up's sources: the archive, and `remembered` for what is so now."""

    archive: Archive
    remembered: States

    def states(self, subjects: Sequence[str]) -> Sequence[Remembered]:
        return self.remembered(subjects)

    def events(self, subjects: Sequence[str], limit: int, before: datetime | None) -> Page:
        span = Span(BEGINNING, before) if before else ALWAYS
        try:
            pages = [self._events(subject, limit, span) for subject in subjects]
        except Away as error:
            raise Unavailable(f"the archive does not answer: {error}") from error
        said = sorted((one for found, _ in pages for one in found), key=_age, reverse=True)
        return Page(said[:limit], len(said) > limit or any(more for _, more in pages))

    def alerts(self, subjects: Sequence[str], limit: int) -> Sequence[Alert]:
        try:
            found = [e for s in subjects for e in self.archive.alerts(subject=s, limit=limit).entries]
        except Away as error:
            raise Unavailable(f"the archive does not answer: {error}") from error
        found.sort(key=lambda entry: (entry.starts_at, entry.number), reverse=True)
        return [alert for entry in found[:limit] if (alert := _alert(entry)) is not None]

    def _events(self, subject: str, limit: int, span: Span) -> tuple[list[Said], bool]:
        """The newest of one subject, and whether there are more."""
        found: list[Said] = []
        after = None
        while True:
            page = self.archive.events(span, subject=subject, after=after, limit=min(limit, LARGEST_PAGE))
            found += [said for entry in page.entries if (said := _said(entry)) is not None]
            after = page.after
            if after is None or len(found) >= limit:
                return found[:limit], after is not None or len(found) > limit


def _said(entry: Entry) -> Said | None:
    """None for a record that is no event: nobody can say what it tells of."""
    if entry.type is None or entry.subject is None or entry.body is None:
        return None
    record = Evidence(entry.topic, entry.partition, entry.offset, entry.id or "")
    return Said(entry.subject, entry.type, entry.timestamp, entry.time or entry.timestamp, record, entry.data)


def _alert(entry: AlertEntry) -> Alert | None:
    try:
        return Alert.model_validate(entry.body)
    except ValidationError:
        return None


def _age(said: Said) -> tuple[datetime, str, int, int]:
    return said.at, said.record.topic, said.record.partition, said.record.offset

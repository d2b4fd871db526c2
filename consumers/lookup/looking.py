"""A look-up: put on record first, then read, then masked. What was not recorded is not shown."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from consumers.lookup.found import Found, Sources
from consumers.lookup.masking import Mask, Privacy
from schemas.audit import RecordViewed
from schemas.envelope import SUBJECT_PATTERN, Event
from schemas.privacy import Kind

SHOWN = 50
"""Events on one page, and alerts."""

JUDGED = 2_000
"""Events that are read to find out what stands in private fields, where something is hidden."""

_SUBJECT = re.compile(SUBJECT_PATTERN)

LONGEST = 500
"""Characters of a subject."""

_SAME: Mapping[str, tuple[str, ...]] = {
    "employee": ("employee", "person", "workload"),
    "person": ("employee", "person", "workload"),
}
"""Kinds of subjects that are one thing to people: HR's employee is a person to others, and holds tasks."""

Record = Callable[[Event, str], None]
"""Puts an event about a subject on the log; returns when it is there. Raises NotRecorded."""


class BadSubject(ValueError):
    """What was asked for is not `<kind>/<id>` of a kind there is; the message says what is."""


class NotRecorded(Exception):
    """The look could not be put on record, so nothing is shown."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, what they may see, and by which way."""

    name: str
    may_see: frozenset[Kind]
    by_way_of: str = "command line"

    @property
    def masked(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in Kind if kind not in self.may_see)


@dataclass(frozen=True, slots=True)
class LookUp:
    """Looks things up. `kinds`: those of which something can be known."""

    sources: Sources
    privacy: Privacy
    kinds: Sequence[str]
    record: Record = field(repr=False)

    def look(self, subject: str, viewer: Viewer, why: str = "", before: datetime | None = None) -> Found:
        """Everything known of a subject; `before`: only events older than that, for the next page.

        Raises BadSubject, NotRecorded, Unavailable, consumers.log.Unreachable.
        """
        subjects = self._subjects(subject)
        viewed = RecordViewed(on=subject, why=why, masked=viewer.masked, by_way_of=viewer.by_way_of)
        self.record(viewed, f"person/{viewer.name}")
        known = self.sources.events(subjects, JUDGED if viewer.masked else SHOWN, None)
        page = known if before is None else self.sources.events(subjects, SHOWN, before)
        mask = Mask(self.privacy, frozenset(viewer.masked), _ids(subjects))
        for said in (*known.events, *page.events):
            mask.learn(said.type, said.data)
        whole = not viewer.masked or not known.more
        states = [
            replace(each, state=mask.state(each.subject, each.inbox, each.state, rows=whole))
            for each in self.sources.states(subjects)
        ]
        return Found(
            subject=subject,
            masked=viewer.masked,
            states=states,
            events=[replace(said, data=mask.event(said.type, said.data)) for said in page.events[:SHOWN]],
            more=page.more or len(page.events) > SHOWN,
            alerts=[mask.alert(alert, texts=whole) for alert in self.sources.alerts(subjects, SHOWN)],
        )

    def _subjects(self, subject: str) -> tuple[str, ...]:
        """The subject and those that are the same to people. Raises BadSubject."""
        kind, slash, id = subject.partition("/")
        if not slash or not _SUBJECT.fullmatch(subject) or len(subject) > LONGEST:
            raise BadSubject(f"{subject[:50]!r} is no subject: write <kind>/<id>, such as vendor/acme")
        if kind not in self.kinds:
            raise BadSubject(f"nothing is known of any {kind}; there are: {', '.join(self.kinds)}")
        return tuple(f"{each}/{id}" for each in _SAME.get(kind, (kind,)))


def kinds_of(types: Iterable[type[Event]]) -> tuple[str, ...]:
    """The kinds of subjects that departments' events are about, those that are the same to people once."""
    found = {kind for cls in types if cls.topic.startswith("events.") for kind in cls.kinds()}
    return tuple(sorted(found))


def _ids(subjects: Iterable[str]) -> frozenset[str]:
    return frozenset(text for subject in subjects for text in (subject, subject.partition("/")[2]))

"""Look-ups as the program makes them: the archive where there is one, the changelogs, and the audit they leave."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from backoffice.registry import event_types, processors
from backoffice.remembered import keepers, remembered
from consumers.api.ports import NotWritten, Outbox, Said
from consumers.archive.databases.base import Away, NotOpened
from consumers.archive.reading import Archive
from consumers.log import Log
from consumers.lookup.archived import Archived, States
from consumers.lookup.found import Page, Remembered, Sources, Unavailable
from consumers.lookup.looking import LookUp, NotRecorded, Record, kinds_of
from consumers.lookup.masking import Privacy
from consumers.lookup.topics import Topics
from infra.admin import admin
from infra.topics.cluster import existing
from producers.client import Client
from producers.errors import NotSent, Refused
from schemas.alerts import Alert
from schemas.envelope import Event
from schemas.topics import Space, changelog

Opened = Callable[[], Archive]
"""Raises NotOpened, Away."""

SOURCE = "urn:backoffice:lookup"
WRITE_TIMEOUT = 15.0
"""Seconds that the audit of a look may take; then nothing is shown."""


def look_up(bootstrap: str, space: Space, record: Record, archive: Opened) -> LookUp:
    """Looking things up in a space."""
    types = event_types()
    return LookUp(Either(bootstrap, space, archive), Privacy.of(types), kinds_of(types.values()), record)


class Either:
    """The archive where there is one by now, else the topics themselves."""

    def __init__(self, bootstrap: str, space: Space, archive: Opened) -> None:
        self._archive = archive
        self._topics = Topics(space, partial(_opened, bootstrap), inboxes_by_kind(), states_of(bootstrap, space))

    def states(self, subjects: Sequence[str]) -> Sequence[Remembered]:
        return self._topics.states(subjects)

    def events(self, subjects: Sequence[str], limit: int, before: datetime | None) -> Page:
        return self._now().events(subjects, limit, before)

    def alerts(self, subjects: Sequence[str], limit: int) -> Sequence[Alert]:
        return self._now().alerts(subjects, limit)

    def _now(self) -> Sources:
        try:
            return Archived(self._archive(), self._topics.remembered)
        except NotOpened:
            return self._topics
        except Away as error:
            raise Unavailable(f"the archive does not answer: {error}") from error


@contextmanager
def _opened(bootstrap: str, topics: Sequence[str]) -> Iterator[Log]:
    with admin(bootstrap) as cluster:
        there = existing(cluster, topics)
    with Log(bootstrap, [topic for topic in topics if topic in there]) as log:
        yield log


def states_of(bootstrap: str, space: Space) -> States:
    """What processors remember of subjects now, from their changelogs."""

    def states(subjects: Sequence[str]) -> list[Remembered]:
        wanted = [(subject, processor) for subject in subjects for processor in keepers(processors(), subject)]
        topics = {processor.name: space.topic(changelog(processor.name)) for _, processor in wanted}
        with admin(bootstrap) as cluster:
            there = existing(cluster, list(topics.values()))
        found = []
        for subject, processor in wanted:
            topic = topics[processor.name]
            if topic not in there:
                continue
            known = remembered(bootstrap, space, processor, there[topic].partitions, subject)
            if known is not None:
                state = known.as_json()["state"]
                found.append(Remembered(subject, processor.name, processor.inbox, known.clock, state))
        return found

    return states


def recording(client: Client) -> Record:
    """Puts a look on record, and waits until it is."""

    def record(event: Event, subject: str) -> None:
        try:
            client.send(event, subject, source=SOURCE).result(WRITE_TIMEOUT)
        except (Refused, NotSent, TimeoutError) as error:
            raise NotRecorded(f"the look could not be put on record, so nothing is shown: {error}") from error

    return record


def by_outbox(outbox: Outbox) -> Record:
    """The same, by way of the console's own."""

    def record(event: Event, subject: str) -> None:
        try:
            outbox.write([Said(event, subject)])
        except NotWritten as error:
            raise NotRecorded(f"the look could not be put on record, so nothing is shown: {error}") from error

    return record


def inboxes_by_kind() -> Mapping[str, Sequence[str]]:
    """The departments' inboxes that hold events about each kind of subject."""
    found: dict[str, list[str]] = {}
    for processor in processors():
        if processor.inbox.startswith("events."):
            for kind in processor.aggregates:
                found.setdefault(kind, []).append(processor.inbox)
    return found

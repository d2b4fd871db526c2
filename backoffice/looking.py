"""Look-ups as the program makes them: the archive where there is one, the changelogs, and the audit they leave."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from backoffice.registry import event_types, processors
from backoffice.remembered import keepers, remembered
from consumers.archive.reading import Archive
from consumers.log import Log
from consumers.lookup.archived import Archived, States
from consumers.lookup.found import Remembered, Sources
from consumers.lookup.looking import LookUp, NotRecorded, Record, kinds_of
from consumers.lookup.masking import Privacy
from consumers.lookup.topics import Topics
from infra.admin import admin
from infra.topics.cluster import existing
from producers.client import Client
from producers.errors import NotSent, Refused
from schemas.envelope import Event
from schemas.topics import Space, changelog

SOURCE = "urn:backoffice:lookup"
WRITE_TIMEOUT = 15.0
"""Seconds that the audit of a look may take; then nothing is shown."""


def look_up(bootstrap: str, space: Space, client: Client, archive: Archive | None = None) -> LookUp:
    """Looking things up in a space. `client` writes the audit."""
    types = event_types()
    return LookUp(sources(bootstrap, space, archive), Privacy.of(types), kinds_of(types.values()), recording(client))


def sources(bootstrap: str, space: Space, archive: Archive | None) -> Sources:
    """The archive's, where there is one; else the topics themselves."""
    states = states_of(bootstrap, space)
    if archive is not None:
        return Archived(archive, states)

    @contextmanager
    def opened(topics: Sequence[str]) -> Iterator[Log]:
        with admin(bootstrap) as cluster:
            there = existing(cluster, topics)
        with Log(bootstrap, [topic for topic in topics if topic in there]) as log:
            yield log

    return Topics(space, opened, inboxes_by_kind(), states)


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


def inboxes_by_kind() -> Mapping[str, Sequence[str]]:
    """The departments' inboxes that hold events about each kind of subject."""
    found: dict[str, list[str]] = {}
    for processor in processors():
        if processor.inbox.startswith("events."):
            for kind in processor.aggregates:
                found.setdefault(kind, []).append(processor.inbox)
    return found

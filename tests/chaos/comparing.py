"""What two runs must have in common: signals and alerts in the order of each subject, states without where it stood."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from processors.rows import Rows
from schemas.envelope import Evidence
from schemas.topics import Space
from tests.kafka.topics import records

Key = tuple[str, str, str]
"""Who said it (a processor), in which of its partitions, about which subject."""

Signals = Mapping[Key, list[bytes]]
"""What was said of each key: whole records, in their order.

A fact may be about something that many aggregates have in common (a category, a service). Those lie in several
partitions, and how these interleave is nobody's promise; so the partition belongs to the key.
"""

OURS = "/backoffice/processors/"


def signals(bootstrap: str, space: Space, topic: str, by: Iterable[str]) -> Signals:
    """Everything that these processors wrote to a topic."""
    sources = {f"{OURS}{name}" for name in by}
    found: dict[Key, list[bytes]] = defaultdict(list)
    for record in records(bootstrap, space.topic(topic)):
        event = json.loads(record.value or b"{}")
        if event.get("source") in sources:
            partition = event["id"].partition("-")[0]
            found[event["source"], partition, event["subject"]].append(record.value or b"")
    return found


def hashes(said: Signals) -> dict[Key, str]:
    """One hash over the whole sequence of each key, ids and evidence among it."""
    return {key: hashlib.sha256(b"\n".join(values)).hexdigest() for key, values in said.items()}


def without_places(value: object) -> Any:
    """A state or event as plain values; evidence by topic and id only, since where it stood may differ."""
    match value:
        case Evidence():
            return (value.topic, value.id)
        case Rows() | dict():
            return {key: without_places(each) for key, each in sorted(value.items())}
        case tuple() | list() | frozenset():
            return [without_places(each) for each in value]
        case _ if is_dataclass(value):
            return {f.name: without_places(getattr(value, f.name)) for f in fields(value) if f.name != "settings"}
    return value

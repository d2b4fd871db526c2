"""Where an event goes: its topic and key follow from its type and subject."""

import re

from producers.errors import Refused
from schemas.envelope import SUBJECT_PATTERN, About, Event

_SUBJECT = re.compile(SUBJECT_PATTERN)


def address(event: Event, about: About, topic: str | None = None) -> tuple[str, bytes]:
    """The topic (without its space) and the key of an event. Raises Refused, saying which part does not fit."""
    name = topic or event.topic
    if not name:
        raise Refused(f"{event.type or type(event).__name__} belongs to no topic of its own: name one")
    if not _SUBJECT.fullmatch(about.subject):
        raise Refused(f"subject {about.subject!r} is not of the form <kind>/<id>, such as {event.kind or 'vendor'}/1")
    kind = about.subject.partition("/")[0]
    if (kinds := event.kinds()) and kind not in kinds:
        possible = " or ".join(f"{kind}/<id>" for kind in kinds)
        raise Refused(f"subject {about.subject!r}: the subject of {event.type} is {possible}")
    if not about.id or not about.source:
        raise Refused(f"{event.type} about {about.subject}: an event needs an id and a source")
    if about.time.tzinfo is None:
        raise Refused(f"{event.type} about {about.subject}: its time {about.time} has no time zone")
    return name, about.subject.encode()

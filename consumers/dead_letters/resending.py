"""What a dead letter would be sent again as, or why it is not to be. Pure: nothing is sent here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from consumers.dead_letters.letter import Letter
from schemas.codec import Decoder, Headers, Unreadable, explain
from schemas.envelope import Event
from schemas.processing import CONTROL, DeadlinePassed, RedriveHeaders

MOST_TRIES = 3
"""How often one record is sent again as it is. A person's correction is not a repetition, and is not refused."""


class Refused(Exception):
    """This letter is not to be sent again as it is; the text says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What an inbox takes. `one_key`: all of it is one aggregate, so a key says nothing (alerting's)."""

    decoder: Decoder
    one_key: bool = False


Inboxes = Mapping[str, Inbox]
"""By topic, without its space."""


class Copy(NamedTuple):
    """A person's correction: what stands in the place of the record's key and value. Its headers stay."""

    key: bytes | None
    value: bytes | None


class Sending(NamedTuple):
    """A record to write. The topic's name is without the space; `partition` None: where its key belongs."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None = None


def resend(letter: Letter, inboxes: Inboxes, copy: Copy | None = None, most_tries: int = MOST_TRIES) -> Sending:
    """The record as it goes back: to its partition, with its key and headers, and a count of its tries.

    One that could not be read once more is refused, because it would be back at once. Raises Refused.
    """
    inbox = inboxes.get(letter.topic)
    if inbox is None:
        raise Refused(f"it came from {letter.topic or 'nowhere that it says'}, which is no inbox of this program")
    _refuse_what_is_no_event(letter)
    if copy is None and letter.tries >= most_tries:
        raise Refused(
            f"it has been sent again {letter.tries} times and came back each time: correct it, mend the rule, "
            "or discard it"
        )
    key, value = (letter.key, letter.value) if copy is None else copy
    if (why := problem(inbox, key, value, letter.headers, strict=copy is not None)) is not None:
        raise Refused(f"it would come back at once: {why}")
    counted = (
        (RedriveHeaders.TRIES, str(letter.tries + 1).encode()),
        (RedriveHeaders.LETTER, str(letter.number).encode()),
    )
    partition = letter.partition if key == letter.key and letter.partition >= 0 else None
    return Sending(letter.topic, key, value, (*letter.headers, *counted), partition)


def problem(inbox: Inbox, key: bytes | None, value: bytes | None, headers: Headers, strict: bool = False) -> str | None:
    """Why an inbox would not take a record; None: it would. `strict` also minds fields that no schema knows."""
    try:
        event = inbox.decoder.decode(value, headers)
    except Unreadable as error:
        return str(error)
    subject = event.about.subject
    if key is not None and not inbox.one_key and key != subject.encode():
        return f"the key is {key.decode(errors='replace')!r}, but the subject is {subject!r}; they must be equal"
    return _unknown_fields(event, value) if strict else None


def _refuse_what_is_no_event(letter: Letter) -> None:
    if letter.type == DeadlinePassed.type:
        raise Refused(
            "it is a deadline, which was never a record of the inbox: mend the rule that failed, then "
            "`backoffice rebuild` says what the state should be; or discard it"
        )
    if letter.type in {event.type for event in CONTROL}:
        raise Refused("it concerned a whole partition at its time; `backoffice run` tells settings anew. Discard it")
    if any(value is None for _, value in letter.headers):
        raise Refused("one of its headers has no value, and cannot be written as it was: let its sender send it again")


def _unknown_fields(event: Event, value: bytes | None) -> str | None:
    """Fields nobody reads are a slip of whoever edits; what upstream systems add is ignored."""
    said: Any = json.loads(value or b"null")
    data = said.get("data") if isinstance(said, dict) and "specversion" in said else said
    try:
        type(event).model_validate_json(json.dumps(data), extra="forbid")
    except ValidationError as error:
        return explain(error)
    return None

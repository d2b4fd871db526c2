"""A record as far as somebody has looked at it: parsed when a filter asks, decoded when it is shown."""

import json
from functools import cached_property
from typing import Any

from consumers.log import Record
from consumers.seen import Reader, Seen, type_in
from schemas.codec import CONTENT_TYPE


class Look:
    """Nothing of it is computed before it is asked for, and then once: most records of a busy topic are not shown."""

    def __init__(self, record: Record, reader: Reader) -> None:
        self.record = record
        self._reader = reader

    @cached_property
    def document(self) -> Any:
        """The CloudEvent as one JSON object, whichever mode it was written in; None for what is not JSON.

        Of another record, whatever JSON its value is.
        """
        try:
            value = json.loads(self.record.value or b"")
        except (ValueError, RecursionError):
            value = None
        headers = self.record.headers
        if headers and headers[0][1] == CONTENT_TYPE:
            return value
        attributes = {n[3:].lower(): (v or b"").decode(errors="replace") for n, v in headers if n.lower()[:3] == "ce_"}
        return {**attributes, "data": value} if "type" in attributes else value

    @cached_property
    def type(self) -> str:
        """The CloudEvents type it claims; empty when it claims none."""
        return type_in(self.document)

    @cached_property
    def seen(self) -> Seen:
        """The event, or why it is none."""
        return self._reader.read(self.record)

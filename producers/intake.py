"""Events as upstream systems write them, CloudEvents in JSON, checked before they are sent."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from producers.errors import Refused
from schemas.codec import Decoder, Unreadable
from schemas.envelope import Event

REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")
KEPT = frozenset((*REQUIRED, "datacontenttype", "dataschema", "causationid", "correlationid", "traceparent"))

_JSON = re.compile(r"application/(.+\+)?json\b", re.IGNORECASE)


class Intake:
    """Checks events against the types that exist. Fields that a type does not have are refused, not dropped."""

    def __init__(self, types: Mapping[str, type[Event]]) -> None:
        self._types = types
        self._decoders: dict[str, Decoder] = {}

    def parse(self, text: str | bytes) -> Event:
        """One event from its JSON. Raises Refused, naming the field and what is wrong, never its value."""
        try:
            attributes = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Refused(f"not JSON: {error}") from error
        if not isinstance(attributes, dict):
            raise Refused("not a JSON object: an event is one, with " + ", ".join(REQUIRED))
        return self.check(attributes)

    def check(self, attributes: Mapping[str, Any]) -> Event:
        """One event from its attributes. Raises as parse does."""
        decoder = self._decoder(attributes.get("type"))
        if missing := [name for name in REQUIRED if attributes.get(name) is None]:
            raise Refused(f"{', '.join(missing)}: required")
        if unknown := sorted(attributes.keys() - KEPT):
            raise Refused(f"{', '.join(unknown)}: no such attribute; what happened belongs into data")
        if not isinstance(attributes["data"], dict):
            raise Refused("data: not a JSON object")
        if not _JSON.match(str(attributes.get("datacontenttype") or "application/json")):
            raise Refused("datacontenttype: data must be JSON")
        try:
            return decoder.parse(attributes)
        except Unreadable as error:
            raise Refused(str(error)) from error

    def _decoder(self, name: object) -> Decoder:
        if not isinstance(name, str) or not name:
            raise Refused("type: required, such as hr.employee.hired")
        if name not in self._decoders:
            if name not in self._types:
                near = get_close_matches(name, self._types, 1)
                hint = f"; did you mean {near[0]}?" if near else "; `backoffice emit --list` shows them"
                raise Refused(f"type: there is no event type of this name{hint}")
            self._decoders[name] = Decoder((self._types[name],))
        return self._decoders[name]

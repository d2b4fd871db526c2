"""The query parameters that choose alerts, groups and silences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from starlette.datastructures import QueryParams

from consumers.api.errors import Refusal
from consumers.api.ports import Matcher, Rules
from consumers.api.suppression import Status
from schemas.alerts import SilenceMatcher

_TRUE = frozenset(("true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"))
"""What go-openapi takes for true; all else is false."""


RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts somebody wants to see."""

    matchers: Sequence[Matcher]
    receiver: Matcher | None
    active: bool
    silenced: bool
    inhibited: bool
    muted: bool

    @classmethod
    def read(cls, query: QueryParams, rules: Rules) -> Self:
        """Raises Refusal. `unprocessed` is taken and has no meaning, here as in Alertmanager itself."""
        return cls(
            matchers(query.getlist("filter"), rules),
            _receiver(query.get("receiver"), rules),
            *(_flag(query.get(name)) for name in ("active", "silenced", "inhibited", "muted")),
        )

    def takes(self, status: Status) -> bool:
        """Whether an alert that stands so is wanted."""
        if not (self.active or status.suppressed):
            return False
        return (self.silenced or not status.silenced_by) and (self.inhibited or not status.inhibited_by)

    def takes_receivers(self, receivers: Iterable[str]) -> bool:
        return self.receiver is None or any(self.receiver.matches({RECEIVER: name}) for name in receivers)


def matchers(texts: Iterable[str], rules: Rules) -> list[Matcher]:
    """The matchers of `filter` parameters. Raises Refusal."""
    try:
        return [rules.matcher(text) for text in texts]
    except ValueError as error:
        raise Refusal(f"bad matcher format: {error}") from error


def _receiver(text: str | None, rules: Rules) -> Matcher | None:
    if not text:
        return None
    try:
        return rules.silence_matcher(SilenceMatcher(name=RECEIVER, value=text, is_regex=True))
    except ValueError as error:
        raise Refusal(f"failed to parse receiver param: error parsing regexp: {error}") from error


def _flag(text: str | None) -> bool:
    return not text or text.lower() in _TRUE

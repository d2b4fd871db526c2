"""What the API needs from the rest of the program, which `backoffice` hands in: rules to ask, and a log to write to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from consumers.oncall import Duties
from schemas.alerts import Alert, Group, SilenceMatcher
from schemas.envelope import Event

Inhibitors = Callable[[Alert], Sequence[str]]
"""The fingerprints of the alerts that inhibit one; none when nothing does."""


class Matcher(Protocol):
    """One condition on one label. `operator` is `=`, `!=`, `=~` or `!~`."""

    @property
    def name(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def value(self) -> str: ...
    def matches(self, labels: Mapping[str, str]) -> bool: ...


_OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


def operator(matcher: SilenceMatcher) -> str:
    """A silence's matcher says in two words what others say in one."""
    return _OPERATORS[matcher.is_equal, matcher.is_regex]


class Rules(Protocol):
    """What alerting makes of alerts, silences and groups: pure functions over the configuration."""

    @property
    def receivers(self) -> Sequence[str]:
        """Everybody who can be told."""
        ...

    @property
    def resolve_timeout(self) -> timedelta:
        """After which an alert posted without an end counts as ended."""
        ...

    @property
    def configuration(self) -> str:
        """The part of the configuration that Alertmanager knows, as its file would say it."""
        ...

    def routed_to(self, labels: Mapping[str, str]) -> Sequence[str]:
        """The receivers that the route tree names for an alert with these labels."""
        ...

    def matcher(self, text: str) -> Matcher:
        """The matcher that a text says. Raises ValueError."""
        ...

    def silence_matcher(self, matcher: SilenceMatcher) -> Matcher:
        """The same of a silence's. Raises ValueError when its regular expression is not valid."""
        ...

    def inhibitors(self, firing: Iterable[Alert]) -> Inhibitors:
        """Who inhibits whom among these alerts."""
        ...

    def muted_by(self, group: Group, at: datetime) -> Sequence[str]:
        """The time intervals because of which a group's receiver is not told at this instant."""
        ...


class Said(NamedTuple):
    """An event to put on the log. `id` None: a new one."""

    event: Event
    subject: str
    id: str | None = None


class NotWritten(Exception):
    """The log did not take it, or did not say that it did. Sending it again is safe where it has an id of its own."""


class NotTaken(NotWritten):
    """The log will never take it as it is: too large, as a rule."""


class Calendars(Protocol):
    """The organisation's on-call schedules."""

    @property
    def schedules(self) -> Sequence[str]: ...

    @property
    def users(self) -> Sequence[str]: ...

    def feed(self, schedule: str, duties: Duties, now: datetime, user: str | None = None) -> bytes:
        """As an iCalendar file, of all its duties or one user's."""
        ...


class Outbox(Protocol):
    """Writes to the log."""

    def write(self, said: Sequence[Said]) -> Sequence[int]:
        """Returns once all of it is on the log, in this order, with the offset of each. Raises NotWritten."""
        ...

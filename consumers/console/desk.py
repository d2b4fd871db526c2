"""What the console's pages need from the rest of the program. `backoffice/console.py` fills it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple, Protocol

from consumers.api.service import Service
from consumers.console.duty import Rota
from consumers.console.live import Live
from consumers.console.pulse import Pulse
from consumers.console.rulebook import RuleBook
from consumers.console.signing_in.people import Role
from consumers.console.signing_in.sessions import Sessions
from consumers.console.stories import Stories
from consumers.console.system import Sampler
from consumers.console.trying import Trying
from consumers.dead_letters.dealing import Dealing
from consumers.lookup.looking import LookUp, Record
from consumers.reports.desk import Reports
from consumers.streams.topics import Streams
from consumers.verdicts import Verdicts
from schemas.privacy import Kind


class Step(NamedTuple):
    """A step of an escalation policy: whom it tells, and how long the ones before them have."""

    targets: tuple[str, ...]
    after: timedelta


class Climbing(Protocol):
    """How alerts climb, as the configuration has it."""

    def steps(self, policy: str) -> Sequence[Step]:
        """A policy's steps, as often as they are gone through; none for one that is not known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """All of it. A part that is None is not there in this program, and its pages say so."""

    space: str
    url: str | None
    """The address that people see, where a proxy stands before it."""
    service: Service
    sessions: Sessions
    live: Live
    pulse: Pulse
    stories: Stories
    climbing: Climbing
    rota: Rota
    rulebook: RuleBook
    verdicts: Verdicts
    trying: Trying
    sampler: Sampler
    record: Record
    """Puts a look at something on the log, before it is shown."""
    inboxes: Mapping[str, str]
    """The topic, without its space, that each department reads."""
    streams: Streams | None = None
    letters: Dealing | None = None
    """The dead letters, and what can be done with them."""
    look_up: LookUp | None = None
    may_see: Callable[[Role], frozenset[Kind]] = lambda role: frozenset()
    """Which private fields somebody of a role sees."""
    reports: Reports | None = None

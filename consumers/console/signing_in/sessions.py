"""Sessions: who is signed in, kept here and not in the cookie, so that signing out ends it wherever the cookie went."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer

from consumers.console.signing_in.people import NotAllowed, Person, Role

MOST = 10_000
"""Sessions at once; beyond, the one that was used longest ago ends."""


@dataclass(slots=True, eq=False)
class Session:
    """Somebody's stay. `form_token` goes with forms of its pages. Times are the clock's, in seconds."""

    person: Person
    form_token: str
    began: float
    used: float
    ended: bool = False


class Sessions:
    """Every session there is. A restart of the program ends them all."""

    def __init__(self, idle: float, longest: float, clock: Callable[[], float] = time.monotonic) -> None:
        """They end after `idle` seconds without a request or an action, and `longest` after they began."""
        self.longest = longest
        self._idle = idle
        self._clock = clock
        self._signer = Signer(secrets.token_bytes(32), salt="backoffice.session", digest_method=hashlib.sha256)
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def open(self, person: Person) -> str:
        """A new session; returns what its cookie says."""
        id = secrets.token_urlsafe(32)
        now = self._clock()
        self._sessions[_key(id)] = Session(person, secrets.token_urlsafe(32), now, now)
        while len(self._sessions) > MOST:
            self._end(next(iter(self._sessions)))
        return self._signer.sign(id).decode()

    def find(self, cookie: str | None) -> Session | None:
        """The session of a cookie; using it keeps it."""
        if not cookie:
            return None
        try:
            key = _key(self._signer.unsign(cookie).decode())
        except BadSignature:
            return None
        session = self._sessions.get(key)
        if session is None:
            return None
        if not self.is_open(session):
            self._end(key)
            return None
        session.used = self._clock()
        self._sessions.move_to_end(key)
        return session

    @property
    def count(self) -> int:
        """How many are open; from any thread."""
        return sum(self.is_open(session) for session in list(self._sessions.values()))

    def is_open(self, session: Session) -> bool:
        """Whether it still holds. Asking does not count as using it."""
        now = self._clock()
        return not session.ended and now - session.used < self._idle and now - session.began < self.longest

    def allow(self, session: Session, least: Role) -> Person:
        """Who acts, if they may: asked at each action, whatever buttons the page shows. Raises NotAllowed."""
        if not self.is_open(session):
            raise NotAllowed("You are not signed in any more.")
        if not session.person.role.includes(least):
            raise NotAllowed(f"This needs the role of {least}; you are {session.person.role}.")
        session.used = self._clock()
        return session.person

    def close(self, session: Session) -> None:
        """They have signed out."""
        session.ended = True
        for key in [key for key, each in self._sessions.items() if each is session]:
            del self._sessions[key]

    def _end(self, key: bytes) -> None:
        self._sessions.pop(key).ended = True


def _key(id: str) -> bytes:
    """What is kept of an id: whoever reads this memory later cannot use it."""
    return hashlib.sha256(id.encode()).digest()

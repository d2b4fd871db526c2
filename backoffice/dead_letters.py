"""Dead letters as the program deals with them: every processor's inbox, and one writer at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from backoffice.registry import processors
from consumers.api.ports import NotTaken, NotWritten
from consumers.dead_letters.box import LetterBox
from consumers.dead_letters.dealing import Dealing, Writer
from consumers.dead_letters.resending import MOST_TRIES, Inbox, Inboxes, Sending
from producers.errors import NotSent, Refused
from producers.transactions import Raw, Transactions
from schemas.codec import Decoder
from schemas.topics import Space

REPLAYED = (
    "this is a replay space: all it says follows from its feed, in the feed's order, and the slice of time that a "
    "letter belongs to is closed. Mend the rule or the feed, and feed a new space (`backoffice import`, `simulate`)"
)


def inboxes() -> Inboxes:
    """What each inbox takes."""
    return {p.inbox: Inbox(Decoder(p.events), one_key=p.single) for p in processors()}


def dealing(bootstrap_servers: str, space: Space, most_tries: int = MOST_TRIES) -> Dealing:
    """Nothing is connected here."""

    @contextmanager
    def opening() -> Iterator[Writer]:
        try:
            with Transactions(bootstrap_servers, f"{space.name}.dead-letters") as transactions:
                yield _Writer(transactions, space)
        except NotSent as error:
            raise NotWritten(str(error)) from error

    closed = REPLAYED if space.replay else ""
    return Dealing(LetterBox(bootstrap_servers, space), inboxes(), opening, most_tries, closed)


@dataclass(frozen=True, slots=True)
class _Writer:
    """The log as letters reach it."""

    transactions: Transactions
    space: Space

    def write(self, records: Sequence[Sending]) -> None:
        try:
            self.transactions.write([self._raw(record) for record in records])
        except Refused as error:
            raise NotTaken(str(error)) from error
        except NotSent as error:
            raise NotWritten(str(error)) from error

    def _raw(self, record: Sending) -> Raw:
        return Raw(self.space.topic(record.topic), record.key, record.value, record.headers, record.partition)

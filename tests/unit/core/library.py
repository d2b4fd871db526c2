"""A lending library: the tests' own department, small, that does everything a department may do."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from processors.fold import Fold
from processors.processor import Aggregate, Processor
from processors.records import Output, Record
from processors.row import Row
from processors.rows import Rows
from processors.rule import Rule
from processors.seen import MemorySeen
from processors.step import State, Step
from processors.store import from_ms, to_ms
from schemas.codec import HEADERS, Headers, encode
from schemas.envelope import About, Event, Instant
from schemas.processing import DeadlinePassed, SettingsChanged, Tick
from schemas.settings import Settings

OPENING = datetime(2026, 1, 5, 8, tzinfo=UTC)


class LibraryEvent(Event, topic="events.library", kind="member"):
    """What happens in a lending library."""


class BookLent(LibraryEvent, type="library.book.lent"):
    book: str
    due: Instant


class BookReturned(LibraryEvent, type="library.book.returned"):
    book: str


class BookReserved(LibraryEvent, type="library.book.reserved"):
    """Kept on the shelf for this member until then."""

    book: str
    until: Instant


class ReservationWithdrawn(LibraryEvent, type="library.reservation.withdrawn"):
    book: str


class FinesPaid(LibraryEvent, type="library.fines.paid"):
    """All of them."""


class ShelvesCounted(LibraryEvent, type="library.shelves.counted"):
    """These, and no others, are the books that the member has."""

    books: tuple[str, ...] = ()


class CardLost(LibraryEvent, type="library.card.lost"):
    """The rules for it have a mistake."""


class DoorOpened(LibraryEvent, type="library.door.opened", kind="room"):
    """Somebody came into a room."""


class Anything(LibraryEvent, type="library.anything.happened"):
    """Of any kind, as only a few events are."""


Anything.kind = ""


class LibraryFact(Event, type="facts.library.fined", topic="facts"):
    """A member was fined."""

    fines: int


class LibrarySettings(Settings):
    fine: int = 1
    """In whole euros."""
    remind_after: timedelta = timedelta(minutes=30)


OVERDUE = Rule("library.overdue", "warning", "a book is out longer than agreed", "it is back", distinguish=("book",))
INDEBTED = Rule("library.indebted", "error", "a member owes more than five euros", "the fines are paid")


@dataclass(frozen=True)
class Loan:
    due: datetime
    reminders: int = 0


@dataclass(frozen=True, kw_only=True)
class Member(State):
    fines: int = 0
    last_seen: datetime | None = None
    settings: LibrarySettings = field(default_factory=LibrarySettings)
    loans: Rows[Loan] = field(default_factory=Rows)
    reserved: Rows[str] = field(default_factory=Rows)


@dataclass(frozen=True, kw_only=True)
class Room(State):
    visitors: int = 0


def member_step(member: Member, event: Event, at: datetime) -> Step[Member]:
    match event:
        case BookLent(book=book, due=due):
            member = member.evolve(loans=member.loans.put(book, Loan(due)), last_seen=at)
            return Step(member.awaits(f"overdue/{book}", due))
        case BookReturned(book=book):
            loans = member.loans.drop(book)
            step = Step(member.evolve(loans=loans, reserved=member.reserved.drop(book), last_seen=at))
            step = step.awaits(f"overdue/{book}", None).awaits(f"reminder/{book}", None)
            return step.resolves(OVERDUE, at, "the book is back", by=[event], book=book)
        case BookReserved(book=book, until=until):
            return Step(member.evolve(reserved=member.reserved.put(book, until.isoformat(), until)))
        case ReservationWithdrawn(book=book):
            return Step(member.evolve(reserved=member.reserved.drop(book)))
        case FinesPaid():
            return Step(member.evolve(fines=0)).resolves(INDEBTED, at, "the fines are paid", by=[event])
        case ShelvesCounted(books=books):
            return Step(member.evolve(loans=Rows({book: Loan(at) for book in books}), last_seen=None))
        case CardLost():
            raise RuntimeError("nobody thought of lost cards")
        case DeadlinePassed(name=name, due=due):
            return deadline(member, name, due, at)
    return Step(member)


def deadline(member: Member, name: str, due: datetime, at: datetime) -> Step[Member]:
    what, _, book = name.partition("/")
    if book == "haunted":
        raise RuntimeError("the rule for haunted books has a mistake")
    if book == "sticky":
        return Step(member.awaits(f"{what}/{book}", due))
    fined = member.evolve(fines=member.fines + member.settings.fine)
    step = Step(fined).emits("library/fines", LibraryFact(fines=fined.fines))
    if what == "overdue":
        reserved = ", which somebody waits for" if book in member.reserved else ""
        step = step.fires(OVERDUE, at, f"{book} is overdue{reserved}", labels={"book": book}, due=due)
        step = step.awaits(f"reminder/{book}", due + member.settings.remind_after)
    elif (loan := member.loans.get(book)) is not None and loan.reminders < 2:
        step = step.evolve(loans=member.loans.put(book, Loan(loan.due, loan.reminders + 1)))
        step = step.awaits(f"reminder/{book}", due + member.settings.remind_after)
    return step.fires(INDEBTED, at, f"{fined.fines} EUR are owed") if fined.fines > 5 else step


def room_step(room: Room, event: Event, at: datetime) -> Step[Room]:
    return Step(room.evolve(visitors=room.visitors + 1)) if isinstance(event, DoorOpened) else Step(room)


library = Processor(
    name="library",
    inbox="events.library",
    events=(
        BookLent,
        BookReturned,
        BookReserved,
        ReservationWithdrawn,
        FinesPaid,
        ShelvesCounted,
        CardLost,
        DoorOpened,
        Anything,
    ),
    aggregates={"member": Aggregate(Member, member_step), "room": Aggregate(Room, room_step)},
    settings=LibrarySettings,
    rules=(OVERDUE, INDEBTED),
)


def minutes(n: float) -> datetime:
    """So many minutes after opening."""
    return OPENING + timedelta(minutes=n)


class Desk:
    """The library's desk: writes the log of one partition, and folds it."""

    def __init__(self, fold: Fold | None = None) -> None:
        self.fold = fold or Fold(library)
        self.now = OPENING
        self.log: list[Record] = []
        self.outputs: list[Output] = []

    def at(self, when: datetime) -> Self:
        """What follows is stamped with this time, which may be earlier than before."""
        self.now = when
        return self

    def hears(
        self,
        event: Event,
        member: str = "member/ada",
        *,
        id: str | None = None,
        source: str = "/tests",
        key: str | None = "",
        headers: Headers = HEADERS,
    ) -> list[Output]:
        """The event about a member arrives; what came of it. `key` None: the record has none; "": the subject."""
        about = About(id or f"e{len(self.log)}", source, member, self.now)
        record_key = None if key is None else (key or member).encode()
        return self.reads(encode(event, about), record_key, headers)

    def reads(self, value: bytes | None, key: bytes | None = b"member/ada", headers: Headers = HEADERS) -> list[Output]:
        """Any record arrives."""
        record = Record("events.library", self.fold.partition, len(self.log), to_ms(self.now), key, value, headers)
        self.log.append(record)
        came = list(self.fold.apply(record))
        self.outputs += came
        return came

    def ticks(self, when: datetime) -> list[Output]:
        """Time passes until then."""
        return self.at(when).hears(Tick(partition=0), "partition/0", key=None)

    def told(self, processor: str = "library", **settings: object) -> list[Output]:
        """Settings are put on record."""
        return self.hears(SettingsChanged(processor=processor, settings=settings), "partition/0", key=None)

    def member(self, key: str = "member/ada") -> Member:
        state = self.fold.states().get(key, Member(key=key))
        assert isinstance(state, Member)
        return state


def through_the_changelog(rows: Iterable[Row]) -> list[Row]:
    """Rows as they come back: instants in whole milliseconds, which is what the header holds."""
    return [row._replace(until=row.until and from_ms(to_ms(row.until))) for row in rows]


def compacted(rows: Iterable[Row]) -> list[Row]:
    """What the broker's compaction leaves: the last row of each key, and none of those dropped."""
    last: dict[bytes, Row] = {}
    for row in rows:
        last.pop(row.key, None)
        last[row.key] = row
    return [row for row in last.values() if row.value is not None]


def restarted(fold: Fold, rows: Iterable[Row]) -> Fold:
    """A new owner of the partition, who knows nothing but the changelog."""
    fresh = Fold(fold.processor, fold.partition, fold._belongs_to, timedelta(milliseconds=fold._seen_window))
    fresh.weighs = fold.weighs
    fresh.restore(rows)
    return fresh


def partition_of(key: bytes, partitions: int = 4) -> int:
    return zlib.crc32(key) % partitions


def held(state: State) -> State:
    """The state as it is now: the rows of a fold's own state follow what comes after."""
    rows = {name: value for name, value in vars(state).items() if isinstance(value, Rows)}
    return state.evolve(**{name: Rows(dict(value)) for name, value in rows.items()})


def known_keys(fold: Fold) -> list[str]:
    """Every key of which something is remembered."""
    return list(fold.store.keys())


def ids_seen(fold: Fold) -> set[str]:
    """Which events would not be applied again."""
    seen = fold.store.shelf.seen
    assert isinstance(seen, MemorySeen)
    return set(seen._events)


def all_known(fold: Fold) -> dict[str, object]:
    """Everything that a fold knows, to be compared with another's."""
    states = fold.states()
    return {
        "states": {key: held(state) for key, state in states.items()},
        "seen": ids_seen(fold),
        "deadlines": {(key, name): at for key, state in states.items() for name, at in state.deadlines.items()},
        "earliest": fold.store.agenda.earliest,
        "clock": fold.clock,
        "settings": fold.settings,
        "next offset": fold.next_offset,
    }

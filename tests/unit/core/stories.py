"""Stories of a lending library, told by Hypothesis: any records in any order, and how they fall into batches."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from processors.fold import Fold
from processors.records import Output, Record
from schemas.envelope import Event
from schemas.processing import SettingsChanged, Tick
from tests.unit.core.library import (
    OPENING,
    Anything,
    BookLent,
    BookReserved,
    BookReturned,
    CardLost,
    Desk,
    DoorOpened,
    FinesPaid,
    ReservationWithdrawn,
    ShelvesCounted,
    library,
)

WINDOW = timedelta(hours=2)
"""Short, so that seen ids are forgotten within a story."""

BOOKS = st.sampled_from(["dune", "emma", "haunted", "sticky"])
INSTANTS = st.one_of(
    st.integers(-60, 400).map(lambda n: OPENING + timedelta(minutes=n)),
    st.integers(0, 20_000).map(lambda n: OPENING + timedelta(microseconds=n * 100)),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(BookLent, book=BOOKS, due=INSTANTS),
    st.builds(BookLent, book=BOOKS, due=INSTANTS),
    st.builds(BookReturned, book=BOOKS),
    st.builds(BookReserved, book=BOOKS, until=INSTANTS),
    st.builds(ReservationWithdrawn, book=BOOKS),
    st.builds(ShelvesCounted, books=st.lists(BOOKS, max_size=2).map(tuple)),
    st.sampled_from([FinesPaid(), CardLost(), Anything()]),
)


@dataclass(frozen=True)
class Moment:
    """One record, and how much later (or earlier) than the one before it is stamped."""

    after: timedelta
    event: Event | bytes | None
    whose: str
    id: str | None = None


AFTER = st.sampled_from([-5 * 60_000, 0, 0, 1, 2, 60_000, 10 * 60_000, 60 * 60_000, 130 * 60_000]).map(
    lambda ms: timedelta(milliseconds=ms)
)
IDS = st.sampled_from([None, None, None, "twice", "again"])
MOMENTS = st.one_of(
    st.builds(Moment, AFTER, EVENTS, st.sampled_from(["member/ada", "member/bob"]), IDS),
    st.builds(Moment, AFTER, EVENTS, st.sampled_from(["member/ada", "member/bob"]), IDS),
    st.builds(Moment, AFTER, st.just(DoorOpened()), st.just("room/1"), IDS),
    st.builds(Moment, AFTER, st.just(Tick(partition=0)), st.just("partition/0")),
    st.builds(
        lambda after, fine: Moment(after, SettingsChanged(processor="library", settings={"fine": fine}), "partition/0"),
        AFTER,
        st.sampled_from([1, 3, "many"]),
    ),
    st.builds(Moment, AFTER, st.sampled_from([None, b"", b"{}", b"not JSON"]), st.just("member/ada")),
)
STORIES = st.lists(MOMENTS, max_size=30)
_TITLES = st.sampled_from(["dune", "emma"])
_SOON = st.sampled_from([20, 40, 60]).map(lambda n: OPENING + timedelta(minutes=n))
MORNINGS = st.lists(
    st.builds(
        Moment,
        st.sampled_from([0, 1, 5]).map(lambda n: timedelta(minutes=n)),
        st.one_of(
            st.builds(BookLent, book=_TITLES, due=_SOON),
            st.builds(BookReserved, book=_TITLES, until=_SOON),
            st.builds(BookReturned, book=_TITLES),
            st.builds(ReservationWithdrawn, book=_TITLES),
            st.just(FinesPaid()),
        ),
        st.just("member/ada"),
        IDS,
    ),
    min_size=1,
    max_size=8,
)
"""One member and two books before most is due: what is waited for is moved and dropped as often as it passes."""

CUTS = st.lists(st.integers(0, 30), max_size=4)


def written(story: Iterable[Moment]) -> list[Record]:
    """The story as the log of one partition; and a day later, a tick."""
    desk = Desk()
    for moment in [*story, Moment(timedelta(days=1), Tick(partition=0), "partition/0")]:
        desk.at(desk.now + moment.after)
        if isinstance(moment.event, Event):
            key = None if moment.whose.startswith("partition/") else moment.whose
            desk.hears(moment.event, moment.whose, id=moment.id, key=key)
        else:
            desk.reads(moment.event)
    return desk.log


def opened() -> Fold:
    """The library's partition before anything has happened."""
    return Fold(library, seen_window=WINDOW)


def said_by(fold: Fold, log: Iterable[Record]) -> list[Output]:
    return [output for record in log for output in fold.apply(record)]


def uninterrupted(log: Iterable[Record]) -> tuple[list[Output], Fold]:
    fold = opened()
    return said_by(fold, log), fold


def batches(cuts: list[int], length: int) -> list[tuple[int, int]]:
    """(begin, end) of each batch of a log of this length, cut at these places."""
    ends = sorted({min(cut, length) for cut in cuts} | {length})
    return list(zip([0, *ends], ends, strict=False))

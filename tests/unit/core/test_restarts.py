"""Crash where you like: what comes out, and what is known afterwards, is as if nothing had happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.fold import Fold
from processors.records import Output, Record
from processors.store import Row
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
    all_known,
    compacted,
    library,
    restarted,
    through_the_changelog,
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


def uninterrupted(log: Iterable[Record]) -> tuple[list[Output], Fold]:
    fold = Fold(library, seen_window=WINDOW)
    return [output for record in log for output in fold.apply(record)], fold


@settings(max_examples=150, deadline=None)
@given(STORIES, CUTS, st.booleans())
def test_a_partition_that_changes_hands_says_and_knows_what_it_would_have_anyway(
    story: list[Moment], cuts: list[int], cleaned: bool
) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, changelog, outputs = Fold(library, seen_window=WINDOW), list[Row](), list[Output]()
    for begin, end in _between(cuts, len(log)):
        outputs += [output for record in log[begin:end] for output in fold.apply(record)]
        changelog += through_the_changelog(fold.take_changes())
        fold = restarted(fold, compacted(changelog) if cleaned else changelog)
    assert outputs == expected
    assert all_known(fold) == all_known(through)


@settings(max_examples=60, deadline=None)
@given(STORIES, CUTS, st.integers(0, 30))
def test_a_batch_that_was_never_committed_is_folded_again_with_the_same_words(
    story: list[Moment], cuts: list[int], lost: int
) -> None:
    log = written(story)
    expected, _ = uninterrupted(log)
    fold, changelog, outputs = Fold(library, seen_window=WINDOW), list[Row](), list[Output]()
    for begin, end in _between(cuts, len(log)):
        for record in log[begin : min(end, begin + lost)]:
            fold.apply(record)  # the owner dies before the commit
        fold = restarted(fold, changelog)
        assert fold.next_offset == begin
        outputs += [output for record in log[begin:end] for output in fold.apply(record)]
        changelog += through_the_changelog(fold.take_changes())
    assert outputs == expected


@settings(max_examples=60, deadline=None)
@given(STORIES, CUTS)
def test_how_records_are_batched_changes_neither_what_is_said_nor_what_is_kept(
    story: list[Moment], cuts: list[int]
) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, changelog = Fold(library, seen_window=WINDOW), list[Row]()
    outputs = []
    for begin, end in _between(cuts, len(log)):
        outputs += [output for record in log[begin:end] for output in fold.apply(record)]
        rows = fold.take_changes()
        assert len({row.key for row in rows}) == len(rows), "a row is written once in a batch, however often it changed"
        changelog += rows
    assert outputs == expected
    assert set(compacted(changelog)) == set(compacted(through.take_changes()))


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_a_changelog_holds_rows_only_of_what_is_known(story: list[Moment]) -> None:
    _, fold = uninterrupted(written(story))
    kept = {row.key for row in compacted(fold.take_changes())}
    again = restarted(fold, [])
    assert (len(kept) == 1) == (all_known(fold)["states"] == {} == all_known(again)["states"])


def _between(cuts: list[int], length: int) -> list[tuple[int, int]]:
    ends = sorted({min(cut, length) for cut in cuts} | {length})
    return list(zip([0, *ends], ends, strict=False))

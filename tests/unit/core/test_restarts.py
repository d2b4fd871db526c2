"""Crash where you like: what comes out, and what is known afterwards, is as if nothing had happened."""

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.records import Output
from processors.row import Row, read_row_key
from processors.seen import SEEN
from tests.unit.core.library import all_known, compacted, ids_seen, restarted, through_the_changelog
from tests.unit.core.stories import CUTS, STORIES, Moment, batches, opened, said_by, uninterrupted, written


@settings(max_examples=150, deadline=None)
@given(STORIES, CUTS, st.booleans())
def test_a_partition_that_changes_hands_says_and_knows_what_it_would_have_anyway(
    story: list[Moment], cuts: list[int], cleaned: bool
) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, changelog, outputs = opened(), list[Row](), list[Output]()
    for begin, end in batches(cuts, len(log)):
        outputs += said_by(fold, log[begin:end])
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
    fold, changelog, outputs = opened(), list[Row](), list[Output]()
    for begin, end in batches(cuts, len(log)):
        for record in log[begin : min(end, begin + lost)]:
            fold.apply(record)  # the owner dies before the commit
        fold = restarted(fold, changelog)
        assert fold.next_offset == begin
        outputs += said_by(fold, log[begin:end])
        changelog += through_the_changelog(fold.take_changes())
    assert outputs == expected


@settings(max_examples=60, deadline=None)
@given(STORIES, CUTS)
def test_how_records_are_batched_changes_neither_what_is_said_nor_what_is_kept(
    story: list[Moment], cuts: list[int]
) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, changelog = opened(), list[Row]()
    outputs = []
    for begin, end in batches(cuts, len(log)):
        outputs += said_by(fold, log[begin:end])
        rows = fold.take_changes()
        assert len({row.key for row in rows}) == len(rows), "a row is written once in a batch, however often it changed"
        changelog += rows
    assert outputs == expected
    assert set(compacted(changelog)) == set(compacted(through.take_changes()))


@settings(max_examples=60, deadline=None)
@given(STORIES)
def test_a_changelog_holds_rows_only_of_what_is_known(story: list[Moment]) -> None:
    _, fold = uninterrupted(written(story))
    states, seen = fold.states(), ids_seen(fold)
    kept = [read_row_key(row.key) for row in compacted(fold.take_changes()) if row.key]
    assert {key for key, _, _ in kept if key} == states.keys()
    assert any(collection == SEEN for _, collection, _ in kept) == bool(seen)

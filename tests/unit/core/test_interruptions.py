"""Whatever interrupts a partition, rollbacks, crashes, hand-overs, eviction: it says and knows the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import collection, store
from processors.records import Output
from processors.row import Row
from tests.unit.core.library import all_known, compacted, restarted, through_the_changelog
from tests.unit.core.stories import CUTS, MORNINGS, STORIES, Moment, batches, opened, said_by, uninterrupted, written

EITHER = MORNINGS | STORIES


@settings(max_examples=150, deadline=None)
@given(EITHER, EITHER, EITHER, st.booleans())
def test_a_batch_that_was_taken_back_might_as_well_never_have_been_read(
    story: list[Moment], undone: list[Moment], instead: list[Moment], weighs: bool
) -> None:
    begun = written(story)[:-1]  # without the tick a day later, which ends every story
    mistaken, ended = (written([*story, *later])[len(begun) :] for later in (undone, instead))
    folds = opened(), opened()
    for fold in folds:
        fold.weighs = weighs
        said_by(fold, begun)
        fold.take_changes()
    through, fold = folds
    said_by(fold, mistaken)
    fold.rollback()
    assert fold.counts == through.counts
    assert said_by(fold, ended) == said_by(through, ended)
    assert all_known(fold) == all_known(through)
    assert fold.counts == through.counts
    assert set(fold.take_changes()) == set(through.take_changes())


@settings(max_examples=100, deadline=None)
@given(EITHER, CUTS, st.integers(1, 3))
def test_a_batch_may_be_taken_back_as_often_as_one_likes(story: list[Moment], cuts: list[int], often: int) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, outputs = opened(), list[Output]()
    for begin, end in batches(cuts, len(log)):
        for n in range(often):
            said_by(fold, log[begin : end - n])
            fold.rollback()
            assert fold.next_offset == begin
        outputs += said_by(fold, log[begin:end])
        fold.take_changes()
    assert outputs == expected
    assert all_known(fold) == all_known(through)
    assert fold.counts == through.counts


TURNS = st.sampled_from(["goes on", "changes hands", "crashes", "is rolled back", "is rolled back, then crashes"])


@settings(max_examples=200, deadline=None)
@given(
    story=EITHER,
    cuts=st.lists(st.integers(0, 30), max_size=8),
    turns=st.lists(TURNS, min_size=9, max_size=9),
    hot=st.sampled_from([(0, 0), (1, 1), (2, 0), (20_000, 10_000)]),
    lost=st.integers(0, 5),
)
def test_whatever_becomes_of_its_owner_a_partition_says_and_knows_the_same(
    story: list[Moment], cuts: list[int], turns: list[str], hot: tuple[int, int], lost: int
) -> None:
    log = written(story)
    expected, through = uninterrupted(log)
    fold, changelog, outputs = opened(), list[Row](), list[Output]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "HOT_KEYS", hot[0])
        patch.setattr(collection, "HOT_ROWS", hot[1])
        for (begin, end), turn in zip(batches(cuts, len(log)), turns, strict=False):
            if "rolled back" in turn:
                said_by(fold, log[begin:end])
                fold.rollback()
            if "crashes" in turn:
                said_by(fold, log[begin : max(begin, end - lost)])
                fold = restarted(fold, changelog)
            assert fold.next_offset == begin
            outputs += said_by(fold, log[begin:end])
            changelog += through_the_changelog(fold.take_changes())
            if turn == "changes hands":
                fold = restarted(fold, compacted(changelog))
    assert outputs == expected
    assert all_known(fold) == all_known(through)
    assert set(compacted(changelog)) == set(compacted(through.take_changes()))

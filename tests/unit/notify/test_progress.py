"""Offsets are committed only past what is done."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.notify.progress import Progress


def test_the_oldest_under_way_holds_the_offset() -> None:
    progress: Progress[str] = Progress()
    for offset in (5, 6, 9):
        progress.take("p", offset)
    progress.done("p", 6)
    progress.done("p", 9)
    assert progress.take_commits() == {}
    progress.done("p", 5)
    assert progress.take_commits() == {"p": 10}
    assert (progress.take_commits(), progress.outstanding) == ({}, 0)


def test_a_partition_that_was_taken_away_is_committed_no_more() -> None:
    progress: Progress[str] = Progress()
    progress.take("p", 1)
    progress.take("q", 1)
    progress.forget(["p"])
    progress.done("p", 1)
    progress.done("q", 1)
    assert progress.take_commits() == {"q": 2}


@given(st.sets(st.integers(0, 50), min_size=1).map(sorted), st.data())
def test_nothing_under_way_is_ever_passed(offsets: list[int], data: st.DataObject) -> None:
    progress: Progress[str] = Progress()
    for offset in offsets:
        progress.take("p", offset)
    under_way = set(offsets)
    for offset in data.draw(st.permutations(offsets)):
        progress.done("p", offset)
        under_way.remove(offset)
        committed = progress.take_commits().get("p")
        assert committed is None or all(committed <= open for open in under_way)
    assert progress.outstanding == 0

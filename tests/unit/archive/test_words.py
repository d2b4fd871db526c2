"""The words of a record, and what a search asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.archive.words import LONGEST, MOST_WORDS, BadSearch, Term, terms, words


def test_words_are_those_of_values_and_not_of_field_names() -> None:
    said = {"invoice": "INV-7", "amount": {"amount": "10.00", "currency": "EUR"}, "lines": [{"count": 3}], "paid": True}
    assert sorted(words([said])) == ["00", "10", "3", "7", "eur", "inv"]


def test_points_in_time_are_not_found_by_words() -> None:
    assert words(["2026-01-05T08:00:00Z", "2026-01-05"]) == ["2026", "01", "05"]


def test_case_and_accents_do_not_count() -> None:
    assert words(["Müller, ÉCOLE straße"]) == [term.word for term in terms("MULLER ecole STRASSE")]


def test_a_word_counts_once_and_no_more_than_so_many_count() -> None:
    assert words(["a b a"]) == ["a", "b"]
    assert len(words([[f"w{n}" for n in range(MOST_WORDS + 500)]])) == MOST_WORDS
    assert words(["x" * 500]) == ["x" * LONGEST]


def test_a_value_as_deep_as_it_likes_is_read() -> None:
    deep: object = "bottom"
    for _ in range(50_000):
        deep = [deep]
    assert words([deep]) == ["bottom"]


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ("acme", [Term("acme")]),
        ("INV-7 acme", [Term("inv"), Term("7"), Term("acme")]),
        ("acme -paid", [Term("acme"), Term("paid", without=True)]),
        ("INV-70*", [Term("inv"), Term("70", prefix=True)]),
        ('"acme & sons"', [Term("acme"), Term("sons")]),
        ("acme acme", [Term("acme")]),
        ("a OR b", [Term("a"), Term("or"), Term("b")]),
        ('unclosed "quote', [Term("unclosed"), Term("quote")]),
    ],
)
def test_a_search_asks_for_all_of_its_words(search: str, wanted: list[Term]) -> None:
    assert list(terms(search)) == wanted


@pytest.mark.parametrize("search", ["", "   ", "-paid", "*", '""', "!&|()"])
def test_a_search_without_a_word_is_refused(search: str) -> None:
    with pytest.raises(BadSearch, match="names no word"):
        terms(search)


@given(st.text())
def test_what_is_written_is_found_by_itself(text: str) -> None:
    """Whatever is in it: the words of a text and those of a search for it are made in one way."""
    written = words([f"a {text}"])
    assert {term.word for term in terms(f'"a {text.replace(chr(34), " ")}"')} <= set(written)
    assert all(word.isalnum() or "_" in word for word in written if word.isascii())

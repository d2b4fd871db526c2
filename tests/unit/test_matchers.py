"""Matchers say what Alertmanager's say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matchers import Matcher, matcher, matches_all, parse, parse_all

LABELS = {"department": "accounting", "severity": "error", "empty": "", "the room": "7 b", "größe": "5 m"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('department="accounting"', True),
        ("department=accounting", True),
        ('  department = "accounting" ', True),
        ('department="Accounting"', False),
        ('department!="it"', True),
        ('severity=~"error|critical"', True),
        ('severity=~"err"', False),
        ('severity=~"err.*"', True),
        ('severity!~"error|critical"', False),
        ('severity!~"info"', True),
        ('severity=~"(?i)ERROR"', True),
        ('missing=""', True),
        ("missing=", True),
        ('empty=""', True),
        ('missing!=""', False),
        ('missing=~".+"', False),
        ('missing!~".+"', True),
        ('missing=~".*"', True),
        ('"the room"="7 b"', True),
        ('"the room"=~"\\\\d .*"', True),
        ('größe="5 m"', True),
        ('"gr\\u00f6\\xc3\\x9fe"="5 m"', True),
        ("severity==x y", False),
    ],
)
def test_a_matcher_compares_one_label_whole_and_a_missing_one_as_empty(text: str, holds: bool) -> None:
    assert parse(text).matches(LABELS) is holds


def test_all_matchers_of_a_route_must_hold() -> None:
    assert matches_all(['department="accounting"', 'severity="error"'], LABELS)
    assert not matches_all(['department="accounting"', 'severity="info"'], LABELS)
    assert matches_all([], LABELS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'note="say \"yes\", {twice}\\"', 'say "yes", {twice}\\'),
        (r'note="two\nlines"', "two\nlines"),
        (r'note=~"\d+"', r"\d+"),
        (r"note=a\b", r"a\b"),
        ("note=a b", "a b"),
        ("note='x'", "'x'"),
    ],
)
def test_a_value_says_what_alertmanagers_older_syntax_reads(text: str, value: str) -> None:
    assert parse(text).value == value


@pytest.mark.parametrize(
    ("text", "matchers"),
    [
        ("", []),
        ("{}", []),
        ("a=b", ["a=b"]),
        ('{a="b",c!="d, e",}', ["a=b", 'c!="d, e"']),
        ("a=b, c=~d|e", ["a=b", "c=~d|e"]),
        ("a=b}", ["a=b"]),
        ('{"the room"=x,1st!~"y"}', ['"the room"=x', '1st!~"y"']),
    ],
)
def test_one_text_may_say_several(text: str, matchers: list[str]) -> None:
    assert parse_all(text) == tuple(parse(one) for one in matchers)


@pytest.mark.parametrize(
    "text",
    [
        *("", "severity", '="x"', 'a b="x"', 'severity="x', "a=b,c=d", "{a=b}", '"a"', '"a" "b"="c"', '""="x"'),
        *('"a\\q"="b"', '"a\\xff"="b"', '"a\\ud800"=b', "a=b,,c=d", '"a"=b"c"', "=,", '{"a"=b', "'a'=b", 'a="b"c"'),
    ],
)
def test_what_is_not_one_matcher_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_refusal_shows_how_to_write_it() -> None:
    with pytest.raises(ValueError, match='as in severity="critical"'):
        parse("severity")


@pytest.mark.parametrize("expression", ["(", "a(?=b)", r"(a)\1", "a**", "[z-a]", "a{1001}"])
def test_a_bad_regular_expression_is_refused_by_name(expression: str) -> None:
    with pytest.raises(ValueError, match=r"the regular expression '.*' is not valid: ."):
        parse(f'severity=~"{expression}"')


def test_an_expression_that_would_keep_python_busy_for_years_is_answered_at_once() -> None:
    began = time.perf_counter()
    assert not parse('a=~"(x+x+)+y"').matches({"a": "x" * 5000})
    assert time.perf_counter() - began < 1


def test_digits_and_words_are_those_of_ascii_as_in_re2() -> None:
    assert not parse(r'a=~"\\d"').matches({"a": "٣"})
    assert parse(r'a=~"\\pN"').matches({"a": "٣"})


names = st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable())


@given(names, st.sampled_from(["=", "!="]), st.text(max_size=12).filter(lambda text: "\x00" not in text))
def test_what_a_matcher_writes_says_the_same_when_it_is_read(name: str, operator: str, value: str) -> None:
    given = matcher(name, operator, value)
    assert parse(str(given)) == given == Matcher(name, operator, value)

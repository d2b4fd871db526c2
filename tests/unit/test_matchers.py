"""Matchers say what Alertmanager's say."""

import pytest

from processors.matchers import matches_all, parse

LABELS = {"department": "accounting", "severity": "error", "empty": ""}


@pytest.mark.parametrize(
    ("matcher", "holds"),
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
        ('missing=""', True),
        ("missing=", True),
        ('empty=""', True),
        ('missing!=""', False),
        ('missing=~".+"', False),
        ('missing!~".+"', True),
        ('missing=~".*"', True),
    ],
)
def test_a_matcher_compares_one_label_whole_and_a_missing_one_as_empty(matcher: str, holds: bool) -> None:
    assert parse(matcher).matches(LABELS) is holds


def test_all_matchers_of_a_route_must_hold() -> None:
    assert matches_all(['department="accounting"', 'severity="error"'], LABELS)
    assert not matches_all(['department="accounting"', 'severity="info"'], LABELS)
    assert matches_all([], LABELS)


def test_a_quoted_value_may_contain_anything() -> None:
    assert parse(r'note="say \"yes\", {twice}\\"').value == 'say "yes", {twice}\\'


@pytest.mark.parametrize("text", ["", "severity", '="x"', 'a b="x"', 'severity="x', "severity==x y", '1a="x"'])
def test_what_is_not_a_matcher_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='as in severity="critical"'):
        parse(text)


def test_a_bad_regular_expression_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"the regular expression '\(' is not valid"):
        parse('severity=~"("')

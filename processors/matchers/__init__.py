"""Matchers: Prometheus Alertmanager's conditions on labels, `severity=~"error|critical"`.

Syntax and meaning: https://prometheus.io/docs/alerting/latest/configuration/#matcher
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from processors.matchers import classic, utf8
from processors.matchers.matcher import Matcher, matcher

__all__ = ["Matcher", "MatcherText", "matcher", "matches_all", "parse", "parse_all"]


@lru_cache(maxsize=4096)
def parse(text: str) -> Matcher:
    """The one matcher that `text` says. Raises ValueError that says what to write instead."""
    found = parse_all(text)
    if len(found) != 1 or text.startswith("{") or text.endswith("}"):
        raise ValueError(f'{text!r} is not one matcher, as in severity="critical"')
    return found[0]


@lru_cache(maxsize=4096)
def parse_all(text: str) -> tuple[Matcher, ...]:
    """The matchers that `text` says, joined by commas, in braces or not. Raises ValueError.

    As Alertmanager does by default: what its older syntax understands is read by it, the rest as UTF-8 matchers.
    """
    try:
        return tuple(matcher(*part) for part in classic.parts(text))
    except ValueError as error:
        with suppress(ValueError):
            return tuple(matcher(*part) for part in utf8.parts(text))
        raise error


def matches_all(matchers: Iterable[str], labels: Mapping[str, str]) -> bool:
    return all(parse(matcher).matches(labels) for matcher in matchers)


def _valid(text: str) -> str:
    parse(text)
    return text


MatcherText = Annotated[str, AfterValidator(_valid)]
"""A matcher as the configuration writes it, checked when it is read."""

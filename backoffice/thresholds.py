"""What a rule's settings come to, in words: everywhere, and where an override says otherwise."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from processors.rule import Rule
from processors.settings import RuleSettings
from schemas.settings import Settings

EVERYWHERE = "everywhere else"


class Threshold(NamedTuple):
    """One setting of a rule, as it holds for some subjects."""

    setting: str
    where: str
    """The matchers of an override, or `EVERYWHERE`."""
    value: str
    meaning: str


def thresholds(rule: Rule, settings: Settings) -> Iterator[Threshold]:
    """Each setting that the rule reads: what it is, and what it is under each override that changes it."""
    overrides = settings.overrides if isinstance(settings, RuleSettings) else ()
    for name in rule.settings:
        usual, meaning = getattr(settings, name), type(settings).model_fields[name].description or ""
        yield Threshold(name, EVERYWHERE if overrides else "", in_words(usual), meaning)
        for override in overrides:
            if isinstance(settings, RuleSettings) and name in override.set:
                value = getattr(settings.with_overrides([override]), name)
                yield Threshold(name, ", ".join(override.matchers), in_words(value), "")


def in_one_line(rule: Rule, settings: Settings) -> str:
    """`payment_terms_days=30, or 14 where vendor_class="gold"; ...`"""
    said: dict[str, list[str]] = {}
    for threshold in thresholds(rule, settings):
        else_ = threshold.where in ("", EVERYWHERE)
        word = f"{threshold.setting}={threshold.value}" if else_ else f"{threshold.value} where {threshold.where}"
        said.setdefault(threshold.setting, []).append(word)
    return "; ".join(", or ".join(words) for words in said.values())


def in_words(value: Any) -> str:
    """A setting's value as a person writes it down; of a group only what is not as built in."""
    if isinstance(value, Settings):
        told = value.model_dump(mode="json", exclude_defaults=True)
        return ", ".join(f"{name}: {_plain(one)}" for name, one in told.items()) or "as built in"
    if hasattr(value, "model_dump"):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(in_words(one) for one in value) or "none"
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_told).replace('"', "")


def _told(value: Any) -> Any:
    """Of a group within a list or mapping only what is not as built in, as of any other."""
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, Settings) else str(value)

"""Settings of rules: a department's thresholds, and where they differ for some subjects, by label (decision 13)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from processors.matchers import MatcherText, matches_all, parse
from schemas.settings import Settings

MOST_COMBINATIONS = 10_000
"""Combinations of labels for which settings are kept worked out."""


class Override(Settings):
    """Settings that differ where some labels hold."""

    matchers: tuple[MatcherText, ...] = Field(min_length=1, examples=[['vendor_class="gold"']])
    """Conditions on the subject's labels, all of which must hold, in Alertmanager's syntax."""
    set: dict[str, Any] = Field(min_length=1, examples=[{"payment_terms_days": 14}])
    """What differs, by the settings' names. A group such as `calendar` may be given in part."""

    def holds_for(self, labels: Mapping[str, str]) -> bool:
        return matches_all(self.matchers, labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it looks at."""
        return tuple(parse(matcher).name for matcher in self.matchers)


class RuleSettings(Settings):
    """The settings of a department's rules. Its own class adds the thresholds."""

    overrides: tuple[Override, ...] = Field(default=(), max_length=50)
    """Settings that differ for some subjects, by label; where several say something, the last one counts."""

    @model_validator(mode="after")
    def _overrides_fit(self) -> Self:
        """Each must make sense by itself, and with each other one: two may match the same subject."""
        problems = [problem for i in range(len(self.overrides)) for problem in self._problems(i)]
        if problems:
            raise ValidationError.from_exception_data(type(self).__name__, problems)
        return self

    def _problems(self, i: int) -> Iterator[InitErrorDetails]:
        override, here = self.overrides[i], ("overrides", i, "set")
        if "overrides" in override.set:
            yield _problem(
                (*here, "overrides"), "value_error", "an override holds no overrides (write another one)", {}
            )
            return
        wrong = _errors(self, [override])
        yield from (_problem((*here, *loc), kind, message, given) for loc, kind, message, given in wrong)
        for other in () if wrong else self.overrides[:i]:
            if not _errors(self, [other]):
                both = ", ".join((*other.matchers, *override.matchers))
                for loc, _, message, given in _errors(self, [other, override]):
                    message = f"{message.removeprefix('Value error, ')} (for a subject with {both})"
                    yield _problem((*here, *loc), "value_error", message, given)

    def holding_for(self, labels: Mapping[str, str]) -> Self:
        """As they hold for a subject with these labels: these same ones where no override matches."""
        known = self._worked_out
        values = tuple(labels.get(name, "") for name in self.watched)
        found = known.get(values)
        if found is None:
            if len(known) >= MOST_COMBINATIONS:
                known.clear()
            found = known[values] = self.with_overrides([o for o in self.overrides if o.holds_for(labels)])
        return found

    @cached_property
    def watched(self) -> frozenset[str]:
        """The labels that overrides look at: without a change of one of them, the same settings hold."""
        return frozenset(name for override in self.overrides for name in override.labels)

    @cached_property
    def _worked_out(self) -> dict[tuple[str, ...], Self]:
        """The settings for those values of the labels watched that were met so far."""
        return {}

    def with_overrides(self, overrides: Iterable[Override]) -> Self:
        """With what these set, in turn; themselves without any.

        One that does not go with those before it is left out. Of each two, `_overrides_fit` has seen that they do.
        """
        values, now = _values(self), self
        for override in overrides:
            merged = _merged(type(self), values, override.set)
            try:
                now = type(self).model_validate(merged)
            except ValidationError:
                continue
            values = merged
        return now


Wrong = tuple[tuple[int | str, ...], str, str, Any]
"""A problem: its place, pydantic's type of it, what to say, and what was given."""


def _errors(settings: RuleSettings, overrides: Iterable[Override]) -> list[Wrong]:
    """What is wrong with these settings under these overrides."""
    values = _values(settings)
    for override in overrides:
        values = _merged(type(settings), values, override.set)
    try:
        type(settings).model_validate(values)
    except ValidationError as error:
        return [(e["loc"], e["type"], e["msg"], e["input"]) for e in error.errors(include_url=False)]
    return []


def _problem(place: tuple[int | str, ...], kind: str, message: str, given: Any) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(kind, message), loc=place, input=given)


def _values(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in type(settings).model_fields if name != "overrides"}


def _merged(model: type[Settings], values: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values with those given in their place; a group, which is settings itself, value by value."""
    merged = dict(values)
    for name, value in given.items():
        group = model.model_fields[name].annotation if name in model.model_fields else None
        if isinstance(group, type) and issubclass(group, Settings) and isinstance(value, Mapping):
            before = values[name]
            merged[name] = group.laid_over(_values(before) if isinstance(before, Settings) else before, value)
        else:
            merged[name] = value
    return merged

"""What Alertmanager's configuration file may say: https://prometheus.io/docs/alerting/latest/configuration/."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, field_validator

from backoffice.config.alertmanager.integrations import Email, GlobalChannels, Pagerduty, Slack, Webhook
from processors.alerting.settings import Duration, InhibitRule, NamedTimeIntervals, Route
from processors.matchers import Matcher, matcher, parse_all
from schemas.settings import Settings

_OPERATORS = ("=", "!=", "=~", "!~")
"""In Alertmanager's order."""


def _is_label(name: str) -> str:
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name):
        raise ValueError(f"invalid label name {name!r} (write such a name in matchers, in quotes)")
    return name


def _are_matchers(text: str) -> str:
    parse_all(text)
    return text


def _is_expression(text: str) -> str:
    matcher("label", "=~", text)
    return text


Label = Annotated[str, AfterValidator(_is_label)]
Matchers = Annotated[tuple[Annotated[str, AfterValidator(_are_matchers)], ...], Field(default=())]
"""Texts of one or several matchers each."""
Equals = dict[Label, str]
"""Labels and their values, the older way to write matchers."""
Expressions = dict[Label, Annotated[str, AfterValidator(_is_expression)]]
"""Labels and regular expressions, likewise."""


class Global(GlobalChannels):
    """Settings for the whole file, and for every receiver that does not say otherwise."""

    resolve_timeout: Duration = timedelta(minutes=5)
    """After which an alert posted without an end counts as ended."""


class FileRoute(Settings):
    """A node of the route tree."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    match: Equals = Field(default={})
    match_re: Expressions = Field(default={})
    matchers: Matchers
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    continue_: bool = Field(default=False, alias="continue")
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    routes: tuple["FileRoute", ...] = ()

    @field_validator("group_interval", "repeat_interval")
    @classmethod
    def _longer_than_nothing(cls, value: timedelta | None) -> timedelta | None:
        if value == timedelta():
            raise ValueError("cannot be zero (leave it out to have the parent's)")
        return value

    def ours(self) -> dict[str, Any]:
        """The route in our syntax. An empty `group_by` counts as none, as it does in Alertmanager."""
        said = self.model_dump(exclude={"match", "match_re", "matchers", "routes"}, exclude_unset=True, by_alias=True)
        said = {name: value for name, value in said.items() if name not in ("receiver", "group_by") or value}
        if found := written(self.match, self.match_re, self.matchers):
            said["matchers"] = found
        if self.routes:
            said["routes"] = [route.ours() for route in self.routes]
        return said


class FileInhibitRule(Settings):
    """While a source alert fires, target alerts with equal labels tell nobody."""

    name: str = ""
    source_match: Equals = Field(default={})
    source_match_re: Expressions = Field(default={})
    source_matchers: Matchers
    target_match: Equals = Field(default={})
    target_match_re: Expressions = Field(default={})
    target_matchers: Matchers
    equal: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    def ours(self) -> InhibitRule:
        return InhibitRule(
            source_matchers=written(self.source_match, self.source_match_re, self.source_matchers),
            target_matchers=written(self.target_match, self.target_match_re, self.target_matchers),
            equal=self.equal,
        )


class FileReceiver(Settings):
    """Somebody who can be told, and how. With nothing more than a name: nobody."""

    name: str = Field(min_length=1)
    webhook_configs: tuple[Webhook, ...] = ()
    email_configs: tuple[Email, ...] = ()
    pagerduty_configs: tuple[Pagerduty, ...] = ()
    slack_configs: tuple[Slack, ...] = ()


class AlertmanagerFile(Settings):
    """The whole file, as written."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    global_: Global = Field(default=Global(), alias="global")
    route: FileRoute
    inhibit_rules: tuple[FileInhibitRule, ...] = ()
    receivers: tuple[FileReceiver, ...] = ()
    time_intervals: tuple[NamedTimeIntervals, ...] = ()
    mute_time_intervals: tuple[NamedTimeIntervals, ...] = ()
    """The older name of `time_intervals`."""

    def our_route(self) -> Route:
        return Route.model_validate(self.route.ours())

    def our_intervals(self) -> tuple[NamedTimeIntervals, ...]:
        return (*self.time_intervals, *self.mute_time_intervals)


def written(equals: Mapping[str, str], expressions: Mapping[str, str], texts: Iterable[str]) -> tuple[str, ...]:
    """All matchers of a route or of a rule's side as Alertmanager writes and sorts them."""
    return tuple(str(one) for one in sorted(_all(equals, expressions, texts), key=_order))


def _all(equals: Mapping[str, str], expressions: Mapping[str, str], texts: Iterable[str]) -> Iterator[Matcher]:
    for label, value in equals.items():
        yield matcher(label, "=", value)
    for label, expression in expressions.items():
        yield matcher(label, "=~", f"^(?:{expression})$")
    for text in texts:
        yield from parse_all(text)


def _order(one: Matcher) -> tuple[str, str, int]:
    return one.name, one.value, _OPERATORS.index(one.operator)

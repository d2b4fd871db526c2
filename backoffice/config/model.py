"""What the configuration file may say. Everything has a default: no file at all is a useful configuration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from consumers.api.settings import ApiSettings
from consumers.archive.settings import ArchiveSettings
from consumers.console.settings import ConsoleSettings
from consumers.lookup.settings import LookUpSettings
from consumers.notify.channels.config import ChannelConfig, TerminalChannel
from consumers.notify.settings import ActionLinkSettings, DeliverySettings, QuietHours, RateLimit
from consumers.reports.settings import ReportsSettings
from processors.alerting.settings import (
    AlertingSettings,
    Duration,
    EscalationPolicy,
    InhibitRule,
    NamedTimeIntervals,
    PriorityRule,
    Receiver,
    Route,
    Schedule,
    User,
)
from processors.calendar import CalendarSettings
from schemas.settings import Settings

if TYPE_CHECKING:
    from backoffice.config.alertmanager import Alertmanager

SpaceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
"""A topic prefix: lower-case letters, digits and hyphens."""

Servers = Annotated[str, StringConstraints(pattern=r"^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$")]


_ON_CALL = ("users", "schedules", "priorities")
_RETENTIONS = ("link_retention_days", "resolved_retention_days", "silence_retention_days", "override_retention_days")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


class BrokerConfiguration(Settings):
    """Which Kafka to use."""

    bootstrap_servers: Servers | None = Field(default=None, examples=["localhost:9092"])
    """`host:port`, several joined by commas. Without it, a broker is found or started."""
    replication: int | None = Field(default=None, ge=1, le=15)
    """Copies of each new topic. Without it, 3 where the cluster has 3 brokers, up or down, and 1 otherwise."""


class ReceiverConfiguration(Receiver):
    """Somebody who can be told, and how."""

    channels: tuple[ChannelConfig, ...] = Field(default=(TerminalChannel(),), min_length=1)
    """All of them are used for each notice; one that takes it is enough."""
    fallback: tuple[ChannelConfig, ...] = ()
    """Tried in order when none of the channels took a notice; the first that takes it is enough."""
    rate_limit: RateLimit | None = None
    """How many notices come in a time. What is over it waits, and then comes as one."""
    quiet_hours: QuietHours | None = None
    """When only urgent notices come."""

    def as_routed(self) -> Receiver:
        """What alerting knows of them: told of ends where any of their channels is."""
        ways = (*self.channels, *self.fallback)
        told = self.send_resolved and any(channel.send_resolved for channel in ways)
        return Receiver(name=self.name, escalation=self.escalation, send_resolved=told)


class AlertingConfiguration(Settings):
    """Who is told of what. What is not given is as built in."""

    alertmanager: str | None = Field(default=None, min_length=1, examples=["alertmanager.yml"])
    """A Prometheus Alertmanager's configuration file, beside this one unless absolute. Route tree, inhibition, time
    intervals and receivers are as it says. What it cannot say is said here, for a receiver under its name."""
    route: Route | None = None
    """The route tree. Giving one replaces the built-in tree, receivers and policies."""
    receivers: tuple[ReceiverConfiguration, ...] = ()
    """Everybody the route tree or a policy names; without a `route`, more or other than the built-in ones."""
    escalation_policies: tuple[EscalationPolicy, ...] = ()
    """How unacknowledged alerts climb; without a `route`, more or other than the built-in ones."""
    users: tuple[User, ...] = ()
    """People who can be on duty; each is reached as the receiver of the same name."""
    schedules: tuple[Schedule, ...] = ()
    """Who is on duty when; policies may name them as they name receivers."""
    priorities: tuple[PriorityRule, ...] | None = None
    """How urgent an alert is: the first rule that holds says it. Giving some replaces the built-in ones."""
    override_retention_days: int | None = Field(default=None, ge=1)
    """Days for which an override given by command, and a leave, is remembered after its end."""
    inhibit_rules: tuple[InhibitRule, ...] = ()
    """Which alerts make which others needless while they fire."""
    time_intervals: tuple[NamedTimeIntervals, ...] = ()
    """Times that routes and quiet hours may name."""
    resolve_timeout: Duration | None = None
    """After which an alert posted without an end counts as ended; 5m by default."""
    templates: str | None = Field(default=None, min_length=1, examples=["templates"])
    """A folder with Jinja2 templates that stand in for the program's own, beside this file unless absolute: `title.j2`,
    `text.j2`, `mail.html.j2`, `chat.j2` and `summary.j2`, each if there is one. A channel's own come first."""
    delivery: DeliverySettings = DeliverySettings()
    """How hard the notifier tries."""
    action_links: ActionLinkSettings | None = None
    """Links in mails and chats by which a reader acknowledges, snoozes or resolves; without it there are none."""
    silence_retention_days: int | None = Field(default=None, ge=1)
    """Days for which an expired silence is remembered."""
    link_retention_days: int | None = Field(default=None, ge=1)
    """Days after which a link that explains nothing any more is forgotten."""
    resolved_retention_days: int | None = Field(default=None, ge=1)
    """Days for which a resolved alert is remembered."""

    @model_validator(mode="after")
    def _routes_once(self) -> Self:
        twice = [name for name in _IN_THE_OTHER_FILE if name in self.model_fields_set]
        if self.alertmanager is not None and twice:
            raise ValueError(f"{self.alertmanager} says {' and '.join(twice)} (remove it here, or remove alertmanager)")
        return self

    def with_alertmanager(self, file: "Alertmanager") -> "AlertingConfiguration":
        """With what an Alertmanager's file says. Of a receiver in both, what is said here counts."""
        theirs = {receiver.name: receiver for receiver in file.receivers}
        ours = tuple(_laid_over(theirs.pop(receiver.name, None), receiver) for receiver in self.receivers)
        changes: dict[str, Any] = {name: getattr(file, name) for name in _IN_THE_OTHER_FILE}
        changes["receivers"] = (*ours, *theirs.values())
        changes["time_intervals"] = (*self.time_intervals, *file.time_intervals)
        return self.model_copy(update=changes)

    def all_receivers(self) -> tuple[ReceiverConfiguration, ...]:
        """Those given here, over the built-in ones where the route tree is built in."""
        built_in = () if self.route else AlertingSettings().receivers
        return _overlaid([ReceiverConfiguration(name=receiver.name) for receiver in built_in], self.receivers)

    def settings(self, calendar: CalendarSettings | None = None) -> AlertingSettings:
        """The part that alerting's step reads. Only what differs from the defaults counts as set.

        `calendar`: the organisation's.
        """
        given: dict[str, Any] = {"route": self.route} if self.route else {}
        if self.route or self.receivers:
            given["receivers"] = [receiver.as_routed() for receiver in self.all_receivers()]
        if self.route or self.escalation_policies:
            built_in = () if self.route else AlertingSettings().escalation_policies
            given["escalation_policies"] = _overlaid(built_in, self.escalation_policies)
        for name in ("inhibit_rules", "time_intervals"):
            if value := getattr(self, name):
                given[name] = value
        for name in (
            *_ON_CALL,
            "resolve_timeout",
            *_RETENTIONS,
        ):
            if (value := getattr(self, name)) not in (None, ()):
                given[name] = value
        if calendar is not None and calendar != CalendarSettings():
            given["calendar"] = calendar
        return AlertingSettings(**given)


_IN_THE_OTHER_FILE = ("route", "inhibit_rules", "resolve_timeout")
"""What is said by an Alertmanager's file, where there is one, and then not here."""


class ConfigurationFile(Settings):
    """The file's top level, as written."""

    space: SpaceName = "backoffice"
    """The space to work in, which is the prefix of its topics."""
    broker: BrokerConfiguration = BrokerConfiguration()
    """Which Kafka to use."""
    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works. A department's own calendar may differ, field by field."""
    rules: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it
    """Each department's settings by the department's name; what they may be, the department says."""
    alerting: AlertingConfiguration = AlertingConfiguration()
    """Who is told of what."""
    api: ApiSettings = ApiSettings()
    """The HTTP API."""
    archive: ArchiveSettings = ArchiveSettings()
    """History in SQL."""
    lookup: LookUpSettings = LookUpSettings()
    """Who sees which private fields."""
    reports: ReportsSettings = ReportsSettings()
    """Reports by mail."""
    console: ConsoleSettings = ConsoleSettings()
    """Who may use the web console, which is served with the API."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole configuration, checked."""

    space: str = "backoffice"
    broker: BrokerConfiguration = field(default_factory=BrokerConfiguration)
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    """The organisation's. Those of departments are in their settings, whole."""
    rules: Mapping[str, Settings] = field(default_factory=dict)
    """The settings of every department (and of correlation): the file's, else its defaults."""
    alerting: AlertingConfiguration = field(default_factory=AlertingConfiguration)
    api: ApiSettings = field(default_factory=ApiSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    lookup: LookUpSettings = field(default_factory=LookUpSettings)
    reports: ReportsSettings = field(default_factory=ReportsSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    path: Path | None = None
    """The file this was read from; None: there is none."""

    @property
    def folder(self) -> Path:
        """Where files that the configuration names are, unless their path is absolute."""
        return self.path.parent if self.path else Path()

    def settings(self) -> dict[str, Settings]:
        """The settings of every processor, by name. Those of whom the file says nothing are told so: it resets them."""
        return {**self.rules, "alerting": self.alerting.settings(self.calendar)}

    def channels(self) -> dict[str, tuple[ChannelConfig, ...]]:
        """How each receiver is reached."""
        return {receiver.name: receiver.channels for receiver in self.alerting.all_receivers()}


def _laid_over(base: ReceiverConfiguration | None, over: ReceiverConfiguration) -> ReceiverConfiguration:
    return base.model_copy(update={name: getattr(over, name) for name in over.model_fields_set}) if base else over


def _overlaid(base: Iterable[N], over: Iterable[N]) -> tuple[N, ...]:
    """By name: what is in both is as the second says."""
    by_name: dict[str, N] = {one.name: one for one in (*base, *over)}
    return tuple(by_name.values())

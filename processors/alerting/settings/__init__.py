"""What alerting may be told: route tree, receivers, noise, policies. No channel, no secret."""

from datetime import timedelta

from pydantic import Field

from processors.alerting import defaults
from processors.alerting.settings.climbing import EscalationPolicy, EscalationStep
from processors.alerting.settings.names import Duration, Name
from processors.alerting.settings.noise import InhibitRule, NamedTimeIntervals, TimeInterval, TimeRange
from processors.alerting.settings.oncall import Layer, PlannedOverride, Restriction, Schedule, User
from processors.alerting.settings.routes import Receiver, Route
from processors.alerting.settings.urgency import Priority, PriorityRule, by_severity
from processors.calendar import CalendarSettings
from schemas.settings import Settings

__all__ = [
    "AlertingSettings",
    "Duration",
    "EscalationPolicy",
    "EscalationStep",
    "InhibitRule",
    "Layer",
    "Name",
    "NamedTimeIntervals",
    "PlannedOverride",
    "Priority",
    "PriorityRule",
    "Receiver",
    "Restriction",
    "Route",
    "Schedule",
    "TimeInterval",
    "TimeRange",
    "User",
]


class AlertingSettings(Settings):
    """The part of the configuration's `alerting:` that rules read."""

    route: Route = Field(default_factory=lambda: Route.model_validate(defaults.route()))
    """The root of the route tree."""
    receivers: tuple[Receiver, ...] = Field(
        default_factory=lambda: tuple(Receiver(name=name) for name in defaults.receivers())
    )
    """Everybody a route or a policy may name."""
    escalation_policies: tuple[EscalationPolicy, ...] = Field(
        default_factory=lambda: tuple(EscalationPolicy.model_validate(p) for p in defaults.escalation_policies())
    )
    """How alerts climb."""
    users: tuple[User, ...] = ()
    """People who can be on duty."""
    schedules: tuple[Schedule, ...] = ()
    """Who is on duty when."""
    priorities: tuple[PriorityRule, ...] = Field(
        default_factory=lambda: tuple(PriorityRule.model_validate(rule) for rule in by_severity())
    )
    """How urgent an alert is: the first rule that holds says it; P5 when none does."""
    calendar: CalendarSettings = CalendarSettings()
    """When the organisation works: business hours of priorities, time zone and holidays of schedules."""
    inhibit_rules: tuple[InhibitRule, ...] = ()
    """Which alerts make which others needless while they fire."""
    time_intervals: tuple[NamedTimeIntervals, ...] = ()
    """Times that routes may name."""
    resolve_timeout: Duration = timedelta(minutes=5)
    """After which an alert posted without an end counts as ended, unless it is posted again."""
    link_retention_days: int = Field(default=90, ge=1)
    """Days after which a link that explains nothing any more is forgotten."""
    resolved_retention_days: int = Field(default=7, ge=1)
    """Days for which a resolved alert is remembered, to place late delivery outcomes."""
    silence_retention_days: int = Field(default=5, ge=1)
    """Days for which an expired silence is remembered."""
    override_retention_days: int = Field(default=90, ge=1)
    """Days for which an override given by command, and a leave, is remembered after its end."""

    def policy(self, name: str) -> EscalationPolicy | None:
        return next((policy for policy in self.escalation_policies if policy.name == name), None)

    def receiver(self, name: str) -> Receiver | None:
        return next((receiver for receiver in self.receivers if receiver.name == name), None)

    def schedule(self, name: str) -> Schedule | None:
        return next((schedule for schedule in self.schedules if schedule.name == name), None)

    def user(self, name: str) -> User | None:
        return next((user for user in self.users if user.name == name), None)

"""What alerting may be told: the route tree, whom it names, and how alerts climb. No channel, no secret."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from processors.alerting import defaults
from processors.matchers import MatcherText
from schemas.settings import Settings

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A receiver's or policy's name. It becomes part of a Kafka key (`receiver/<name>`) and of file names."""


class Route(Settings):
    """One node of the route tree, in Alertmanager's syntax.

    The root takes every alert. The first child whose matchers all hold takes it from its parent, and
    later ones only get a look at it when that child says `continue`. What a route does not say, it
    inherits from its parent.
    """

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    receiver: Name | None = None
    """Who is told first; the parent's when not given."""
    matchers: tuple[MatcherText, ...] = ()
    """Conditions on labels, all of which must hold, such as `department="hr"`."""
    continue_: bool = Field(default=False, alias="continue")
    """True: later routes beside this one may match as well."""
    escalation: Name | None = None
    """The policy by which unacknowledged alerts climb; the parent's when not given, else the receiver's. `none`: they
    do not climb."""
    routes: tuple["Route", ...] = ()
    """Children, tried in order."""


class Receiver(Settings):
    """Somebody who can be told. How they are reached is the notifier's business."""

    name: Name = Field(examples=["accounting-clerk"])
    """Their name."""
    escalation: Name | None = None
    """The policy for what they do not acknowledge, where no route says anything of it."""


class EscalationStep(Settings):
    """Who is told next, and how long the ones before them have."""

    targets: tuple[Name, ...] = Field(min_length=1, examples=[["accounting-manager"]])
    """Receivers to tell, all at once."""
    delay_minutes: int = Field(ge=1, le=9000, examples=[15])
    """Minutes without acknowledgement, since those before were told, after which these targets are."""


class EscalationPolicy(Settings):
    """How an alert climbs while nobody acknowledges it (GoAlert's and PagerDuty's model)."""

    name: Name = Field(examples=["accounting"])
    """Its name, for routes and receivers to refer to."""
    steps: tuple[EscalationStep, ...] = Field(
        min_length=1, examples=[[{"targets": ["accounting-manager"], "delay_minutes": 15}]]
    )
    """The steps, in order."""
    repeat: int = Field(default=0, ge=0, le=5)
    """How many times to go through the steps again after the last."""

    @field_validator("name")
    @classmethod
    def _is_a_policy(cls, name: str) -> str:
        if name == defaults.NO_ESCALATION:
            raise ValueError(f"{name!r} stands for no policy at all; give this one another name")
        return name

    def step(self, position: int) -> EscalationStep | None:
        """The step at a position that counts on over repeats, from 1; None when the policy is at its end."""
        if not 1 <= position <= len(self.steps) * (self.repeat + 1):
            return None
        return self.steps[(position - 1) % len(self.steps)]

    def step_number(self, position: int) -> int:
        """Which of the steps a position is, from 1; 0 before the first."""
        return (position - 1) % len(self.steps) + 1 if position else 0


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
    link_retention_days: int = Field(default=90, ge=1)
    """Days after which a link that explains nothing any more is forgotten."""
    resolved_retention_days: int = Field(default=7, ge=1)
    """Days for which a resolved alert is remembered, to place late delivery outcomes."""

    def policy(self, name: str) -> EscalationPolicy | None:
        return next((policy for policy in self.escalation_policies if policy.name == name), None)

    def receiver(self, name: str) -> Receiver | None:
        return next((receiver for receiver in self.receivers if receiver.name == name), None)

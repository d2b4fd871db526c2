"""Escalation policies: how alerts climb while nobody acknowledges them."""

from pydantic import Field, field_validator

from processors.alerting import defaults
from processors.alerting.settings.names import Name, ReceiverName
from schemas.settings import Settings


class EscalationStep(Settings):
    """Who is told next, and how long the ones before them have."""

    targets: tuple[ReceiverName, ...] = Field(min_length=1, examples=[["accounting-manager"]])
    """Receivers to tell, or schedules whose people on call are told, all at once."""
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

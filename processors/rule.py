"""A rule: its name, severity and what the manual says of it."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a department, as the rule reference prints it.

    `distinguish` names the labels that tell two alerts of this rule on one subject apart
    (the invoice's number, say); severity never does, so that an alert that gets worse keeps its acknowledgement.
    `settings` names the department's settings that the rule reads: its alerts carry their values.
    """

    name: str
    severity: Severity
    fires: str
    resolves: str
    distinguish: tuple[str, ...] = ()
    version: int = 1
    settings: tuple[str, ...] = ()

    @property
    def department(self) -> str:
        return self.name.partition(".")[0]

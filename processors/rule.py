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

    An alert can be derived again from the records it names as evidence, and from no fewer. Where it compares with what
    may be hundreds of records, that cannot be: `measure` says what the figure is taken from. Such an alert carries the
    figure in the annotation `measured` and names the records that tipped it (docs/decisions/0023).
    """

    name: str
    severity: Severity
    fires: str
    resolves: str
    distinguish: tuple[str, ...] = ()
    version: int = 1
    settings: tuple[str, ...] = ()
    measure: str = ""

    @property
    def department(self) -> str:
        return self.name.partition(".")[0]

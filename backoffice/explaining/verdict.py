"""What comes of deriving an alert again, in words and as an exit code."""

from dataclasses import dataclass

from backoffice.explaining.case import Case
from schemas.envelope import Evidence

DIFFERENT = 1
"""Exit code when not even everything that was heard of the subject gives the alert."""

PARTLY = 3
"""Exit code when the alert needs more than the evidence it names, or not all of that."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`from_evidence` None: the alert rests on a figure (`measured`), which its evidence alone does not give."""

    from_history: bool
    from_evidence: bool | None
    measured: str | None
    needless: tuple[Evidence, ...]

    @property
    def code(self) -> int:
        if not self.from_history:
            return DIFFERENT
        return PARTLY if self.from_evidence is False or self.needless else 0


def judge(case: Case) -> Verdict:
    """Derives it again in each way. What the log does not give at all is not looked at further."""
    if not case.from_history():
        return Verdict(False, False, case.measured, ())
    alone = None if case.measured is not None else case.from_evidence()
    needless = () if alone is False else tuple(case.needless())
    return Verdict(True, alone, case.measured, needless)

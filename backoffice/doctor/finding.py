"""What a look at one thing gives: that it is well, or what is wrong and how it is mended."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, but something is not as it should be, or will stop working."""
    ERROR = "error"
    """Something does not work."""
    SKIPPED = "skipped"
    """It could not be looked at, because of something else that is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`mend` says what somebody can do about it; empty where nothing is wrong."""

    severity: Severity
    what: str
    mend: str = ""


def well(what: str) -> Finding:
    return Finding(Severity.OK, what)


def warning(what: str, mend: str) -> Finding:
    return Finding(Severity.WARNING, what, mend)


def error(what: str, mend: str) -> Finding:
    return Finding(Severity.ERROR, what, mend)

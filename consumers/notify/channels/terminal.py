"""The terminal channel: one line per notice on standard output."""

from typing import IO

from rich.console import Console
from rich.text import Text

from consumers.notify.channels.base import Final
from schemas.notices import Notice

STYLES = {"critical": "bold white on red", "error": "bold red", "warning": "yellow", "info": "cyan"}


class TerminalOutput:
    """Writes to a file; by default to standard output, in colour where that is a terminal."""

    kind = "terminal"
    per_group = False

    def __init__(self, file: IO[str] | None = None) -> None:
        self._console = _Console(file=file, soft_wrap=True, highlight=False)

    def deliver(self, notice: Notice) -> None:
        """Raises Final when nobody reads standard output any more."""
        try:
            self._console.print(line(notice))
        except OSError as error:
            raise Final(f"standard output cannot be written: {error}") from error

    def close(self) -> None:
        """Standard output is not ours to close."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the program; whether a notice failed is for us to say."""
        raise


def line(notice: Notice) -> Text:
    """`2026-01-05 08:00:00Z  CRITICAL  it-manager  vpn is down  (first notification, alert 0ad9...)`."""
    severity = notice.severity
    firing = notice.status == "firing"
    state, style = (severity.upper(), STYLES.get(severity, "")) if firing else ("RESOLVED", "green")
    return Text.assemble(
        (f"{notice.about.time:%Y-%m-%d %H:%M:%SZ}", "dim"),
        "  ",
        (f"{state:<8}", style),
        "  ",
        (notice.receiver, "bold"),
        "  ",
        printable(notice.summary),
        (f"  ({notice.reason}, {_about(notice)})", "dim"),
    )


def _about(notice: Notice) -> str:
    first, *others = notice.fingerprints
    more = len(others) + notice.truncated
    return f"alert {first} and {more} more" if more else f"alert {first}"


def printable(text: str) -> str:
    """Without characters that move a terminal's cursor or change its colours: summaries come from outside."""
    return "".join(c if c.isprintable() else "�" for c in text)

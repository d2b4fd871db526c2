"""What is known about a broker, and how having none is said."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["external", "container", "embedded"]
Report = Callable[[str], None]
"""Takes one line about what is being done, for the person who waits."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that answers, or that did when it was started.

    `pid` is an embedded broker's process and `pid_created` its start in seconds since the epoch, as a pid
    alone may have passed to another program; `engine` and `container` say the same of a container.
    `data` is a directory or the name of the container's volume; an external broker's is not ours to know.
    """

    bootstrap_servers: str
    kind: Kind
    started_here: bool
    pid: int | None = None
    pid_created: float | None = None
    engine: str | None = None
    container: str | None = None
    data: str | None = None
    logs: Path | None = None

    @property
    def where(self) -> str:
        """Where it runs, for people."""
        match self.kind:
            case "embedded":
                return f"process {self.pid}"
            case "container":
                return f"{self.engine} container {self.container}"
            case "external":
                return "elsewhere (BACKOFFICE_BOOTSTRAP_SERVERS)"


class BrokerError(Exception):
    """The broker could not be started, reached or stopped; the message says why and what to do."""


class LegUnavailable(BrokerError):
    """One way to a broker is not open on this machine; another may be."""


class NoBrokerAvailable(BrokerError):
    """No way to a broker is open on this machine. `reasons` says why, way by way."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(
            "No Kafka broker can be had on this machine.\n"
            + "".join(f"  - {reason}\n" for reason in reasons)
            + "Any one of these helps:\n"
            "  1. set BACKOFFICE_BOOTSTRAP_SERVERS=host:port to use a broker that already runs;\n"
            "  2. start a container engine (Docker or Podman);\n"
            "  3. install Java 17 or newer and Maven."
        )
